"""The fold: one pass over a session's facts, in the order of program time, that leaves its program behind."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Any

from ledger.domain.cameras import CameraEvent, CameraRegistered, CameraUpdated
from ledger.domain.cutlog import CutLog, Segment
from ledger.domain.entries import Entry, Event, History
from ledger.domain.ids import make_id
from ledger.domain.program.audit import Audit, named_in
from ledger.domain.program.chronology import (
    DECISION,
    INDEX,
    MOMENT,
    Chronology,
    Decision,
    Place,
    chronology,
    has_ended,
    ms_of,
)
from ledger.domain.program.context import InForce
from ledger.domain.program.holds import HeldRange, Holds
from ledger.domain.program.metadata import as_hold_id, as_name, as_transition, member
from ledger.domain.program.on_air import Cut, Stretch, segments
from ledger.domain.sessions import SessionEnded, SessionEvent, SessionStarted, SessionStatusMoved, SessionUpdated
from ledger.domain.stills import StillRecorded


def fold(entries: Iterable[Entry], session_id: str | None = None) -> CutLog:
    """The cut log of one session, from its entries in sequence order. They name it, unless the caller does."""
    history = History.of(entries)
    partition = session_id or (history[0].partition if history else "")
    audit = Audit(named_in(history))
    facts = chronology(history, audit)
    replay = Replay(partition, facts, audit) if facts else None
    return CutLog(
        session_id=partition,
        sequence=history.sequence_at(len(history) - 1) if history else 0,
        provisional=not has_ended(history),
        segments=replay.program() if replay else (),
        holds=replay.holds.close(replay.facts.closing_ms, audit) if replay else (),
        audit=audit.entries(),
    )


class Replay:
    """A program under way: it can be stopped before any fact, and looked at."""

    def __init__(self, partition: str, facts: Chronology, audit: Audit) -> None:
        self.partition = partition
        self.facts = facts
        self.audit = audit
        self.holds = Holds()
        self.in_force = InForce(facts)
        self.active = {camera_id: camera.is_active for camera_id, camera in facts.registrations.items()}
        self.strangers: set[str] = set()
        """The cameras nobody registered."""
        self.stretches: list[Stretch] = []
        self._reached = 0
        self.paused = False
        self.standby: Cut | None = None
        """The last cut before the beginning, or since the pause: what the program begins or goes on with."""
        self.left: str | None = as_name(facts.declared)
        """The camera to go on with where there is none: the declared one, then the one on air before the pause."""
        self.program_changes: dict[str, Callable[[Place, Decision], None]] = {
            "cut": self._cut,
            "hold": self._hold,
            "release": self._release,
        }
        self.context_changes: dict[str, Callable[[Decision], bool]] = {
            "mode_change": self.in_force.mode_changed,
            "camera_priority_change": self.in_force.priority_changed,
            "music_phrase_start": self.in_force.phrase_started,
            "tempo_update": self.in_force.tempo_updated,
        }

    def advance(self, to: int) -> None:
        """Goes on through the facts, until the next is the one at index ``to`` of the chronology; never back."""
        places, first, self._reached = self.facts.places, self._reached, to
        beginning = bisect_left(places, self.facts.beginning)
        if first <= beginning < to:
            self._go_through(places[first:beginning])
            self._begin(ms_of(places[beginning]), self._sequence_at(places[beginning]))
            first = beginning
        self._go_through(places[first:to])

    def program(self) -> tuple[Segment, ...]:
        """Goes on to the end, and says what was on air."""
        places, end, ending = self.facts.places, self.facts.end, self.facts.ending
        self.advance(ending)
        if end is None:
            self._leave_open(places[-1])
        else:
            self._list_after_end(places[ending + 1 :], ms_of(end))
        return segments(
            self.stretches, self.facts.closing_ms, open_end=end is None, partition=self.partition, audit=self.audit
        )

    def _sequence_at(self, place: Place) -> int:
        return self.facts.history.sequence_at(place & INDEX)

    def _go_through(self, places: Iterable[Place]) -> None:
        history, amended, in_force, active = self.facts.history, self.facts.amended, self.in_force, self.active
        program_changes, context_changes, events = self.program_changes, self.context_changes, history.events
        for place in places:
            event: Any = events[place & INDEX]
            kind = event.stored_as
            if kind == MOMENT:
                if (section := event.section) is not None:
                    in_force.section = section
                if (tempo := event.tempo) is not None:
                    in_force.tempo = tempo
            elif kind == DECISION:
                decision = amended.get(place & INDEX, event) if amended else event
                event_type, camera_id = decision.event_type, decision.camera_id
                if event_type in program_changes:
                    program_changes[event_type](place, decision)
                elif event_type in context_changes and not context_changes[event_type](decision):
                    note = f"{event_type} does not say what changes"
                    self.audit.add("unreadable", ms_of(place), self._sequence_at(place), note)
                if camera_id is not None and camera_id not in active:
                    self._meet_stranger(camera_id, ms_of(place), self._sequence_at(place))
            else:
                self._change(ms_of(place), self._sequence_at(place), event)

    def _change(self, ms: int, sequence: int, change: Event) -> None:
        if isinstance(change, SessionStarted | SessionUpdated):
            self.in_force.session_changed(change)
        if isinstance(change, SessionStarted | SessionStatusMoved) and change.status == "rolling":
            self._resume(ms, sequence)
        elif isinstance(change, SessionEnded | SessionStatusMoved):
            self._pause(ms, sequence)
        elif isinstance(change, CameraRegistered | CameraUpdated):
            self.in_force.camera_changed(change)
            if change.is_active is not None and change.camera_id in self.active:
                self._activate(change.camera_id, ms, sequence, is_active=change.is_active)

    # The program.

    def _begin(self, ms: int, sequence: int) -> None:
        declared = self.facts.declared
        if declared is not None and self.left is None:
            self.audit.add("unreadable", ms, sequence, "metadata.initialCamera is no camera's name", is_named=False)
        self._go_on(ms, sequence, "initial", None if self.left else self.standby)

    def _cut(self, place: Place, decision: Decision) -> None:
        ms, sequence = ms_of(place), self._sequence_at(place)
        given = member(decision.metadata, "transition")
        transition = as_transition(given)
        if given is not None and transition is None:
            self.audit.add("unreadable", ms, sequence, "metadata.transition has no type, or no durationMs")
        late_by = self.facts.late_by.get(sequence)
        cut = Cut(ms, sequence, decision.camera_id, decision.reason or None, decision.score, transition, late_by)
        if self.stretches and not self.paused:
            self._take(cut)
            return
        self.standby = cut
        if self.paused:
            self.audit.add("shadow", ms, sequence, f"a cut to {_named(cut.camera_id)} while paused")
        else:
            self.audit.add("before_start", ms, sequence, f"a cut to {_named(cut.camera_id)} before the program begins")

    def _take(self, cut: Cut) -> None:
        on_air = self.stretches[-1]
        if on_air.is_cut and on_air.in_ms == cut.ms and on_air.cause:
            note = f"a later cut, to {_named(cut.camera_id)}, in the same millisecond"
            self.audit.add("superseded", cut.ms, on_air.cause.sequence, note)
            self.holds.mend(on_air.broken)
            self.stretches.pop()
            on_air = self.stretches[-1]
        if cut.camera_id == on_air.camera_id:
            self.audit.add("same_camera", cut.ms, cut.sequence, f"{_named(cut.camera_id)} is already on air")
            return
        if cut.camera_id is None:
            self.audit.add("no_camera", cut.ms, cut.sequence, "a cut that names no camera leaves a gap")
        broken = self.holds.end_all_on(on_air.camera_id, "broken", cut.ms, cut.sequence)
        self._start(cut.camera_id, cut.ms, cut.sequence, "cut", cut, broken)

    def _pause(self, ms: int, sequence: int) -> None:
        if self.stretches and not self.paused:
            self.paused, self.standby, self.left = True, None, self.stretches[-1].camera_id
            self._start(None, ms, sequence, "pause")

    def _resume(self, ms: int, sequence: int) -> None:
        if not self.paused:
            return
        self.paused = False
        if self.standby is None and self.stretches[-1].in_ms == ms:
            self.stretches.pop()  # A pause without length is no edit: what was on air goes on.
            return
        if self.standby is not None and self.standby.camera_id != self.left:
            self.holds.end_all_on(self.left, "broken", ms, self.standby.sequence)
        self._go_on(ms, sequence, "resume", self.standby)

    def _go_on(self, ms: int, sequence: int, reason: str, decided: Cut | None) -> None:
        self._start(decided.camera_id if decided else self.left, ms, sequence, reason, decided)

    def _start(
        self,
        camera_id: str | None,
        ms: int,
        sequence: int,
        otherwise: str,
        cause: Cut | None = None,
        broken: list[HeldRange] | None = None,
    ) -> None:
        """A new stretch. ``otherwise`` is its reason where the cut that caused it gives none."""
        if camera_id is None and otherwise != "pause":
            otherwise = "no_camera"
        stretch = Stretch(
            camera_id=camera_id,
            in_ms=ms,
            reason=cause.reason if cause and cause.reason else otherwise,
            cause=cause,
            is_cut=broken is not None,
            context=self.in_force.context(cause.score if cause else None),
            flags=self._flags(camera_id, ms, sequence, cause),
            broken=broken or [],
        )
        self.stretches.append(stretch)

    def _flags(self, camera_id: str | None, ms: int, sequence: int, cause: Cut | None) -> list[str]:
        flags = [f"late:{cause.late_by} ms"] if cause and cause.late_by else []
        decided_at = cause.sequence if cause else sequence
        if camera_id is None:
            flags += ["no_camera"] if cause else []
        elif camera_id not in self.active:
            flags.append("unregistered")
            self._meet_stranger(camera_id, ms, decided_at, is_named=cause is not None)
        elif not self.active[camera_id]:
            flags.append("source_inactive")
            note = f"{camera_id} is inactive"
            self.audit.add("source_inactive", ms, decided_at, note, is_named=cause is not None)
        return flags

    # Holds and cameras.

    def _hold(self, place: Place, decision: Decision) -> None:
        entry = self.facts.history[place & INDEX]
        hold_id = as_hold_id(member(decision.metadata, "holdId"))
        hold = HeldRange(
            sequence=entry.sequence,
            hold_id=hold_id or make_id(self.partition, "event", entry.sequence),
            camera_id=decision.camera_id or self._on_air(),
            in_ms=ms_of(place),
            held_by=entry.actor,
        )
        self.holds.open(hold)

    def _on_air(self) -> str | None:
        """The camera on air; before the beginning and in a pause, the one that would be if the program went on now."""
        if self.stretches and not self.paused:
            return self.stretches[-1].camera_id
        if self.standby is not None and (self.paused or self.left is None):
            return self.standby.camera_id
        return self.left

    def _release(self, place: Place, decision: Decision) -> None:
        ms, sequence = ms_of(place), self._sequence_at(place)
        hold_id = as_hold_id(member(decision.metadata, "holdId"))
        if not self.holds.release(hold_id, decision.camera_id, ms, sequence):
            wanted = hold_id or decision.camera_id or "at all"
            self.audit.add("release_without_hold", ms, sequence, f"no hold {wanted} is open")

    def _activate(self, camera_id: str, ms: int, sequence: int, *, is_active: bool) -> None:
        was_active, self.active[camera_id] = self.active[camera_id], is_active
        if is_active or not was_active:
            return
        self.holds.end_all_on(camera_id, "voided", ms, sequence)
        if self.stretches and self.stretches[-1].camera_id == camera_id:
            self.stretches[-1].flags.append(f"source_lost@{ms}")
            self.audit.add("source_lost", ms, sequence, f"{camera_id} went inactive while on air")

    def _meet_stranger(self, camera_id: str, ms: int, sequence: int, *, is_named: bool = True) -> None:
        """Once a camera: its segments are flagged one by one."""
        if camera_id not in self.strangers:
            self.strangers.add(camera_id)
            self.audit.add("unregistered", ms, sequence, f"nobody registered {camera_id}", is_named=is_named)

    # The end.

    def _leave_open(self, last: Place) -> None:
        note = "the session has not ended: this cut log is provisional"
        self.audit.add("open_end", ms_of(last), self._sequence_at(last), note)

    def _list_after_end(self, places: Iterable[Place], end_ms: int) -> None:
        for place in places:
            ms, event = ms_of(place), self.facts.history.events[place & INDEX]
            # Titles and notes are put right after a shoot without a time of their own, and so at its last one.
            is_odd = ms > end_ms or not isinstance(event, SessionEvent | CameraEvent)
            if is_odd and type(event) is not StillRecorded:
                note = f"{ms - end_ms} ms after the end of the program; it changes nothing"
                self.audit.add("after_end", ms, self._sequence_at(place), note)


def _named(camera_id: str | None) -> str:
    return camera_id or "no camera"
