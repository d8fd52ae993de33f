"""A session's facts on the program's clock: in the order of program time, between its beginning and its end."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.domain.cutlog import AuditKind
from ledger.domain.director import DirectorEvent, DirectorEventCorrected, DirectorEventRecorded, corrected, recorded
from ledger.domain.entries import Entry, Event
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.program.audit import Audit
from ledger.domain.program.metadata import member
from ledger.domain.sessions import (
    SessionEnded,
    SessionReopened,
    SessionStarted,
    SessionStatusMoved,
    SessionUpdated,
)
from ledger.domain.stills import StillRecorded
from ledger.domain.values import Number

Place = int
"""Where a fact comes in the program's order: its program time, then its index in the history, in one whole number.

A long shoot has hundreds of thousands of facts: as whole numbers they are sorted fast, and the garbage collector has
nothing to look at.
"""

Decision = DirectorEventRecorded | DirectorEvent
"""A director event as it was recorded or, where it was corrected, as the latest correction has it."""

_INDEX_BITS: Final = 32
INDEX: Final = (1 << _INDEX_BITS) - 1
# What happened is told by its stored name: asking isinstance of a pydantic model takes as long as all else that a fact needs,
# and most of a long history is in outline.
DECISION: Final = DirectorEventRecorded.stored_as
MOMENT: Final = MusicMomentRecorded.stored_as
_OF_THE_SESSION: Final = frozenset(
    kind.stored_as for kind in (SessionStarted, SessionUpdated, SessionStatusMoved, SessionEnded, SessionReopened)
)
_ON_THE_CLOCK: Final = _OF_THE_SESSION | {
    DECISION,
    MOMENT,
    StillRecorded.stored_as,
    CameraRegistered.stored_as,
    CameraUpdated.stored_as,
}


def ms_of(place: Place) -> int:
    return place >> _INDEX_BITS


def place_of(ms: int, index: int) -> Place:
    return ms << _INDEX_BITS | index


@dataclass(frozen=True, slots=True)
class Chronology:
    history: Sequence[Entry]
    """In sequence order, as recorded; ``place & INDEX`` is where a fact stands in it."""
    places: list[Place]
    """Every fact that takes place in the program's time, in its order."""
    beginning: Place
    end: Place | None
    amended: dict[int, DirectorEvent]
    """By sequence: the director events that were corrected, as their corrections have them."""
    late_by: dict[int, int]
    """By sequence: how many milliseconds a director event lies before one that was recorded earlier."""
    start: SessionStarted | None
    registrations: dict[str, CameraRegistered]
    """The first of each camera: what it is known as until something happens to it."""
    declared: Any
    """``metadata.initialCamera`` as the session has it at the program's beginning."""

    @property
    def ending(self) -> int:
        """Index of the end among the places; of the one after the last, where there is none."""
        return len(self.places) if self.end is None else bisect_left(self.places, self.end)

    @property
    def closing_ms(self) -> int:
        """Where the last segment closes: at the end or, where there is none, at the last event."""
        return ms_of(self.places[-1] if self.end is None else self.end)


def program_time(timestamp_ms: Number) -> int:
    """A caller's time as a whole millisecond, half up; exact, where adding 0.5 to a float would not be."""
    whole = int(timestamp_ms)  # No time is negative.
    return whole + 1 if timestamp_ms - whole >= 0.5 else whole


def chronology(history: Sequence[Entry], audit: Audit) -> Chronology | None:
    """The facts of one session, given in sequence order; None where nothing in it says when it was."""
    # A session is bars, markers and moments, and a few things beside them that nearly all questions are about.
    others = [(index, entry) for index, entry in enumerate(history) if entry[6].stored_as not in (DECISION, MOMENT)]
    amended = _amended(history, [entry for _, entry in others], audit)
    clock = _Clock()
    clock.read(history, amended)
    if not clock.places:
        return None
    for sequence, (ms, late_by) in clock.late.items():
        audit.add("late", ms, sequence, f"{late_by} ms before an event that was recorded earlier")
    places = [clock.first_ms << _INDEX_BITS | index for index in clock.undated] + clock.places
    places.sort()
    of_the_session = {index: entry.event for index, entry in others if entry.event.stored_as in _OF_THE_SESSION}
    changes = [(place, of_the_session[index]) for place in places if (index := place & INDEX) in of_the_session]
    end = _end(changes)
    beginning = _beginning(changes, end)
    beginning = places[0] if beginning is None else beginning
    return Chronology(
        history=history,
        places=places,
        beginning=beginning,
        end=end,
        amended=amended,
        late_by={sequence: late_by for sequence, (_, late_by) in clock.late.items()},
        start=next((event for _, event in changes if type(event) is SessionStarted), None),
        registrations=_registrations(entry.event for _, entry in others),
        declared=_declared_camera(changes, beginning),
    )


