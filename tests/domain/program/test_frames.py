"""Rules 12 to 14: the program in an editor's frames."""

from fractions import Fraction
from itertools import pairwise

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cutlog import CutLog
from ledger.domain.program import TIME_OF_DAY, fold, shots, with_frames
from ledger.domain.refusals import Invalid
from ledger.domain.timecode import RATES, Rate, parse_rate
from tests.recordings import Recording


def program(*cuts: tuple[str, int], start: int = 1000, end: int = 3000) -> CutLog:
    recording = Recording().started(start, status="rolling").cameras("A", "B", "C")
    for camera, at in cuts:
        recording.cut(camera, at)
    return fold(recording.ended(end).entries)


def counted(cut_log: CutLog, rate: str) -> list[tuple[str | None, int, int]]:
    frames, _ = shots(cut_log, parse_rate(rate))
    return [(shot.camera_id, shot.record_in_frame, shot.record_out_frame) for shot in frames]


def test_frames_count_from_the_programs_beginning():
    assert counted(program(("A", 1000), ("B", 2000)), "25") == [("A", 0, 25), ("B", 25, 50)]


def test_boundaries_are_rounded_half_up_and_not_durations():
    cut_log = program(("A", 1000), ("B", 1019), ("C", 1060), ("A", 1100))
    assert counted(cut_log, "25") == [("B", 0, 2), ("C", 2, 3), ("A", 3, 50)]


def test_a_gap_is_a_shot_of_no_camera():
    assert counted(program(("A", 2000)), "25") == [(None, 0, 25), ("A", 25, 50)]


def test_a_shot_that_comes_to_no_frame_is_dropped_and_reported():
    cut_log = with_frames(program(("A", 1000), ("B", 2000), ("C", 2010)), parse_rate("25"))
    assert [shot.camera_id for shot in cut_log.frames or ()] == ["A", "C"]
    assert [(entry.kind, entry.timestamp_ms, entry.event_id) for entry in cut_log.audit] == [
        ("below_frame", 2000, cut_log.segments[1].cause_event_id)
    ]


def test_neighbours_of_one_camera_merge_where_the_shot_between_them_is_dropped():
    assert counted(program(("A", 1000), ("B", 2000), ("A", 2010)), "25") == [("A", 0, 50)]


def test_the_first_frame_is_one_oclock_unless_somebody_says_otherwise():
    frames, _ = shots(program(("A", 1000), ("B", 2000)), parse_rate("29.97df"))
    assert [(shot.record_in, shot.record_out) for shot in frames] == [
        ("01:00:00;00", "01:00:01;00"),
        ("01:00:01;00", "01:00:02;00"),
    ]
    frames, _ = shots(program(("A", 1000)), parse_rate("25"), "10:00:00:12")
    assert (frames[0].record_in, frames[0].record_out) == ("10:00:00:12", "10:00:02:12")


@pytest.mark.parametrize("said", [TIME_OF_DAY, "time-of-day", "Time of Day"])
def test_the_first_frame_may_be_the_time_of_day(said: str):
    half_past_nine = 1_763_631_000_000  # 2025-11-20T09:30:00Z
    cut_log = program(("A", half_past_nine + 480), start=half_past_nine + 480, end=half_past_nine + 2480)
    for name, label in [("25", "09:30:00:12"), ("23.976", "09:30:00:12"), ("29.97df", "09:30:00;14")]:
        frames, _ = shots(cut_log, parse_rate(name), said)
        assert frames[0].record_in == label


@pytest.mark.parametrize("start", ["", "soon", "01:00:00:25", "24:00:00:00"])
def test_a_start_that_is_no_timecode_is_refused(start: str):
    with pytest.raises(Invalid, match="time of day") as refused:
        shots(program(("A", 1000)), parse_rate("25"), start)
    assert refused.value.detail["field"] == "startTimecode"


def test_frames_begin_where_somebody_says_and_what_is_dropped_is_audited_at_its_time():
    cut_log = program(("A", 1000), ("A", 1500), ("B", 2000), ("C", 2010), ("C", 2500))
    told = with_frames(cut_log, parse_rate("25"), "10:00:00:00")
    assert [shot.record_in for shot in told.frames or ()] == ["10:00:00:00", "10:00:01:00"]
    assert [entry.timestamp_ms for entry in told.audit] == [1500, 2000, 2500]


def test_an_empty_program_has_no_shots():
    empty = fold(Recording().started().entries)
    assert with_frames(empty, parse_rate("25")).frames == ()


cut_times = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 20_000)), max_size=30)


@given(cut_times, st.sampled_from(RATES))
def test_shots_tile_the_program_and_nothing_drifts(cuts: list[tuple[str, int]], rate: Rate):
    cut_log = program(*sorted(cuts, key=lambda cut: cut[1]), start=0, end=20_001)
    frames, dropped = shots(cut_log, rate)
    total = int(Fraction(20_001) * rate.exact / 1000 + Fraction(1, 2))
    assert sum(shot.record_out_frame - shot.record_in_frame for shot in frames) == total
    assert frames[0].record_in_frame == 0
    for before, after in pairwise(frames):
        assert before.record_out_frame == after.record_in_frame
        assert before.camera_id != after.camera_id
    assert all(shot.record_in_frame < shot.record_out_frame for shot in frames)
    assert len(frames) + len(dropped) <= len(cut_log.segments)


@pytest.mark.parametrize(
    "rate",
    [
        pytest.param(rate, id=rate.name, marks=() if rate.name in ("23.976", "25", "59.94df") else pytest.mark.long)
        for rate in RATES
    ],
)
def test_two_hours_of_cuts_are_on_the_frames_that_exact_arithmetic_puts_them_on(rate: Rate):
    cuts = [("AB"[index % 2], index * 2879) for index in range(2501)]
    frames, dropped = shots(program(*cuts, start=0, end=2501 * 2879), rate)
    assert dropped == ()
    for (_, ms), shot in zip(cuts, frames, strict=True):
        nearest = otio.opentime.RationalTime(ms, 1000).rescaled_to(float(rate.exact)).value
        assert abs(shot.record_in_frame - nearest) <= 0.5 + 1e-6
