from fractions import Fraction

import opentimelineio as otio
import pytest
import timecode as timecode_package
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.refusals import Invalid
from ledger.domain.timecode import RATES, Rate, frame_at, frame_of, frame_of_clock, ms_at, parse_rate, timecode

rates = st.sampled_from(RATES)
by_name = pytest.mark.parametrize("rate", RATES, ids=lambda rate: rate.name)


def rule_of(refused: pytest.ExceptionInfo[Invalid]) -> str:
    return str(refused.value.detail["rule"])


@by_name
def test_a_rate_is_known_by_the_name_it_goes_by(rate: Rate):
    assert parse_rate(rate.name) is rate
    assert parse_rate(f" {rate.name.upper()} ") is rate


def test_the_ten_rates_are_exact():
    assert [(rate.name, rate.exact, rate.nominal, rate.drop) for rate in RATES] == [
        ("23.976", Fraction(24000, 1001), 24, False),
        ("24", 24, 24, False),
        ("25", 25, 25, False),
        ("29.97df", Fraction(30000, 1001), 30, True),
        ("29.97ndf", Fraction(30000, 1001), 30, False),
        ("30", 30, 30, False),
        ("50", 50, 50, False),
        ("59.94df", Fraction(60000, 1001), 60, True),
        ("59.94ndf", Fraction(60000, 1001), 60, False),
        ("60", 60, 60, False),
    ]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("29.97 DF", "29.97df"),
        ("59.94-ndf", "59.94ndf"),
        ("23.98", "23.976"),
        (25, "25"),
        (25.0, "25"),
        (23.976, "23.976"),
    ],
)
def test_a_rate_may_be_typed_loosely_or_come_as_a_number(typed: str | float, name: str):
    assert parse_rate(typed).name == name


@pytest.mark.parametrize("typed", ["29.97", 59.94, " 59.94"])
def test_a_rate_that_is_counted_in_two_ways_must_say_which(typed: str | float):
    with pytest.raises(Invalid) as refused:
        parse_rate(typed)
    assert "drop-frame" in rule_of(refused)
    assert refused.value.detail["field"] == "rate"


@pytest.mark.parametrize("typed", ["", "0", "-25", "48", "25df", "fast", float("nan"), float("inf")])
def test_any_other_rate_is_refused_with_the_list_of_those_there_are(typed: str | float):
    with pytest.raises(Invalid, match=r"29\.97ndf"):
        parse_rate(typed)


@pytest.mark.parametrize(
    ("frame", "name", "label"),
    [
        (0, "25", "00:00:00:00"),
        (90_000, "25", "01:00:00:00"),
        (1799, "29.97df", "00:00:59;29"),
        (1800, "29.97df", "00:01:00;02"),
        (17_981, "29.97df", "00:09:59;29"),
        (17_982, "29.97df", "00:10:00;00"),
        (107_892, "29.97df", "01:00:00;00"),
        (2_589_407, "29.97df", "23:59:59;29"),
        (3599, "59.94df", "00:00:59;59"),
        (3600, "59.94df", "00:01:00;04"),
        (35_964, "59.94df", "00:10:00;00"),
        (2_591_999, "29.97ndf", "23:59:59:29"),  # where opentime says 00:01:26:11
        (86_400, "23.976", "01:00:00:00"),
    ],
)
def test_frames_and_labels_stand_for_each_other(frame: int, name: str, label: str):
    rate = parse_rate(name)
    assert timecode(frame, rate) == label
    assert frame_of(label, rate) == frame


@pytest.mark.parametrize(
    "rate",
    [
        # Labels are skipped, or a minute's frames are no whole number; of the others one is as good as any.
        pytest.param(
            rate, id=rate.name, marks=() if rate.name in ("23.976", "25", "29.97df", "59.94df") else pytest.mark.long
        )
        for rate in RATES
    ],
)
def test_every_frame_of_a_day_has_a_label_of_its_own_and_the_labels_go_up(rate: Rate):
    """Every frame of two minutes, and the minutes' edges all day long, where labels are skipped."""
    edges = {round(minute * 60 * rate.exact) + offset for minute in range(1440) for offset in range(-4, 5)}
    frames = sorted(frame for frame in edges | set(range(120 * rate.nominal)) if 0 <= frame < rate.frames_per_day)
    labels = [timecode(frame, rate) for frame in frames]
    assert labels == sorted(set(labels))
    assert [frame_of(label, rate) for label in labels] == frames


@given(rates, st.data())
def test_a_label_of_any_frame_of_a_day_stands_for_that_frame(rate: Rate, data: st.DataObject):
    frame = data.draw(st.integers(0, rate.frames_per_day - 1))
    assert frame_of(timecode(frame, rate), rate) == frame


@given(rates, st.integers(-(10**8), 10**8))
def test_labels_begin_again_at_midnight(rate: Rate, frame: int):
    assert timecode(frame + rate.frames_per_day, rate) == timecode(frame, rate)


