"""The fold as a whole: the rules it follows have tests of their own, by what happens; here is what holds for any history."""

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.entries import Entry, History
from ledger.domain.program import fold
from ledger.domain.program.audit import Audit, named_in
from ledger.domain.program.chronology import chronology
from ledger.domain.program.replay import Replay
from tests.domain.program.shoots import changes, director_events, on_air, recorded, shoot
from tests.recordings import SESSION, Recording

happenings = st.lists(director_events | changes, max_size=12)


def replay_of(recording: Recording) -> Replay:
    history = History.of(recording.entries)
    audit = Audit(named_in(history))
    facts = chronology(history, audit)
    assert facts is not None
    return Replay(SESSION, facts, audit)


def test_no_history_is_an_empty_provisional_cut_log():
    log = fold([], "s1")
    assert (log.session_id, log.sequence, log.segments, log.holds, log.audit) == ("s1", 0, (), (), ())
    assert log.provisional


def test_it_says_whose_history_was_folded_and_how_far():
    recording = shoot().cut("A", 1000).ended(2000)
    log = fold(recording.entries)
    assert (log.session_id, log.sequence, log.provisional) == (SESSION, recording.sequence, False)
    assert fold(recording.entries[:-1]).provisional


@given(happenings, st.randoms(use_true_random=False))
def test_stopped_anywhere_it_goes_on_to_the_same_program(happened: list[tuple[object, ...]], chance: random.Random):
    recording = recorded(happened)
    whole, halting = replay_of(recording), replay_of(recording)
    stops = sorted(chance.randint(0, whole.facts.ending) for _ in range(4))
    for stop in stops:
        halting.advance(stop)
    assert halting.program() == whole.program()
    assert halting.audit.entries() == whole.audit.entries()


@given(happenings)
def test_the_program_has_no_hole_and_no_overlap_from_its_beginning_to_its_end(happened: list[tuple[object, ...]]):
    replay = replay_of(recorded(happened))
    program = replay.program()
    for earlier, later in pairwise(program):
        assert earlier.out_ms == later.in_ms
    assert all(segment.in_ms < segment.out_ms for segment in program[:-1])


@given(happenings)
def test_the_same_history_has_the_same_cut_log(happened: list[tuple[object, ...]]):
    entries = recorded(happened).entries
    assert fold(entries) == fold(iter(entries))


def test_of_most_facts_nothing_is_looked_at_but_what_happened():
    recording = shoot().cut("A", 1000, "first").cut("B", 1050).cut("stranger", 1060).release(1070)
    for at in range(1100, 1200):
        recording.decided("bar_fire", at, "B").music(at, section="drop", tempo=120)
    recording.hold(1200, "A", "h").corrected("first", camera_id="C").ended(2000)
    looked_at: list[int] = []

    def entry_at(index: int) -> Entry:
        looked_at.append(index)
        return recording.entries[index]

    history = History([entry.event for entry in recording.entries], entry_at, lambda index: index + 1)
    assert fold(history) == fold(recording.entries)
    corrected, correction, held = 5, recording.sequence - 2, recording.sequence - 3
    assert set(looked_at) == {0, corrected, correction, held}


def test_what_it_has_gone_through_is_in_force_and_what_it_has_not_is_not():
    recording = shoot(start=1000).cut("A", 1000).decided("mode_change", 1100, metadata={"mode": "pose"}).cut("B", 1200)
    replay = replay_of(recording)
    replay.advance(replay.facts.ending - 1)
    assert replay.stretches[-1].camera_id == "A"
    assert on_air(fold(recording.entries)) == [("A", 1000, 1200), ("B", 1200, 1200)]
    assert [segment.context.mode for segment in replay.program()] == [None, "pose"]
