import pytest
from hypothesis import given
from hypothesis import settings as of_hypothesis

from ledger.domain.program import shots
from ledger.domain.refusals import Invalid
from ledger.domain.timecode import RATES, frame_at, parse_rate
from ledger.exports import Settings, edits_of
from tests.exports import cut_logs
from tests.exports.cut_logs import AFTERNOON_MS, cut_log, hold, segment

PAL = Settings(parse_rate("25"))
AT_15_00_00_03 = 15 * 3600 * 25 + 3


@of_hypothesis(deadline=None)
@given(cut_logs.cut_logs, cut_logs.settings())
def test_the_edits_are_the_shots_and_fill_the_program(log, settings):
    written = edits_of(log, settings)
    counted, _ = shots(log, settings.rate, settings.start)
    assert [(edit.camera_id, edit.record_in, edit.record_out) for edit in written.edits] == [
        (shot.camera_id, shot.record_in_frame, shot.record_out_frame) for shot in counted
    ]
    for edit in written.edits:
        assert 0 <= edit.dissolve_frames <= edit.frame_count
        assert edit.source_in >= 0
        assert frame_at(edit.cause.in_ms - log.segments[0].in_ms, settings.rate) == edit.record_in
        assert edit.cause.camera_id == edit.camera_id


def test_source_timecode_is_the_time_of_day_less_the_cameras_latency():
    log = cut_log(("cam-1", 1000), ("cam-2", 1000))
    settings = Settings(parse_rate("25"), latency_frames={"cam-2": 3})
    assert [edit.source_in for edit in edits_of(log, settings).edits] == [AT_15_00_00_03, AT_15_00_00_03 + 25 - 3]


def test_source_timecode_begins_where_it_is_told():
    settings = Settings(parse_rate("25"), source_start="00:00:00:01", latency_frames={"cam-1": 2})
    (edit,) = edits_of(cut_log(("cam-1", 1000)), settings).edits
    assert edit.source_in == settings.rate.frames_per_day - 1, "a frame before midnight, not before time"


def test_a_source_start_that_is_no_timecode_is_refused():
    with pytest.raises(Invalid, match="sourceStart"):
        edits_of(cut_log(("cam-1", 1000)), Settings(parse_rate("25"), source_start="25:00:00:00"))


def test_a_dissolve_is_as_long_as_its_two_ends_are_apart():
    for rate in RATES:
        log = cut_log(("cam-1", 1010), ("cam-2", 5000, 1010))
        edit = edits_of(log, Settings(rate)).edits[1]
        assert edit.dissolve_frames == frame_at(2020, rate) - frame_at(1010, rate)


def test_a_dissolves_end_is_rounded_to_a_millisecond_like_every_other_time():
    assert edits_of(cut_log(("cam-1", 1000), ("cam-2", 1000, 59.5)), PAL).edits[1].dissolve_frames == 2
    assert edits_of(cut_log(("cam-1", 1000), ("cam-2", 1000, 59.4)), PAL).edits[1].dissolve_frames == 1


def test_a_dissolve_ends_with_its_shot():
    assert edits_of(cut_log(("cam-1", 1000), ("cam-2", 400, 4000)), PAL).edits[1].dissolve_frames == 10


def test_a_dissolve_without_a_picture_before_or_after_it_is_a_cut_and_said():
    written = edits_of(cut_log(("cam-1", 1000, 400), (None, 1000, 400)), PAL)
    assert [edit.dissolve_frames for edit in written.edits] == [0, 0]
    assert len(written.warnings) == 2


def test_a_dissolve_up_from_black_is_one():
    assert edits_of(cut_log((None, 1000), ("cam-1", 1000, 400)), PAL).edits[1].dissolve_frames == 10


def test_a_shot_below_a_frame_is_left_out_and_said_and_its_neighbours_are_one():
    written = edits_of(cut_log(("cam-1", 1000), ("cam-2", 5), ("cam-1", 995)), PAL)
    assert [(edit.camera_id, edit.frame_count) for edit in written.edits] == [("cam-1", 50)]
    assert written.warnings == ("1 shots are shorter than a frame and are left out; the audit list names them",)
    assert written.cut_log.audit[-1].kind == "below_frame"


def test_a_shot_carries_the_flags_of_all_its_segments():
    first = segment("cam-1", AFTERNOON_MS, AFTERNOON_MS + 1000, flags=("source_inactive",))
    second = segment("cam-1", AFTERNOON_MS + 1000, AFTERNOON_MS + 2000, flags=("source_inactive", "open_end"))
    log = cut_log().model_copy(update={"segments": (first, second)})
    assert edits_of(log, PAL).edits[0].flags == ("source_inactive", "open_end")


def test_holds_are_kept_inside_the_program():
    log = cut_log(("cam-1", 1000), holds=[hold("h", "cam-1", AFTERNOON_MS - 5000, AFTERNOON_MS + 9000)])
    (span,) = edits_of(log, PAL).holds
    assert (span.record_in, span.record_out) == (0, 25)


def test_an_empty_program_and_a_provisional_one_are_said():
    warnings = edits_of(cut_log(provisional=True), PAL).warnings
    assert any("empty" in warning for warning in warnings)
    assert any("provisional" in warning for warning in warnings)


def test_names_cannot_leave_their_line():
    settings = Settings(parse_rate("25"), clip_names={"cam-1": "one\r\n002  \u2028two\x00"})
    assert settings.clip_name("cam-1") == "one 002 two"
    assert settings.clip_name("\x01") == "camera"
