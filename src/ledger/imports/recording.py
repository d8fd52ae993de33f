"""A recording that becomes a session: a pure plan of commands, complete before anything is asked of a ledger.

A session's Id is known only once its start is answered, so a plan has two parts: the start, and what follows for an Id.
Both are commands for whoever is in the same process, and calls of the contract for whoever speaks to a server.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ledger.domain.cameras import UpsertCamera
from ledger.domain.director import BATCH_LENGTH_MAX, RecordDirectorEvents, StatedDirectorEvent
from ledger.domain.sessions import CompleteSession, StartSession
from ledger.domain.values import Frozen, Json, Name, Number, Text

Following = UpsertCamera | RecordDirectorEvents | CompleteSession

_FUNCTIONS: Final[dict[type[Frozen], str]] = {
    StartSession: "production:startProductionSession",
    UpsertCamera: "production:upsertProductionCamera",
    RecordDirectorEvents: "production:appendDirectorEventsBatch",
    CompleteSession: "production:completeProductionSession",
}


class Call(NamedTuple):
    """One function of the contract and its arguments, ready to be sent as JSON."""

    function: str
    args: dict[str, Any]


class RecordedCamera(Frozen):
    """A camera as a recording names it, less the session it will belong to."""

    camera_id: Name
    source_type: Name
    role: Name
    device_name: Text | None = None
    metadata: Json = None


@dataclass(frozen=True)
class Recording:
    """What a file says of one shoot."""

    key: str
    """The same for the same file and date: an Idempotency-Key, so that a repeated import makes no second session."""
    start: StartSession
    cameras: tuple[RecordedCamera, ...]
    events: tuple[StatedDirectorEvent, ...]
    ended_at_ms: Number | None
    """None where the file breaks off: nobody knows when the shoot ended, so the session is left open."""

    def following(self, session_id: str) -> list[Following]:
        """The commands after the start, in the order in which they are to be carried out."""
        registrations: list[Following] = [
            UpsertCamera(
                session_id=session_id,
                priority_weight=1,
                is_active=True,
                timestamp_ms=self.start.timestamp_ms,
                **camera.model_dump(exclude_none=True),
            )
            for camera in self.cameras
        ]
        batches = [
            RecordDirectorEvents(session_id=session_id, events=list(self.events[first : first + BATCH_LENGTH_MAX]))
            for first in range(0, len(self.events), BATCH_LENGTH_MAX)
        ]
        if self.ended_at_ms is None:
            return [*registrations, *batches]
        return [*registrations, *batches, CompleteSession(session_id=session_id, timestamp_ms=self.ended_at_ms)]

    def opening_call(self) -> Call:
        """The start as a call of the contract; it answers the session's Id."""
        return call(self.start)

    def following_calls(self, session_id: str) -> list[Call]:
        """What follows the start, as calls of the contract."""
        return [call(command) for command in self.following(session_id)]


def call(command: StartSession | Following) -> Call:
    """A command as the contract's function and arguments."""
    args = command.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return Call(_FUNCTIONS[type(command)], args)
