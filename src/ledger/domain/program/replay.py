"""The fold: one pass over a session's facts, in the order of program time, that leaves its program behind."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.domain.cutlog import CutLog, Segment, Transition
from ledger.domain.director import DirectorEvent, DirectorEventRecorded
from ledger.domain.entries import Entry
from ledger.domain.ids import Kind, make_id
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.program.audit import Audit
from ledger.domain.program.chronology import Chronology, Decision, Fact, Moment, chronology
from ledger.domain.program.context import InForce
from ledger.domain.program.holds import HeldRange, Holds
from ledger.domain.program.metadata import as_hold_id, as_name, as_transition, member
from ledger.domain.sessions import SessionEnded, SessionStarted, SessionStatusMoved, SessionUpdated
from ledger.domain.stills import StillRecorded
from ledger.domain.values import Number


def fold(entries: Iterable[Entry], session_id: str | None = None) -> CutLog:
    """The cut log of one session, from its entries in sequence order; the first says which session unless the caller does."""
    history = list(entries)
    partition = session_id if session_id is not None else history[0].partition if history else ""
    audit = Audit(partition)
    facts = chronology(history, audit)
    replay = None if facts is None else _Replay(partition, facts, audit)
    segments = replay.play() if replay else ()
    holds = replay.holds.close(replay.facts.closing_ms, audit) if replay else ()
    return CutLog(
        session_id=partition,
        sequence=history[-1].sequence if history else 0,
        provisional=replay is None or replay.facts.end is None,
        segments=segments,
        holds=holds,
        audit=audit.entries(),
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    """A cut as it was decided, on program or not. No camera is a cut to nothing."""

    ms: int
    sequence: int
    camera_id: str | None
    reason: str | None
    score: Number | None
    transition: Transition | None
    late_by: int | None


@dataclass(slots=True)
class _Stretch:
    """A segment in the making. It may turn out to have no length; what became of those is settled at the end."""

    camera_id: str | None
    in_ms: int
    otherwise: str
    """Its reason, where no cut gave one."""
    segment: Callable[[int, tuple[str, ...]], Segment]
    cut: _Cut | None = None
    """The cut that took place at its start: one that only decided the camera of a beginning or a resume is not it."""
    flags: list[str] = field(default_factory=list)
    broken: list[HeldRange] = field(default_factory=list)
