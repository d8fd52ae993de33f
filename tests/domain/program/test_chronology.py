"""A session's facts on the program's clock."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.entries import History
from ledger.domain.program.audit import Audit, named_in
from ledger.domain.program.chronology import INDEX, Chronology, chronology, has_ended, ms_of, place_of, program_time
from tests.recordings import Recording


def facts_of(recording: Recording) -> Chronology:
    history = History.of(recording.entries)
    facts = chronology(history, Audit(named_in(history)))
    assert facts is not None
    return facts


def order(recording: Recording) -> list[tuple[int, int]]:
    """The program's order: milliseconds and sequence of every fact that takes place in it."""
    facts = facts_of(recording)
    return [(ms_of(place), facts.history[place & INDEX].sequence) for place in facts.places]


@given(st.integers(0, 8_640_000_000_000_000) | st.floats(0, 8.64e15))
def test_program_time_is_rounded_half_up_exactly(timestamp_ms: float):
    exact = Fraction(timestamp_ms)
    assert program_time(timestamp_ms) == (exact + Fraction(1, 2)).__floor__()


def test_half_a_millisecond_is_a_whole_one_and_the_number_just_below_it_none():
    assert [program_time(ms) for ms in (0.5, 0.49999999999999994, 1.5, 4503599627370497.5)] == [
        1,
        0,
        2,
        4503599627370498,
    ]


@given(st.integers(0, 8_640_000_000_000_000), st.integers(0, INDEX))
def test_a_place_is_a_time_and_an_index(ms: int, index: int):
    place = place_of(ms, index)
    assert (ms_of(place), place & INDEX) == (ms, index)


def test_facts_are_ordered_by_time_then_by_sequence():
    recording = Recording().started(0).cut("A", 30).cut("B", 10).cut("C", 10)
    assert order(recording) == [(0, 1), (10, 3), (10, 4), (30, 2)]
    assert facts_of(recording).late_by == {3: 20, 4: 20}


def test_a_change_without_a_time_takes_place_at_the_greatest_before_it():
    recording = Recording().started(0).cut("A", 30).cut("B", 10).paused().rolling(40)
    assert (30, 4) in order(recording)


def test_a_change_before_any_time_takes_place_at_the_first_decision():
    recording = Recording().started().camera("A").music(5).cut("A", 30).cut("B", 20)
    assert order(recording) == [(5, 3), (20, 1), (20, 2), (20, 5), (30, 4)]


def test_a_history_without_any_time_has_no_chronology():
    for recording in (Recording().started().cameras("A", "B"), Recording()):
        history = History.of(recording.entries)
        assert chronology(history, Audit(named_in(history))) is None


def test_it_begins_at_the_first_rolling_else_at_the_start():
    assert ms_of(facts_of(Recording().started(5).cut("A", 9).rolling(20).paused(25).rolling(30)).beginning) == 20
    assert ms_of(facts_of(Recording().started(5).cut("A", 9)).beginning) == 5
    assert ms_of(facts_of(Recording().started(5, "rolling").rolling(20)).beginning) == 5


def test_it_ends_at_the_last_end_that_was_not_taken_back():
    once = Recording().started(0).cut("A", 10).ended(50)
    assert facts_of(once).closing_ms == 50
    assert has_ended(History.of(once.entries))
    reopened = once.reopened()
    assert facts_of(reopened).end is None
    assert not has_ended(History.of(reopened.entries))
    again = reopened.rolling(60).ended(90)
    assert facts_of(again).closing_ms == 90
    assert facts_of(again).ending == len(facts_of(again).places) - 1


def test_without_an_end_it_closes_at_the_last_fact():
    recording = Recording().started(0).cut("A", 10).music(70)
    facts = facts_of(recording)
    assert (facts.closing_ms, facts.ending) == (70, len(facts.places))


def test_a_corrected_event_takes_place_when_its_correction_says_and_a_voided_one_never():
    recording = Recording().started(0).cut("A", 10, "first").cut("B", 20, "second")
    recording.corrected("first", timestamp_ms=30).voided("second")
    assert order(recording) == [(0, 1), (30, 2)]
    assert set(facts_of(recording).amended) == {1, 2}


@pytest.mark.parametrize(
    ("recording", "declared"),
    [
        (Recording().started(0, metadata={"initialCamera": "A"}), "A"),
        (Recording().started(0, metadata={"initialCamera": "A"}).updated(0, metadata={"initialCamera": "B"}), "B"),
        (Recording().started(0, metadata={"initialCamera": "A"}).updated(0, unset=("metadata",)), None),
        (Recording().started(0, metadata={"initialCamera": "A"}).updated(9, metadata={"initialCamera": "B"}), "A"),
        (Recording().started(0, metadata=["initialCamera"]), None),
    ],
    ids=["at the start", "updated in time", "cleared in time", "updated too late", "no object"],
)
def test_the_declared_camera_is_the_one_in_force_at_the_beginning(recording: Recording, declared: str | None):
    assert facts_of(recording).declared == declared


def test_the_first_registration_of_a_camera_is_what_it_is_known_as():
    facts = facts_of(Recording().started(0).camera("A", weight=1).camera("A", weight=2).camera("B"))
    assert {name: camera.priority_weight for name, camera in facts.registrations.items()} == {"A": 1, "B": 1}
