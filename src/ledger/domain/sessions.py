"""A shoot or live creative session: from its set-up to its end, and sometimes back."""

from typing import Annotated, Any, ClassVar, Final, Literal, assert_never

from pydantic import Field

from ledger.domain.documents import Document
from ledger.domain.entries import Entry, Event
from ledger.domain.patches import patch, patched
from ledger.domain.refusals import SessionNotEnded, SessionNotFound, StatusCannotMove
from ledger.domain.values import Frozen, Json, Name, Number, Text, TimestampMs
from ledger.domain.vocabulary import Vocabulary, require_known

Status = Literal["setup", "rolling", "paused", "complete", "cancelled"]
EndStatus = Literal["complete", "cancelled"]
Clearable = Literal["title", "notes", "directorMode", "musicMode", "projectSlug", "metadata"]

ENTITY: Final = "session"
_MOVES: Final[dict[Status, frozenset[Status]]] = {
    "setup": frozenset({"rolling", "complete", "cancelled"}),
    "rolling": frozenset({"paused", "complete", "cancelled"}),
    "paused": frozenset({"rolling", "complete", "cancelled"}),
    "complete": frozenset(),
    "cancelled": frozenset(),
}


# What has happened.


class SessionEvent(Event):
    timestamp_ms: Number | None = None
    """Program time, where the caller gave one."""

    def entity(self, sequence: int) -> str:
        return ENTITY


class SessionStarted(SessionEvent):
    stored_as: ClassVar[str] = "session-started.1"
    session_type: str
    status: Literal["setup", "rolling"]
    title: str | None = None
    notes: str | None = None
    director_mode: str | None = None
    music_mode: str | None = None
    project_slug: str | None = None
    metadata: Any = None


class SessionUpdated(SessionEvent):
    stored_as: ClassVar[str] = "session-updated.1"
    session_type: str | None = None
    title: str | None = None
    notes: str | None = None
    director_mode: str | None = None
    music_mode: str | None = None
    project_slug: str | None = None
    metadata: Any = None
    unset: tuple[str, ...] | None = None


class SessionStatusMoved(SessionEvent):
    stored_as: ClassVar[str] = "session-status-moved.1"
    status: Literal["rolling", "paused"]


class SessionEnded(SessionEvent):
    stored_as: ClassVar[str] = "session-ended.1"
    status: EndStatus


class SessionReopened(SessionEvent):
    stored_as: ClassVar[str] = "session-reopened.1"
    reason: str


EVENTS: Final = (SessionStarted, SessionUpdated, SessionStatusMoved, SessionEnded, SessionReopened)


# What it amounts to.


class Session(Document):
    session_type: str
    status: Status
    title: str | None = None
    notes: str | None = None
    project_slug: str | None = None
    director_mode: str | None = None
    music_mode: str | None = None
    started_at: Number
    completed_at: Number | None = None
    created_at: int
    updated_at: int
    metadata: Any = None

    @property
    def has_ended(self) -> bool:
        return self.status in ("complete", "cancelled")


def evolve(session: Session | None, entry: Entry) -> Session:
    """The session after one more entry. The first must be its SessionStarted."""
    event, at = entry.event, entry.recorded_at
    if isinstance(event, SessionStarted):
        return Session(
            id=entry.partition,
            creation_time=at,
            started_at=at if event.timestamp_ms is None else event.timestamp_ms,
            created_at=at,
            updated_at=at,
            **event.model_dump(exclude={"timestamp_ms"}),
        )
    assert session is not None, f"{entry.partition} does not begin with its start"
    match event:
        case SessionUpdated():
            changes = event.model_dump(exclude={"timestamp_ms", "unset"})
            return session.model_copy(update=patched(changes, event.unset or (), at))
        case SessionStatusMoved():
            return session.model_copy(update={"status": event.status, "updated_at": at})
        case SessionEnded():
            completed_at = at if event.timestamp_ms is None else event.timestamp_ms
            return session.model_copy(update={"status": event.status, "completed_at": completed_at, "updated_at": at})
        case SessionReopened():
            return session.model_copy(update={"status": "paused", "completed_at": None, "updated_at": at})
        case _:
            raise AssertionError(f"{type(event).__name__} is no event of a session")


# What may happen.


class _Details(Frozen):
    title: Text | None = None
    notes: Text | None = None
    director_mode: Name | None = None
    music_mode: Name | None = None
    project_slug: Name | None = None
    metadata: Json = None
    timestamp_ms: TimestampMs | None = None


class StartSession(_Details):
    session_type: Name
    status: Literal["setup", "rolling"] = "setup"


class UpdateSession(_Details):
    session_id: Name
    session_type: Name | None = None
    status: Status | None = None
    unset: Annotated[tuple[Clearable, ...], Field(strict=False, fail_fast=True)] = ()


class CompleteSession(Frozen):
    session_id: Name
    status: EndStatus = "complete"
    notes: Text | None = None
    timestamp_ms: TimestampMs | None = None


class ReopenSession(Frozen):
    session_id: Name
    reason: Name


SessionCommand = StartSession | UpdateSession | CompleteSession | ReopenSession


def decide(command: SessionCommand, session: Session | None, vocabulary: Vocabulary) -> list[SessionEvent]:
    """The events of a command on a session, none where nothing changes.

    Raises SessionNotFound, StatusCannotMove, SessionNotEnded, or UnknownValue for a value outside the vocabulary.
    """
    if isinstance(command, StartSession):
        _require_known(command, command.session_type, vocabulary)
        return [SessionStarted(**command.model_dump())]
    if session is None:
        raise SessionNotFound(command.session_id)
    match command:
        case UpdateSession():
            _require_known(command, command.session_type, vocabulary)
            wanted = command.model_dump(exclude={"session_id", "status", "timestamp_ms", "unset"})
            updated = _update(session, wanted, command.unset, command.timestamp_ms)
            return updated + _move(session, command.status, command.timestamp_ms)
        case CompleteSession():
            ended = _move(session, command.status, command.timestamp_ms)
            return _update(session, {"notes": command.notes}, (), command.timestamp_ms) + ended
        case ReopenSession():
            if not session.has_ended:
                raise SessionNotEnded(session.status)
            return [SessionReopened(reason=command.reason)]
        case _:
            assert_never(command)


def _require_known(command: _Details, session_type: str | None, vocabulary: Vocabulary) -> None:
    require_known("sessionType", session_type, vocabulary.session_types)
    require_known("directorMode", command.director_mode, vocabulary.director_modes)
    require_known("musicMode", command.music_mode, vocabulary.music_modes)


def _update(
    session: Session, wanted: dict[str, Any], unset: tuple[str, ...], timestamp_ms: Number | None
) -> list[SessionEvent]:
    fields = patch(session, wanted, unset)
    return [SessionUpdated(timestamp_ms=timestamp_ms, **fields)] if fields else []


def _move(session: Session, wanted: Status | None, timestamp_ms: Number | None) -> list[SessionEvent]:
    if wanted is None or wanted == session.status:
        return []
    if wanted not in _MOVES[session.status]:
        raise StatusCannotMove(session.status, wanted)
    match wanted:
        case "complete" | "cancelled":
            return [SessionEnded(status=wanted, timestamp_ms=timestamp_ms)]
        case "rolling" | "paused":
            return [SessionStatusMoved(status=wanted, timestamp_ms=timestamp_ms)]
        case _:
            raise AssertionError(f"no session ever moves to {wanted}")
