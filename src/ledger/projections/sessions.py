"""The sessions view: one row a session, as it stands."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    Index,
    ScalarSelect,
    Select,
    Table,
    bindparam,
    select,
    tuple_,
)

from ledger.domain import sessions
from ledger.domain.sessions import Session
from ledger.log.answers import enough
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.log.direct import Direct
from ledger.projections.projection import METADATA, OF_PLACE, Batch, Kinds, documents, documents_by_key

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("number", BIG, primary_key=True, autoincrement=False, info={OF_PLACE: True}),
    Column("id", TEXT, nullable=False, unique=True),
    Column("session_type", TEXT, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("has_ended", Boolean, nullable=False),
    Column("project_slug", TEXT),
    Column("started_at", Double, nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("document", TEXT, nullable=False),
)
_c = SESSIONS.c
_newest = (_c.started_at, _c.created_at, _c.number)
Index("sessions_by_start", *_newest)
Index("sessions_by_status", _c.status, *_newest)
Index("sessions_by_type", _c.session_type, *_newest)
Index("sessions_by_project", _c.project_slug, *_newest)
Index("sessions_open", _c.has_ended, *_newest)
Index("sessions_open_by_type", _c.has_ended, _c.session_type, *_newest)


class SessionsProjection:
    name: ClassVar[str] = "sessions"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = sessions.EVENTS

    def apply(self, batch: Batch, rows: Connection) -> None:
        changes = [entry for entry, _ in batch.of(*sessions.EVENTS)]
        if not changes:
            return
        known = documents_by_key(rows, SESSIONS, ["id"], ((entry.partition,) for entry in changes))
        states = {session_id: Session.from_json(document) for (session_id,), document in known.items()}
        for entry in changes:
            states[entry.partition] = sessions.evolve(states.get(entry.partition), entry)
        insert_rows(
            rows,
            SESSIONS,
            [
                (
                    batch.numbers[session.id],
                    session.id,
                    session.session_type,
                    session.status,
                    session.has_ended,
                    session.project_slug,
                    session.started_at,
                    session.created_at,
                    session.to_json(),
                )
                for session in states.values()
            ],
            replacing=("number",),
        )


def number_of(session_id: str) -> ScalarSelect[int]:
    """The number that the other views know a session by, for use in their questions."""
    return select(_c.number).where(_c.id == session_id).scalar_subquery()


def numbers_of(connection: Connection, session_ids: Iterable[str]) -> dict[str, int]:
    """The numbers of those of the given sessions that the view has."""
    found = connection.execute(select(_c.id, _c.number).where(_c.id.in_(list(session_ids))))
    return {row.id: row.number for row in found}


_DOCUMENT: Final = Direct(select(_c.document).where(_c.id == bindparam("id")))


def get(connection: Connection, session_id: str) -> str | None:
    """The session's document."""
    found = _DOCUMENT.rows(connection, id=session_id)
    return found[0][0] if found else None


def get_active(connection: Connection, session_type: str | None) -> str | None:
    """The latest session that has not ended, by its start, then in recorded order."""
    found = documents(connection, active_question(session_type))
    return found[0] if found else None


def active_question(session_type: str | None) -> Select[Any]:
    question = select(_c.document).where(_c.has_ended.is_(False))
    if session_type is not None:
        question = question.where(_c.session_type == session_type)
    return question.order_by(*(column.desc() for column in _newest)).limit(1)


SessionPlace = tuple[float, int, int]
"""Where a session stands in the list: its start, its recorded time and its number."""


def list_newest(
    connection: Connection,
    *,
    limit: int,
    before: SessionPlace | None,
    status: str | None = None,
    session_type: str | None = None,
    project_slug: str | None = None,
    down_to: SessionPlace | None = None,
) -> list[tuple[str, SessionPlace]]:
    """Documents with their places, newest first, from the one after ``before``; no more than one answer holds, and one."""
    question = newest_question(
        limit=limit, before=before, down_to=down_to, status=status, session_type=session_type, project_slug=project_slug
    )
    rows = enough(connection.execute(question), lambda row: len(row[0]))
    return [(row[0], (row[1], row[2], row[3])) for row in rows]


def newest_question(
    *,
    limit: int,
    before: SessionPlace | None = None,
    down_to: SessionPlace | None = None,
    status: str | None = None,
    session_type: str | None = None,
    project_slug: str | None = None,
) -> Select[Any]:
    question = select(_c.document, *_newest)
    for column, value in ((_c.status, status), (_c.session_type, session_type), (_c.project_slug, project_slug)):
        if value is not None:
            question = question.where(column == value)
    if before is not None:
        question = question.where(tuple_(*_newest) < tuple_(*before))
    if down_to is not None:
        question = question.where(tuple_(*_newest) >= tuple_(*down_to))
    return question.order_by(*(column.desc() for column in _newest)).limit(limit)
