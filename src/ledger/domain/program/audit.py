"""The list of everything that was odd, in the order of program time."""

from collections.abc import Callable
from functools import cache
from typing import Final

from ledger.domain.cameras import CameraEvent, CameraRegistered
from ledger.domain.cutlog import AuditEntry, AuditKind
from ledger.domain.director import DirectorEventRecorded
from ledger.domain.entries import History
from ledger.domain.ids import Kind, make_id
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.stills import StillRecorded

_KINDS: Final[dict[str, Kind]] = {
    DirectorEventRecorded.stored_as: "event",
    MusicMomentRecorded.stored_as: "music",
    StillRecorded.stored_as: "still",
}
NameOf = Callable[[int], str | None]
"""The Id of the thing that the fact at a sequence is about; None where that is the session itself."""


class Audit:
    def __init__(self, name_of: NameOf) -> None:
        self._name_of = name_of
        self._notes: list[tuple[int, int, bool, AuditKind, str]] = []

    def add(self, kind: AuditKind, ms: int, sequence: int, note: str, *, is_named: bool = True) -> None:
        """``sequence`` is that of the fact which is odd. It is not named where the oddity is the session's own."""
        self._notes.append((ms, sequence, is_named, kind, note))

    def entries(self) -> tuple[AuditEntry, ...]:
        ordered = sorted(self._notes, key=lambda noted: noted[:2])
        return tuple(
            AuditEntry(event_id=self._name_of(sequence) if is_named else None, timestamp_ms=ms, kind=kind, note=note)
            for ms, sequence, is_named, kind, note in ordered
        )


def named_in(history: History) -> NameOf:
    """How the facts of a session are named."""

    @cache
    def registrations() -> dict[str, int]:
        """Of the cameras: the sequence of the first, by which a camera is known."""
        found: dict[str, int] = {}
        for index, event in enumerate(history.events):
            if type(event) is CameraRegistered:
                found.setdefault(event.camera_id, history.sequence_at(index))
        return found

    @cache
    def partition() -> str:
        return history[0].partition

    def name_of(sequence: int) -> str | None:
        event = history.events[sequence - 1]
        if (kind := _KINDS.get(event.stored_as)) is not None:
            return make_id(partition(), kind, sequence)
        if isinstance(event, CameraEvent) and (first := registrations().get(event.camera_id)) is not None:
            return make_id(partition(), "camera", first)
        return None

    return name_of
