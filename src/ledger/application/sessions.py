"""Functions on sessions."""

import json
from typing import Any, Final

from ledger.application.functions import Mutation, Query, Reading
from ledger.application.pages import Cursor, Pages, page
from ledger.domain import sessions
from ledger.domain.refusals import SessionExists
from ledger.domain.sessions import Session, SessionCommand, Status
from ledger.domain.values import Frozen, Name
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import sessions as view


def session_of(stream: Stream) -> Session | None:
    """The session whose stream this is, from the log."""
    return stream.state_of(sessions.ENTITY, sessions.evolve)


def _decide(command: SessionCommand, stream: Stream, vocabulary: Vocabulary) -> Decision:
    return Decision(sessions.decide(command, session_of(stream), vocabulary), lambda _: "null")


def _start(command: sessions.StartSession, stream: Stream, vocabulary: Vocabulary) -> Decision:
    if stream.sequence:
        raise SessionExists(stream.partition)
    return Decision(sessions.decide(command, None, vocabulary), lambda _: json.dumps(stream.partition))


class GetSession(Frozen):
    session_id: Name


class GetActiveSession(Frozen):
    session_type: Name | None = None


class ListSessions(Pages):
    status: Status | None = None
    session_type: Name | None = None
    project_slug: Name | None = None


def _get(asked: GetSession, reading: Reading) -> str:
    return view.get(reading.views, asked.session_id) or "null"


def _get_active(asked: GetActiveSession, reading: Reading) -> str:
    return view.get_active(reading.views, asked.session_type) or "null"


def _place(place: tuple[Any, ...] | None) -> view.SessionPlace | None:
    return (float(place[0]), place[1], place[2]) if place else None


def _list(asked: ListSessions, reading: Reading) -> str:
    filters = [asked.status, asked.session_type, asked.project_slug]
    cursor = Cursor.of(
        asked, reading.log.epochs, scope="sessions", filters=filters, parts=3, grows_up=False, is_live=reading.is_live
    )
    found = view.list_newest(
        reading.views,
        limit=cursor.wanted(asked.count),
        before=_place(cursor.place),
        down_to=_place(cursor.until),
        status=asked.status,
        session_type=asked.session_type,
        project_slug=asked.project_slug,
    )
    return page(found, asked.count, cursor)


FUNCTIONS: Final = (
    Mutation(
        "production:startProductionSession",
        "/production/session/start",
        sessions.StartSession,
        "id",
        _start,
        None,
        "Records a new session and answers its Id.",
        scope="write:sessions",
    ),
    Mutation(
        "production:updateProductionSession",
        "/production/session/update",
        sessions.UpdateSession,
        "null",
        _decide,
        lambda command: command.session_id,
        "Patches a session: given fields change, those named in `unset` are cleared, a status moves as the contract allows.",
        scope="write:sessions",
    ),
    Mutation(
        "production:completeProductionSession",
        "/production/session/complete",
        sessions.CompleteSession,
        "null",
        _decide,
        lambda command: command.session_id,
        "Ends a session as complete or cancelled. Repeating it answers as before.",
        scope="write:sessions",
    ),
    Mutation(
        "production:reopenProductionSession",
        "/production/session/reopen",
        sessions.ReopenSession,
        "null",
        _decide,
        lambda command: command.session_id,
        "Takes an ended session back to paused, and keeps why.",
        scope="write:sessions",
    ),
    Query(
        "production:getProductionSession",
        "/production/session",
        GetSession,
        _get,
        lambda asked: asked.session_id,
        "The session, or null.",
        "Session",
        scope="read",
        views=frozenset({"sessions"}),
        is_brief=True,
    ),
    Query(
        "production:getActiveProductionSession",
        "/production/session/active",
        GetActiveSession,
        _get_active,
        None,
        "The latest session that is neither complete nor cancelled, or null.",
        "Session",
        scope="read",
        views=frozenset({"sessions"}),
        is_brief=True,
    ),
    Query(
        "production:listProductionSessions",
        "/production/sessions",
        ListSessions,
        _list,
        None,
        "Sessions, newest first, a page at a time.",
        "SessionPage",
        scope="read",
        views=frozenset({"sessions"}),
    ),
)
