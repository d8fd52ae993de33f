"""A session's facts on the program's clock: in the order of program time, between the program's beginning and its end."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain import cameras, sessions
from ledger.domain.cameras import CameraEvent, CameraRegistered
from ledger.domain.director import DirectorEvent, DirectorEventCorrected, DirectorEventRecorded, corrected, recorded
from ledger.domain.entries import Entry
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.program.audit import Audit
from ledger.domain.program.metadata import member
from ledger.domain.sessions import SessionEnded, SessionEvent, SessionReopened, SessionStarted, SessionUpdated
from ledger.domain.stills import StillRecorded
from ledger.domain.values import Number

Place = tuple[int, int]
"""Program time, then sequence: where a fact comes in the program's order."""

Decision = DirectorEventRecorded | DirectorEvent
"""A director event as it was recorded or, where it was corrected, as the latest correction has it."""

Fact = Decision | MusicMomentRecorded | StillRecorded | SessionEvent | CameraEvent
Moment = tuple[int, int, Fact, str]
"""A fact at its place, and who recorded it. A plain tuple, because a long shoot has hundreds of thousands."""

_DECISIONS: Final = frozenset({DirectorEventRecorded, DirectorEvent})
_ON_THE_CLOCK: Final = _DECISIONS | {
    MusicMomentRecorded,
    StillRecorded,
    cameras.CameraRegistered,
    cameras.CameraUpdated,
    sessions.SessionStarted,
    sessions.SessionUpdated,
    sessions.SessionStatusMoved,
    sessions.SessionEnded,
    sessions.SessionReopened,
}


@dataclass(frozen=True, slots=True)
class Chronology:
    moments: list[Moment]
    beginning: Place
    end: Place | None
    start: SessionStarted | None
    registrations: dict[str, CameraRegistered]
    """The first of each camera: what it is known as until something happens to it."""
    declared: Any
    """``metadata.initialCamera`` as the session has it at the program's beginning."""
    late_by: dict[int, int]
    """By sequence: how many milliseconds a director event lies before one that was recorded earlier."""

    @property
    def closing_ms(self) -> int:
        """Where the last segment closes: at the end or, where there is none, at the last event."""
        return self.moments[-1][0] if self.end is None else self.end[0]


def program_time(timestamp_ms: Number) -> int:
    """A caller's time as a whole millisecond, half up; exact, where adding 0.5 to a float would not be."""
    whole = math.floor(timestamp_ms)
    return whole + 1 if timestamp_ms - whole >= 0.5 else whole


def chronology(entries: Sequence[Entry], audit: Audit) -> Chronology | None:
    """The facts of one session, given in sequence order; None where nothing in it says when it was."""
    moments, undated = _timed(entries, _amended(entries, audit))
    if not moments:
        return None
    late_by = _late_by(moments, audit)
    first_ms = min([ms for ms, _, fact, _ in moments if type(fact) in _DECISIONS] or [moment[0] for moment in moments])
    moments += [(first_ms, entry.sequence, entry.event, entry.actor) for entry in undated]  # type: ignore[misc]  # see _timed
    moments.sort()
    changes = [moment for moment in moments if isinstance(moment[2], SessionEvent)]
    end = _end(changes)
    beginning = _beginning(changes, end) or moments[0][:2]
    return Chronology(
        moments=moments,
        beginning=beginning,
        end=end,
        start=next((fact for _, _, fact, _ in changes if type(fact) is SessionStarted), None),
        registrations=_registrations(entries),
        declared=_declared_camera(changes, beginning),
        late_by=late_by,
    )


def _amended(entries: Sequence[Entry], audit: Audit) -> dict[int, DirectorEvent]:
    """By sequence: the director events that were corrected, as their corrections have them."""
    corrections: dict[int, list[Entry]] = {}
    for entry in entries:
        if type(entry.event) is DirectorEventCorrected:
            corrections.setdefault(entry.event.corrects, []).append(entry)
    amended = {}
    for original in entries if corrections else ():
        if original.sequence in corrections and type(original.event) is DirectorEventRecorded:
            decision = recorded(original)
            for correction in corrections[original.sequence]:
                decision = corrected(decision, correction)
            amended[original.sequence] = decision
            reason = corrections[original.sequence][-1].event.reason  # type: ignore[attr-defined]  # chosen by type above
            kind = "voided" if decision.void else "corrected"
            audit.add(kind, program_time(decision.timestamp_ms), original.sequence, f"{kind}: {reason}")
    return amended


def _timed(entries: Sequence[Entry], amended: dict[int, DirectorEvent]) -> tuple[list[Moment], list[Entry]]:
    """The facts with their program time, in sequence order, and the changes that came before any time was known.

    A session or camera change without a time of its own takes place at the greatest time recorded before it.
    """
    moments: list[Moment] = []
    undated: list[Entry] = []
    greatest = -1
    for entry in entries:
        _, sequence, _, actor, _, _, event, _ = entry
        if type(event) not in _ON_THE_CLOCK:
            continue
        fact: Any = event
        if sequence in amended:
            fact = amended[sequence]
            if fact.void:
                continue
        timestamp_ms = fact.timestamp_ms
        if timestamp_ms is None:
            if greatest < 0:
                undated.append(entry)
                continue
            ms = greatest
        else:
            ms = timestamp_ms if type(timestamp_ms) is int else program_time(timestamp_ms)
            if ms > greatest:
                greatest = ms
        moments.append((ms, sequence, fact, actor))
    return moments, undated


def _late_by(moments: Iterable[Moment], audit: Audit) -> dict[int, int]:
    late_by: dict[int, int] = {}
    latest = -1
    for ms, sequence, fact, _ in moments:
        if type(fact) not in _DECISIONS:
            continue
        if ms >= latest:
            latest = ms
        else:
            late_by[sequence] = latest - ms
            audit.add("late", ms, sequence, f"{latest - ms} ms before an event that was recorded earlier")
    return late_by


def _end(changes: Iterable[Moment]) -> Place | None:
    """The last end that no reopening followed, as they were recorded."""
    end = None
    for ms, sequence, change, _ in sorted(changes, key=lambda moment: moment[1]):
        if type(change) is SessionEnded:
            end = (ms, sequence)
        elif type(change) is SessionReopened:
            end = None
    return end


def _beginning(changes: Iterable[Moment], end: Place | None) -> Place | None:
    """The first change to rolling, else the start. A change to rolling after the end changes nothing, not even this."""
    start = None
    for ms, sequence, change, _ in changes:
        if getattr(change, "status", None) == "rolling" and (end is None or (ms, sequence) < end):
            return ms, sequence
        if type(change) is SessionStarted:
            start = ms, sequence
    return start


def _registrations(entries: Iterable[Entry]) -> dict[str, CameraRegistered]:
    registrations: dict[str, CameraRegistered] = {}
    for entry in entries:
        if type(entry.event) is CameraRegistered:
            registrations.setdefault(entry.event.camera_id, entry.event)
    return registrations


def _declared_camera(changes: Iterable[Moment], beginning: Place) -> Any:
    """The beginning's whole millisecond counts: without times of their own, a start and what it is followed by share it."""
    metadata = None
    for ms, _, change, _ in changes:
        if ms <= beginning[0] and isinstance(change, SessionStarted | SessionUpdated):
            if change.metadata is not None:
                metadata = change.metadata
            elif isinstance(change, SessionUpdated) and "metadata" in (change.unset or ()):
                metadata = None
    return member(metadata, "initialCamera")