@by_name
def test_the_last_label_of_a_day_is_followed_by_the_first(rate: Rate):
    assert timecode(rate.frames_per_day - 1, rate)[:8] == "23:59:59"
    assert frame_of(timecode(rate.frames_per_day, rate), rate) == 0


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("00:01:00;00", "29.97df"),
        ("00:01:00;01", "29.97df"),
        ("10:59:00:01", "29.97df"),
        ("00:01:00;03", "59.94df"),
        ("24:00:00:00", "25"),
        ("01:60:00:00", "25"),
        ("01:00:60:00", "25"),
        ("01:00:00:25", "25"),
        ("01:00:00;00", "25"),
        ("1:00:00:00", "25"),
        ("01:00:00", "25"),
        ("01:00:00:00\n", "25"),
        ("०१:00:00:00", "25"),
        ("", "25"),
    ],
)
def test_what_is_no_label_at_a_rate_is_refused(label: str, name: str):
    with pytest.raises(Invalid) as refused:
        frame_of(label, parse_rate(name), "startTimecode")
    assert refused.value.detail["field"] == "startTimecode"


def test_a_skipped_label_is_refused_with_the_next_that_there_is():
    with pytest.raises(Invalid, match="the next is 00:01:00;02"):
        frame_of("00:01:00;00", parse_rate("29.97df"))
    assert frame_of("00:10:00;00", parse_rate("29.97df")) == 17_982


def test_colons_will_do_at_a_drop_frame_rate():
    assert frame_of("01:00:00:00", parse_rate("29.97df")) == frame_of("01:00:00;00", parse_rate("29.97df")) == 107_892


@pytest.mark.parametrize(
    ("ms", "name", "frame"),
    [
        (19, "25", 0),
        (20, "25", 1),
        (59, "25", 1),
        (60, "25", 2),
        (1001, "29.97df", 30),
        (1001, "23.976", 24),
        (10, "50", 1),
    ],
)
def test_a_time_half_way_between_two_boundaries_goes_to_the_later(ms: int, name: str, frame: int):
    assert frame_at(ms, parse_rate(name)) == frame


@given(rates, st.integers(0, 10**10))
def test_a_time_is_never_further_than_half_a_frame_from_its_boundary(rate: Rate, ms: int):
    off = Fraction(ms) * rate.exact / 1000 - frame_at(ms, rate)
    assert Fraction(-1, 2) <= off < Fraction(1, 2)


@given(rates, st.integers(0, 10**8))
def test_a_boundary_in_milliseconds_is_still_that_boundary(rate: Rate, frame: int):
    assert frame_at(ms_at(frame, rate), rate) == frame
    assert abs(ms_at(frame, rate) - Fraction(frame) * 1000 / rate.exact) <= Fraction(1, 2)


@given(rates, st.integers(0, 86_399_999))
def test_a_clock_label_reads_like_the_clock(rate: Rate, ms: int):
    hours, minutes, seconds, frames = map(int, timecode(frame_of_clock(ms, rate), rate).replace(";", ":").split(":"))
    shown_ms = Fraction((hours * 60 + minutes) * 60 + seconds) * 1000 + Fraction(frames * 1000, rate.nominal)
    off_ms = (shown_ms - ms + 43_200_000) % 86_400_000 - 43_200_000
    assert abs(off_ms) <= Fraction(1000 * max(1, 2 * rate.labels_dropped), 2 * rate.nominal)


def test_a_clock_label_that_drop_frame_skips_becomes_the_next():
    assert timecode(frame_of_clock(60_000, parse_rate("29.97df")), parse_rate("29.97df")) == "00:01:00;02"
    assert timecode(frame_of_clock(600_000, parse_rate("29.97df")), parse_rate("29.97df")) == "00:10:00;00"


# Others' arithmetic, away from where it is known to be wrong: near the end of a day at 29.97 and 59.94 non-drop.


@given(rates, st.data())
def test_opentime_agrees(rate: Rate, data: st.DataObject):
    known_wrong = rate.name.endswith("ndf")
    frame = data.draw(st.integers(0, rate.frames_per_day - 1 - (rate.nominal * 120 if known_wrong else 0)))
    fps = float(rate.exact)
    assert otio.opentime.to_timecode(otio.opentime.RationalTime(frame, fps), fps, rate.drop) == timecode(frame, rate)


@given(rates, st.data())
def test_the_timecode_package_agrees(rate: Rate, data: st.DataObject):
    frame = data.draw(st.integers(0, rate.frames_per_day - 1))
    fps = rate.name.removesuffix("ndf").removesuffix("df")
    theirs = timecode_package.timecode.Timecode(fps, frames=frame + 1, force_non_drop_frame=not rate.drop)
    assert str(theirs) == timecode(frame, rate)
