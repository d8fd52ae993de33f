import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import settings as of_hypothesis
from opentimelineio.schema import Clip, Gap, Transition

from ledger.domain.timecode import RATES, parse_rate
from ledger.exports import Settings, edits_of, render
from tests.exports import cut_logs
from tests.exports.cut_logs import AFTERNOON_MS, cut_log, hold


def read(log, settings):
    (file,) = render(log, "otio", settings).files
    assert file.suffix == ".otio"
    return otio.adapters.read_from_string(file.content.decode(), "otio_json")


def expected(written, settings):
    """The track's items, with every number in frames."""
    items: list[tuple[str | int, ...]] = []
    for edit in written.edits:
        if edit.dissolve_frames:
            items.append(("transition", edit.dissolve_frames))
        if edit.camera_id is None:
            items.append(("gap", edit.frame_count))
        else:
            items.append((settings.clip_name(edit.camera_id), edit.source_in, edit.frame_count))
    return items


def items_of(track, rate):
    items: list[tuple[str | int, ...]] = []
    for item in track:
        match item:
            case Transition():
                assert item.in_offset.value == 0
                items.append(("transition", frames(item.out_offset, rate)))
            case Gap():
                items.append(("gap", frames(item.duration(), rate)))
            case Clip():
                items.append((item.name, frames(item.source_range.start_time, rate), frames(item.duration(), rate)))
    return items


def frames(time, rate):
    """Exactly so many frames of exactly this rate, or the comparison fails."""
    assert time.rate == float(rate.exact)
    assert time.value == int(time.value)
    return int(time.value)


@of_hypothesis(deadline=None)
@given(cut_logs.cut_logs, cut_logs.settings())
def test_the_timeline_is_read_back(log, settings):
    written = edits_of(log, settings)
    timeline = read(log, settings)
    assert items_of(timeline.tracks[0], settings.rate) == expected(written, settings)
    assert frames(timeline.global_start_time, settings.rate) == written.record_start


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: rate.name)
def test_holds_and_flags_are_markers_in_record_time(rate):
    log = cut_log(
        ("cam-1", 4000), ("cam-2", 4000), holds=[hold("h1", "cam-1", AFTERNOON_MS + 1000, AFTERNOON_MS + 3000)]
    )
    flagged = log.segments[1].model_copy(update={"flags": ("source_inactive",)})
    log = log.model_copy(update={"segments": (log.segments[0], flagged)})
    second = float(rate.exact)
    markers = [
        (marker.name, marker.marked_range.start_time.value, marker.marked_range.end_time_exclusive().value)
        for marker in read(log, Settings(rate)).tracks.markers
    ]
    assert markers == [
        ("hold cam-1", round(second), round(3 * second)),
        ("source_inactive", round(4 * second), round(8 * second)),
    ]


def test_a_clip_says_why_it_was_cut_to():
    clip = read(cut_log(("cam-1", 4000)), Settings(parse_rate("25"))).tracks[0][0]
    assert dict(clip.metadata["ledger"])["reason"] == "cut"
    assert clip.media_reference.name == "cam-1"


def test_every_camera_has_a_handle_for_its_dissolves():
    log = cut_log(("cam-1", 4000), ("cam-2", 4000, 1000))
    for clip in (item for item in read(log, Settings(parse_rate("25"))).tracks[0] if isinstance(item, Clip)):
        available = clip.media_reference.available_range
        assert available.contains(clip.source_range)
        assert available.duration.value == 200