def has_ended(history: Sequence[Entry]) -> bool:
    """Whether the last that was recorded of an end is that it came, and not that it was taken back."""
    ends = (type(entry.event) for entry in reversed(history) if type(entry.event) in (SessionEnded, SessionReopened))
    return next(ends, None) is SessionEnded


def _amended(history: Sequence[Entry], others: Iterable[Entry], audit: Audit) -> dict[int, DirectorEvent]:
    corrections: dict[int, list[Entry]] = {}
    for entry in others:
        if type(entry.event) is DirectorEventCorrected:
            corrections.setdefault(entry.event.corrects, []).append(entry)
    amended = {}
    for original in history if corrections else ():
        if original.sequence in corrections and original.event.stored_as == DECISION:
            decision = recorded(original)
            for correction in corrections[original.sequence]:
                decision = corrected(decision, correction)
            amended[original.sequence] = decision
            reason = corrections[original.sequence][-1].event.reason  # type: ignore[attr-defined]  # chosen by type above
            kind: AuditKind = "voided" if decision.void else "corrected"
            audit.add(kind, program_time(decision.timestamp_ms), original.sequence, f"{kind}: {reason}")
    return amended


class _Clock:
    """Reads the program's time off a history, entry by entry, as it was recorded."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.undated: list[int] = []
        """Indexes of the changes that were recorded before there was any time."""
        self.late: dict[int, tuple[int, int]] = {}
        self.first_ms = 0
        """The first director event's time; the first of any, where there is none."""

    def read(self, history: Sequence[Entry], amended: dict[int, DirectorEvent]) -> None:
        """A session or camera change without a time of its own takes place at the greatest time recorded before it."""
        places = self.places
        greatest = latest_decision = first_decision = -1
        for index, entry in enumerate(history):
            fact: Any = entry[6]
            kind = fact.stored_as
            if kind not in _ON_THE_CLOCK:
                continue
            if amended and entry.sequence in amended:
                fact = amended[entry.sequence]
                if fact.void:
                    continue
            timestamp_ms = fact.timestamp_ms
            if timestamp_ms is None:
                if greatest < 0:
                    self.undated.append(index)
                else:
                    places.append(greatest << _INDEX_BITS | index)
                continue
            ms = timestamp_ms if type(timestamp_ms) is int else program_time(timestamp_ms)
            if ms > greatest:
                greatest = ms
            if kind == DECISION:
                if ms >= latest_decision:
                    first_decision = ms if latest_decision < 0 else first_decision
                    latest_decision = ms
                else:
                    first_decision = min(ms, first_decision)
                    self.late[entry.sequence] = (ms, latest_decision - ms)
            places.append(ms << _INDEX_BITS | index)
        self.first_ms = min(map(ms_of, places), default=0) if latest_decision < 0 else first_decision


_Change = tuple[Place, Event]


def _end(changes: Iterable[_Change]) -> Place | None:
    """The last end that no reopening followed, as they were recorded."""
    end = None
    for place, change in sorted(changes, key=lambda placed: placed[0] & INDEX):
        if type(change) is SessionEnded:
            end = place
        elif type(change) is SessionReopened:
            end = None
    return end


def _beginning(changes: Iterable[_Change], end: Place | None) -> Place | None:
    """The first change to rolling, else the start. A change to rolling after the end changes nothing, not even this."""
    start = None
    for place, change in changes:
        if getattr(change, "status", None) == "rolling" and (end is None or place < end):
            return place
        if type(change) is SessionStarted:
            start = place
    return start


def _registrations(events: Iterable[Event]) -> dict[str, CameraRegistered]:
    registrations: dict[str, CameraRegistered] = {}
    for event in events:
        if type(event) is CameraRegistered:
            registrations.setdefault(event.camera_id, event)
    return registrations


def _declared_camera(changes: Iterable[_Change], beginning: Place) -> Any:
    """The beginning's whole millisecond counts: a start and an update that have no time share it."""
    metadata = None
    for place, change in changes:
        if ms_of(place) <= ms_of(beginning) and isinstance(change, SessionStarted | SessionUpdated):
            if change.metadata is not None:
                metadata = change.metadata
            elif isinstance(change, SessionUpdated) and "metadata" in (change.unset or ()):
                metadata = None
    return member(metadata, "initialCamera")
