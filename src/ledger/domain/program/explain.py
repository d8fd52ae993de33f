"""One decision in its context: who recorded it when, what was in force and on air, and what it did to the program."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import field_serializer

from ledger.domain.cutlog import Absent, AuditEntry, Context, Hold, Segment
from ledger.domain.director import DirectorEvent, DirectorEventCorrected, corrected, recorded
from ledger.domain.entries import Entry, Event, History
from ledger.domain.ids import make_id, parse_id
from ledger.domain.program.audit import Audit, named_in
from ledger.domain.program.chronology import DECISION, INDEX, Chronology, chronology, ms_of, place_of, program_time
from ledger.domain.program.replay import Replay
from ledger.domain.refusals import DirectorEventNotFound
from ledger.domain.values import Frozen

MARKERS_BEFORE_MS: Final = 10_000
"""How far before a decision its markers are looked for."""
MARKERS_MAX: Final = 100
"""How many of them are shown at most, the last ones."""
MARKERS: Final = frozenset(
    {"hero_pose_marker", "still_candidate_marker", "bar_fire", "music_phrase_start", "music_phrase_end"}
)


class Recorded(Frozen):
    """Where an entry stands in the history, when it was put there and by whom."""

    sequence: int
    recorded_at: int
    actor: str


class Correction(Recorded):
    event_id: str
    reason: str
    changes: Any
    """As they were recorded: new values, ``unset``, ``void``."""


class OpenHold(Frozen):
    hold_id: str
    camera_id: str | None
    in_ms: int
    held_by: Annotated[str | None, Absent] = None


class Explanation(Frozen):
    """Everything that the history up to ``sequence`` says about one director event, at the event's place in program time."""

    session_id: str
    sequence: int
    event: DirectorEvent
    """As it counts now: as its latest correction says."""
    recorded: Recorded
    original: Annotated[DirectorEvent | None, Absent] = None
    """As it was first recorded, where it was corrected."""
    corrections: tuple[Correction, ...] = ()
    late_by_ms: Annotated[int | None, Absent] = None
    """How far it lies before a director event that was recorded earlier."""
    program: Literal["not_begun", "running", "paused", "ended"] = "not_begun"
    on_air: str | None = None
    """The camera on air just before it; none in a gap, and while the program does not run."""
    context: Context = Context()
    """What was in force just before it, and the event's own score."""
    context_after: Annotated[Context | None, Absent] = None
    """What was in force after it, where it changed that."""
    active_cameras: tuple[str, ...] = ()
    open_holds: tuple[OpenHold, ...] = ()
    markers: tuple[DirectorEvent, ...] = ()
    """Poses, stills, bars and phrases of the MARKERS_BEFORE_MS before it, in program order."""
    segment: Annotated[Segment | None, Absent] = None
    """The stretch of the program that it decided."""
    holds: tuple[Hold, ...] = ()
    """Those that it opened or ended, as they came out."""
    audit: tuple[AuditEntry, ...] = ()
    """What is odd about it."""

    @field_serializer("event", "original", "markers")
    def _as_documents(self, shown: DirectorEvent | tuple[DirectorEvent, ...] | None) -> Any:
        """Documents have no nulls."""
        if isinstance(shown, tuple):
            return [event.model_dump(by_alias=True, exclude_none=True) for event in shown]
        return shown and shown.model_dump(by_alias=True, exclude_none=True)

    def to_json(self) -> str:
        return self.__pydantic_serializer__.to_json(self, by_alias=True).decode()


