"""A session's facts on the program's clock: in the order of program time, between its beginning and its end."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.domain.cutlog import AuditKind
from ledger.domain.director import DirectorEvent, DirectorEventCorrected, DirectorEventRecorded, corrected, recorded
from ledger.domain.entries import Entry, Event, History
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
# and most of a long history is in outline. Decisions and moments come first in every question, for they are nearly all of it.
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
    history: History
    """As recorded; ``place & INDEX`` is where a fact stands in it."""
    places: list[Place]
    """Every fact that takes place in the program's time, in its order."""
    beginning: Place
    end: Place | None
    amended: dict[int, DirectorEvent]
    """By index in the history: the director events that were corrected, as their corrections have them."""
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


def chronology(history: History, audit: Audit) -> Chronology | None:
    """The facts of one session; None where nothing in it says when it was."""
    # A session is bars, markers and moments, and a few things beside them that nearly all questions are about.
    events = history.events
    others = [index for index, event in enumerate(events) if event.stored_as not in (DECISION, MOMENT)]
    amended = _amended(history, others, audit)
    clock = _Clock()
    clock.read(events, amended)
    if not clock.places:
        return None
    late_by = {}
    for index, (ms, by_ms) in clock.late.items():
        sequence = history.sequence_at(index)
        late_by[sequence] = by_ms
        audit.add("late", ms, sequence, f"{by_ms} ms before an event that was recorded earlier")
    undated = [place_of(clock.first_ms, index) for index in clock.undated]
    places = undated + clock.places
    places.sort()
    changed = sorted(undated + clock.changes)
    changes = [(place, event) for place in changed if (event := events[place & INDEX]).stored_as in _OF_THE_SESSION]
    end = _end(changes)
    beginning = _beginning(changes, end)
    beginning = places[0] if beginning is None else beginning
    return Chronology(
        history=history,
        places=places,
        beginning=beginning,
        end=end,
        amended=amended,
        late_by=late_by,
        start=next((event for _, event in changes if type(event) is SessionStarted), None),
        registrations=_registrations(events[index] for index in others),
        declared=_declared_camera(changes, beginning),
    )


def has_ended(history: History) -> bool:
    """Whether the last that was recorded of an end is that it came, and not that it was taken back."""
    ends = (type(event) for event in reversed(history.events) if type(event) in (SessionEnded, SessionReopened))
    return next(ends, None) is SessionEnded


def _amended(history: History, others: Iterable[int], audit: Audit) -> dict[int, DirectorEvent]:
    corrections: dict[int, list[tuple[Entry, DirectorEventCorrected]]] = {}
    for index in others:
        event = history.events[index]
        if type(event) is DirectorEventCorrected:
            corrections.setdefault(event.corrects, []).append((history[index], event))
    amended = {}
    for sequence in sorted(corrections):
        index = bisect_left(range(len(history)), sequence, key=history.sequence_at)
        is_there = index < len(history) and history.sequence_at(index) == sequence
        if is_there and history.events[index].stored_as == DECISION:
            decision, reason = recorded(history[index]), ""
            for entry, correction in corrections[sequence]:
                decision, reason = corrected(decision, entry), correction.reason
            amended[index] = decision
            kind: AuditKind = "voided" if decision.void else "corrected"
            audit.add(kind, program_time(decision.timestamp_ms), sequence, f"{kind}: {reason}")
    return amended


class _Clock:
    """Reads the program's time off a history, event by event, as it was recorded."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.changes: list[Place] = []
        """Those of them at which neither a decision nor a moment stands."""
        self.undated: list[int] = []
        """Indexes of the changes that were recorded before there was any time."""
        self.late: dict[int, tuple[int, int]] = {}
        """By index: when a director event was made, and by how much it lies before one that was recorded earlier."""
        self.first_ms = 0
        """The first director event's time; the first of any, where there is none."""

    def read(self, events: Iterable[Event], amended: dict[int, DirectorEvent]) -> None:
        """A session or camera change without a time of its own takes place at the greatest time recorded before it."""
        places = self.places
        greatest = latest_decision = first_decision = -1
        fact: Any
        for index, fact in enumerate(events):
            kind = fact.stored_as
            if kind == DECISION:
                if amended and index in amended:
                    fact = amended[index]  # noqa: PLW2901  # from here on it is what the correction says
                    if fact.void:
                        continue
                ms = fact.timestamp_ms if type(fact.timestamp_ms) is int else program_time(fact.timestamp_ms)
                if ms >= latest_decision:
                    first_decision = ms if latest_decision < 0 else first_decision
                    latest_decision = ms
                else:
                    first_decision = min(ms, first_decision)
                    self.late[index] = (ms, latest_decision - ms)
            elif kind == MOMENT:
                ms = fact.timestamp_ms if type(fact.timestamp_ms) is int else program_time(fact.timestamp_ms)
            elif kind not in _ON_THE_CLOCK:
                continue
            elif (given := fact.timestamp_ms) is None and greatest < 0:
                self.undated.append(index)
                continue
            else:
                ms = greatest if given is None else program_time(given)
                self.changes.append(ms << _INDEX_BITS | index)
            if ms > greatest:
                greatest = ms
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
