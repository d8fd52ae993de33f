"""What the facts of a session tell about the clocks of those who recorded them."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.clocks import JUMP_MS_DEFAULT, WriterClock, writer_clocks
from ledger.domain.director import DirectorEventRecorded
from ledger.domain.entries import Entry
from ledger.domain.values import Number
from tests.recordings import RECORDED_AT, SESSION, Recording

APART_MS = 5_000


def delivered(deliveries: Iterable[Iterable[Number]], apart_ms: int) -> Iterator[Entry]:
    """Entries of one writer: each delivery so long after the one before, its facts with these offsets."""
    facts = [(number, offset) for number, offsets in enumerate(deliveries, 1) for offset in offsets]
    for sequence, (number, offset) in enumerate(facts, 1):
        recorded_at = RECORDED_AT + apart_ms * number
        event = DirectorEventRecorded(event_type="bar_fire", timestamp_ms=recorded_at - offset)
        yield Entry(SESSION, sequence, recorded_at, "pose", None, None, event, "{}")


def clock(*deliveries: Iterable[Number], jump_ms: int = JUMP_MS_DEFAULT, apart_ms: int = APART_MS) -> WriterClock:
    (found,) = writer_clocks(delivered(deliveries, apart_ms), jump_ms)
    return found


def jumps(*offsets: Number) -> list[tuple[int, Number, Number]]:
    """Of one fact a delivery: the sequence, from and to."""
    return [(jump.sequence, jump.from_ms, jump.to_ms) for jump in clock(*([offset] for offset in offsets)).jumps]


def test_offsets_are_recorded_time_less_the_writers():
    told = clock([500], [300.5], [-100], [700])
    assert (told.actor, told.fact_count, told.delivery_count) == ("pose", 4, 4)
    assert (told.min_ms, told.median_ms, told.max_ms, told.latest_ms) == (-100, 400.25, 700, 700)
    assert (told.estimate_ms, told.jumps, told.stray_count) == (-100, (), 0)


def test_of_a_batch_the_newest_fact_tells_for_the_others_were_held_back_with_it():
    told = clock([9_000, 6_000, 40], [8_000, 4_000, 60], [7_000, 50])
    assert (told.estimate_ms, told.max_ms, told.jumps, told.stray_count) == (40, 9_000, (), 0)
    assert (told.fact_count, told.delivery_count) == (8, 3)


@pytest.mark.parametrize("step", [5_000, -5_000])
def test_a_clock_that_is_set_anew_has_jumped_where_its_next_fact_stands(step: int):
    assert jumps(20, 35, 10, 20 + step, 40 + step, 30 + step) == [(4, 10, 20 + step)]


def test_the_smallest_offset_since_the_jump_is_the_estimate():
    told = clock([20], [10], [30], [5_040], [5_020], [5_030], [5_700])
    assert told.estimate_ms == 5_020


def test_something_that_was_held_up_is_no_jump():
    told = clock([20], [10], [30], [60_000], [59_000], [15], [40], [35])
    assert (told.jumps, told.stray_count, told.estimate_ms) == ((), 2, 10)


def test_a_clock_that_is_set_anew_and_back_has_jumped_twice():
    assert jumps(0, 0, 0, 9_000, 9_000, 9_000, 5, 5, 5) == [(4, 0, 9_000), (7, 9_000, 5)]


def test_what_strays_again_and_again_is_no_clock_while_another_goes_on():
    told = clock([20], [10], [30], [60_000], [15], [60_010], [25], [60_020], [40])
    assert (told.jumps, told.stray_count, told.estimate_ms) == ((), 3, 10)


def test_a_backlog_at_the_beginning_is_no_jump():
    assert jumps(600_000, 480_000, 240_000, 120_000, 30, 20, 40) == []


def test_what_differs_by_no_more_than_the_threshold_is_one_clock():
    assert jumps(0, 2_000, 0, 2_000, 2_000, 2_000) == []
    assert clock([0], [2_000], [0]).estimate_ms == 0
    assert clock([0], [2_001], [0]).estimate_ms is None
    assert jumps(0, 0, 0, 2_001, 2_001, 2_001) == [(4, 0, 2_001)]
    assert jumps(0, 2_000, 0, -10, -10, -10) == []
    assert jumps(9_000, 11_000, 9_000, 8_990, 8_990, 8_990) == []
    assert jumps(0, 1, 0, -2_000, -2_000, -2_000) == []
    assert jumps(0, 1, 0, -2_001, -2_001, -2_001) == [(4, 0, -2_001)]
    (jump,) = clock([0], [0], [0], [6], [6], [6], jump_ms=5).jumps
    assert (jump.recorded_at, jump.to_ms) == (RECORDED_AT + 4 * APART_MS, 6)


def test_too_little_to_tell_is_neither_a_clock_nor_a_jump():
    told = clock([0], [90_000])
    assert (told.jumps, told.stray_count, told.estimate_ms) == ((), 2, None)
    assert clock([0], [0], [0]).estimate_ms == 0
    assert clock([0], [0], [0], apart_ms=APART_MS - 1).estimate_ms is None


@pytest.mark.parametrize("pace", [0, 0.5, 1.5, 100])
def test_facts_that_come_in_faster_or_slower_than_they_happened_show_no_clock(pace: float):
    """An upload after the shoot: writer's time passes at another pace than the server's."""
    for apart_ms in (10, 1_000, 20_000):
        told = clock(*([3_600_000 + n * apart_ms * (1 - pace)] for n in range(100)), apart_ms=apart_ms)
        assert (told.jumps, told.estimate_ms) == ((), None)


def test_each_writer_has_a_clock_of_its_own_and_facts_without_a_time_tell_nothing():
    recording = Recording().started().cameras("A").cut("A", RECORDED_AT, "cut").corrected("cut", timestamp_ms=5)
    recording.actor = "music"
    recording.music(RECORDED_AT + 5_000).still("A", RECORDED_AT + 6_000)
    told = writer_clocks(recording.entries)
    assert [(it.actor, it.fact_count, it.min_ms) for it in told] == [("multicam", 1, 3_000), ("music", 2, 0)]
    assert writer_clocks(Recording().started().entries) == ()


offsets = st.integers(-20_000, 20_000)


@given(st.lists(st.lists(offsets, min_size=1, max_size=3), min_size=1, max_size=30), st.integers(1, 5_000))
def test_every_jump_is_further_than_the_threshold_and_the_estimate_was_measured(
    deliveries: list[list[int]], jump_ms: int
):
    told = clock(*deliveries, jump_ms=jump_ms)
    measured = [min(offsets) for offsets in deliveries]
    assert all(abs(jump.to_ms - jump.from_ms) > jump_ms for jump in told.jumps)
    assert told.estimate_ms in (None, *measured)
    assert (told.estimate_ms is None) == (told.stray_count == told.delivery_count)
    assert 0 <= told.stray_count <= told.delivery_count == len(deliveries)
    assert [jump.sequence for jump in told.jumps] == sorted({jump.sequence for jump in told.jumps})


@given(st.lists(st.integers(0, 1_000), min_size=3, max_size=30), st.integers(-(10**9), 10**9))
def test_a_clock_that_is_only_wrong_never_jumps_and_is_found_out(delays: list[int], off: int):
    told = clock(*([off + delay] for delay in delays))
    assert (told.jumps, told.estimate_ms) == ((), off + min(delays))