def explain(entries: Iterable[Entry], event_id: str) -> Explanation:
    """A director event of a session, in the light of all its entries, given from the first on. Raises DirectorEventNotFound."""
    history = History.of(entries)
    entry = _named(history, event_id)
    corrections = [history[at] for at, event in enumerate(history.events) if _corrects(event, entry.sequence)]
    original = event = recorded(entry)
    for correction in corrections:
        event = corrected(event, correction)
    audit = Audit(named_in(history))
    facts = chronology(history, audit)
    placed = _in_program(facts, audit, entry, event) if facts else {}
    return Explanation(
        session_id=entry.partition,
        sequence=history[-1].sequence,
        event=event,
        recorded=Recorded(sequence=entry.sequence, recorded_at=entry.recorded_at, actor=entry.actor),
        original=original if corrections else None,
        corrections=tuple(map(_correction, corrections)),
        audit=tuple(odd for odd in audit.entries() if odd.event_id == event_id),
        **placed,
    )


def _named(history: History, event_id: str) -> Entry:
    named = parse_id(event_id)
    if named is not None and named.kind == "event" and named.sequence <= len(history):
        entry = history[named.sequence - 1]
        if entry.partition == named.partition and entry.event.stored_as == DECISION:
            return entry
    raise DirectorEventNotFound(event_id, "eventId")


def _corrects(event: Event, sequence: int) -> bool:
    return type(event) is DirectorEventCorrected and event.corrects == sequence


def _correction(entry: Entry) -> Correction:
    event = entry.event
    assert isinstance(event, DirectorEventCorrected)
    return Correction(
        sequence=entry.sequence,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        event_id=make_id(entry.partition, "event", entry.sequence),
        reason=event.reason,
        changes=event.changes.model_dump(mode="json", by_alias=True, exclude_none=True),
    )


def _in_program(facts: Chronology, audit: Audit, entry: Entry, event: DirectorEvent) -> dict[str, Any]:
    """What the replay knows just before the event, just after it, and at the end."""
    place = place_of(program_time(event.timestamp_ms), entry.sequence - 1)
    at = bisect_left(facts.places, place)
    ended = at > facts.ending
    replay = Replay(entry.partition, facts, audit)
    replay.advance(min(at, facts.ending))
    running = bool(replay.stretches) and not ended
    context = replay.in_force.context(event.score)
    told: dict[str, Any] = {
        "late_by_ms": facts.late_by.get(entry.sequence),
        "program": "ended" if ended else "not_begun" if not running else "paused" if replay.paused else "running",
        "on_air": replay.stretches[-1].camera_id if running else None,
        "context": context,
        "active_cameras": tuple(sorted(camera_id for camera_id, active in replay.active.items() if active)),
        "open_holds": tuple(
            OpenHold(hold_id=hold.hold_id, camera_id=hold.camera_id, in_ms=hold.in_ms, held_by=hold.held_by or None)
            for hold in replay.holds.all
            if hold.outcome is None
        ),
        "markers": _markers(facts, at, place),
    }
    if not event.void and not ended:
        replay.advance(at + 1)
        after = replay.in_force.context(event.score)
        told["context_after"] = after if after != context else None
    cause = make_id(entry.partition, "event", entry.sequence)
    told["segment"] = next((segment for segment in replay.program() if segment.cause_event_id == cause), None)
    outcomes = zip(replay.holds.all, replay.holds.close(facts.closing_ms, audit), strict=True)
    told["holds"] = tuple(
        hold
        for held, hold in outcomes
        if held.sequence == entry.sequence or (held.outcome is not None and held.ended_by == entry.sequence)
    )
    return told


def _markers(facts: Chronology, at: int, place: int) -> tuple[DirectorEvent, ...]:
    first = bisect_left(facts.places, place_of(ms_of(place) - MARKERS_BEFORE_MS, 0))
    events, amended = facts.history.events, facts.amended
    indexes = [marked & INDEX for marked in facts.places[first:at]]
    decided: list[tuple[int, Any]] = [
        (index, amended.get(index, events[index])) for index in indexes if events[index].stored_as == DECISION
    ]
    found = [index for index, decision in decided if decision.event_type in MARKERS][-MARKERS_MAX:]
    return tuple(amended.get(index) or recorded(facts.history[index]) for index in found)
