from datetime import date

import pytest
from hypothesis import given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st

from ledger.domain.refusals import Invalid
from ledger.domain.timecode import RATES, frame_at, frame_of_clock, timecode
from ledger.imports.tape import Tape

SATURDAY = date(2026, 3, 14)
MODES = {
    "23.976": "1080p2398",
    "24": "2160p24",
    "25": "1080i50",
    "29.97df": "1080i5994",
    "29.97ndf": "1080p2997",
    "30": "1080p30",
    "50": "720p50",
    "59.94df": "2160p5994",
    "59.94ndf": "1080p59.94",
    "60": "1080p60",
}


def test_there_is_a_video_mode_for_every_rate():
    assert {Tape(MODES[rate.name], timecode(0, rate), SATURDAY, 1).rate for rate in RATES} == set(RATES)


@of_hypothesis(deadline=None)
@given(st.sampled_from(RATES), st.data())
def test_rounding_program_time_gives_every_frame_back(rate, draw):
    """As a replay rounds: each time to its millisecond, then their distance to a frame."""
    first = draw.draw(st.integers(0, rate.frames_per_day - 1))
    tape = Tape(MODES[rate.name], timecode(first, rate), SATURDAY, 1)
    assert frame_of_clock(tape.start_ms, rate) == first
    elapsed = 0
    for step in draw.draw(st.lists(st.integers(0, rate.frames_per_day // 2), max_size=8)):
        elapsed += step
        tape.advance(timecode(first + elapsed, rate), 2)
        assert tape.place.frame == elapsed
        assert frame_at(int(tape.place.ms + 0.5) - tape.start_ms, rate) == elapsed


def test_past_midnight_is_the_next_day():
    tape = Tape("1080p25", "23:59:59:24", SATURDAY, 1)
    tape.advance("00:00:00:00", 2)
    assert tape.place.ms - tape.start_ms == 40


@pytest.mark.parametrize(("first", "second"), [("10:00:00:00", "09:59:59:24"), ("00:00:00:00", "23:59:59:24")])
def test_backwards_is_refused_on_either_side_of_midnight(first, second):
    tape = Tape("1080p25", first, SATURDAY, 1)
    with pytest.raises(Invalid, match=f"line 7: masterTimecode: {second} is before {first}"):
        tape.advance(second, 7)


@pytest.mark.parametrize("mode", ["", "1080p26", "1080i25", "1080", "p25", "1080p\u0662\u0665", "1080p25 "])
def test_a_video_mode_that_is_not_known_is_refused(mode):
    with pytest.raises(Invalid, match="line 1: videoMode"):
        Tape(mode, "10:00:00:00", SATURDAY, 1)


@pytest.mark.parametrize("label", ["", "10:00:00", "24:00:00:00", "10:00:00:25", "10:00:00;00", "1O:00:00:00"])
def test_a_timecode_that_the_rate_does_not_have_is_refused(label):
    with pytest.raises(Invalid, match="line 1: masterTimecode"):
        Tape("1080p25", label, SATURDAY, 1)


def test_a_label_that_drop_frame_skips_is_refused():
    with pytest.raises(Invalid, match="drop-frame skips"):
        Tape("1080p2997", "10:01:00;00", SATURDAY, 1)


def test_the_separator_says_whether_a_rate_is_drop_frame_and_does_not_change():
    assert Tape("1080p2997", "10:01:00:00", SATURDAY, 1).rate.name == "29.97ndf"
    with pytest.raises(Invalid, match="line 3: masterTimecode"):
        Tape("1080p2997", "10:00:00;00", SATURDAY, 1).advance("10:00:01:00", 3)


def test_a_date_before_program_time_is_refused():
    with pytest.raises(Invalid, match="date: 1969-12-31"):
        Tape("1080p25", "10:00:00:00", date(1969, 12, 31), 1)
