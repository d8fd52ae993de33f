from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.application.live.timestamps import Timestamps


@given(st.lists(st.integers(0, 2**62), min_size=2))
def test_time_moves_forward_whatever_the_clock_does(clock: list[int]):
    readings = iter(clock)
    timestamps = Timestamps(lambda: next(readings))
    told = [timestamps.next() for _ in clock]
    assert all(earlier < later for earlier, later in pairwise(told))
    assert all(timestamp >= reading for timestamp, reading in zip(told, clock, strict=True))


def test_what_another_clock_said_is_waited_for_until_this_one_has_passed_it():
    timestamps = Timestamps(lambda: 1_000_000_000)
    assert timestamps.seconds_behind(3_500_000_000) == 2.5
    assert timestamps.seconds_behind(999) == 0
