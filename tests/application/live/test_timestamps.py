from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.live.timestamps import TIMESTAMP_MAX, Timestamps, decoded_timestamp, encoded_timestamp


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


def test_a_timestamp_is_written_in_base64_of_eight_bytes_the_lowest_first():
    assert encoded_timestamp(8) == "CAAAAAAAAAA="


@given(st.integers(0, TIMESTAMP_MAX))
def test_a_timestamp_comes_back_as_it_went(timestamp: int):
    assert decoded_timestamp(encoded_timestamp(timestamp)) == timestamp


@pytest.mark.parametrize("text", ["", "AAAA", "!AAAAAAAAAA=", "é", "//////////8=", "CAAAAAAAAAA=CAAAAAAAAAA="])
def test_what_is_no_timestamp_is_told(text: str):
    assert decoded_timestamp(text) is None
