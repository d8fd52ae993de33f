import io
from itertools import pairwise

import opentimelineio as otio
import pycmx
import pytest
from hypothesis import assume, given
from hypothesis import settings as of_hypothesis
from opentimelineio.schema import Clip, GeneratorReference, Transition

from ledger.domain.timecode import RATES, frame_of, parse_rate, timecode
from ledger.exports import Settings, edits_of, render
from ledger.exports.edl import _parts
from ledger.exports.reels import reels
from tests.exports import cut_logs
from tests.exports.cut_logs import cut_log

MIDNIGHT_MS = 1_773_532_800_000
PAL = Settings(parse_rate(25), title="Test")


def texts(log, settings):
    return [file.content.decode() for file in render(log, "edl", settings).files]


def expected(log, settings):
    """What each event must say, part by part."""
    written = edits_of(log, settings)
    named = reels(edit.camera_id for edit in written.edits if edit.camera_id is not None)
    events = []
    for number, edit in enumerate(written.edits):
        source = edit.source_in if edit.camera_id is not None else 0
        outgoing = written.edits[number - 1] if edit.dissolve_frames else None
        events.append(
            {
                "reel": "BL" if edit.camera_id is None else named[edit.camera_id],
                "clip": "BLACK" if edit.camera_id is None else settings.clip_name(edit.camera_id),
                "source": (timecode(source, settings.rate), timecode(source + edit.frame_count, settings.rate)),
                "record": (edit.record_in_timecode, edit.record_out_timecode),
                "dissolve": min(edit.dissolve_frames, 999),
                "from": outgoing
                and ("BL" if outgoing.camera_id is None else named[outgoing.camera_id], edit.record_in_timecode),
            }
        )
    return [events[first:last] for first, last in _parts(written.edits)]


def by_pycmx(text):
    """The events as pycmx reads them. It knows labels only, so there is nothing to convert."""
    read = pycmx.parse_cmx3600(io.StringIO(text))
    assert not list(read.unrecognized_statements)
    events = []
    for number, event in enumerate(read.events, 1):
        assert event.number == number
        *outgoing, edit = event.edits
        assert edit.transition.kind == ("D" if outgoing else "C")
        events.append(
            {
                "reel": edit.source,
                "clip": edit.clip_name,
                "source": (edit.source_in, edit.source_out),
                "record": (edit.record_in, edit.record_out),
                "dissolve": edit.transition.effect_duration if outgoing else 0,
                "from": (outgoing[0].source, outgoing[0].record_in) if outgoing else None,
            }
        )
        for cut in outgoing:
            assert (cut.transition.kind, cut.source_in, cut.record_in) == ("C", cut.source_out, cut.record_out)
    return events


def by_otio(text, rate):
    """The events as OpenTimelineIO's adapter reads them: frames, so labels are made again of what it counted."""
    track = otio.adapters.read_from_string(text, "cmx_3600", rate=float(rate.exact)).tracks[0]
    at = 0 if track.source_range is None else -round(track.source_range.start_time.value)
    events, dissolve, outgoing = [], 0, None
    for item in track:
        if isinstance(item, Transition):
            assert (item.transition_type, item.in_offset.value) == ("SMPTE_Dissolve", 0)
            dissolve = round(item.out_offset.value)
            continue
        assert isinstance(item, Clip), "our gaps are black, never holes"
        reel = item.metadata["cmx_3600"]["reel"]
        assert (reel == "BL") == isinstance(item.media_reference, GeneratorReference)
        first, length = round(item.source_range.start_time.value), round(item.source_range.duration.value)
        events.append(
            {
                "reel": reel,
                "clip": item.name,
                "source": (timecode(first, rate), timecode(first + length, rate)),
                "record": (timecode(at, rate), timecode(at + length, rate)),
                "dissolve": dissolve,
                "from": (outgoing, timecode(at, rate)) if dissolve else None,
            }
        )
        at, dissolve, outgoing = at + length, 0, reel
    return events


def crosses_midnight(log, settings):
    return any("crosses midnight" in warning for warning in render(log, "edl", settings).warnings)


@of_hypothesis(deadline=None)
@given(cut_logs.cut_logs, cut_logs.settings())
def test_both_readers_read_every_event_back(log, settings):
    # Labels begin again at midnight and the readers subtract them: such a list is written with a warning (see below).
    assume(edits_of(log, settings).edits and not crosses_midnight(log, settings))
    for text, events in zip(texts(log, settings), expected(log, settings), strict=True):
        assert by_pycmx(text) == events
        assert by_otio(text, settings.rate) == events


@pytest.mark.parametrize("rate", [parse_rate("25"), parse_rate("59.94df")], ids=lambda rate: rate.name)
def test_more_than_999_events_are_read_back_from_parts_that_join(rate):
    listed = [(f"cam-{number % 3}", 130 + number % 7, 80 if number % 5 == 2 else None) for number in range(1100)]
    log, settings = cut_log(*listed), Settings(rate, title="long")
    parts = expected(log, settings)
    assert [len(part) for part in parts] == [999, 101]
    written = texts(log, settings)
    read = [by_pycmx(text) for text in written]
    assert read == parts == [by_otio(text, rate) for text in written]
    assert all(earlier[-1]["record"][1] == later[0]["record"][0] for earlier, later in pairwise(read))
    assert [file.suffix for file in render(log, "edl", settings).files] == ["-part1.edl", "-part2.edl"]


def test_a_part_begins_with_a_cut_even_where_the_999th_event_is_a_dissolve():
    listed = [(f"cam-{number % 2}", 1000, 400 if number in (998, 999) else None) for number in range(1200)]
    parts = expected(cut_log(*listed), PAL)
    assert [len(part) for part in parts] == [997, 203]
    assert all(part[0]["dissolve"] == 0 for part in parts)
    assert [by_otio(text, PAL.rate) for text in texts(cut_log(*listed), PAL)] == parts


def test_nothing_but_dissolves_is_split_all_the_same_and_said():
    log = cut_log(*((f"cam-{number % 2}", 1000, 400) for number in range(1200)))
    assert [len(by_pycmx(text)) for text in texts(log, PAL)] == [999, 201]
    assert any("begins with a dissolve" in warning for warning in render(log, "edl", PAL).warnings)
    # The reader's fault: a list that begins with a dissolve is proper CMX3600, and pycmx has just read it.
    with pytest.raises(Exception, match="Transitions can't be at the very beginning"):
        by_otio(texts(log, PAL)[1], PAL.rate)


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: rate.name)
def test_source_timecode_across_midnight_is_warned_of_because_the_readers_refuse_it(rate):
    log = cut_log(("cam-1", 4000), ("cam-2", 4000), start_ms=MIDNIGHT_MS - 2000)
    settings = Settings(rate)
    assert crosses_midnight(log, settings)
    # The reader's fault: it takes the out label, which began again at 00:00:00:00, from the in label.
    with pytest.raises(Exception, match="Source and record duration don't match"):
        by_otio(texts(log, settings)[0], rate)
    shifted = Settings(rate, source_start="10:00:00:00")
    assert not crosses_midnight(log, shifted)
    assert by_otio(texts(log, shifted)[0], rate) == expected(log, shifted)[0]


def test_the_list_as_it_stands():
    log = cut_log(("cam-1", 4000), ("cam-2", 2000, 480), (None, 1000), ("cam-1", 40))
    assert texts(log, Settings(parse_rate("29.97df"), title="Gala", clip_names={"cam-2": "CAM 2.mp4"})) == [
        "TITLE: Gala\n"
        "FCM: DROP FRAME\n"
        "001  CAM1     V     C        15:00:00;04 15:00:04;04 01:00:00;00 01:00:04;00\n"
        "* FROM CLIP NAME: cam-1\n"
        "002  CAM1     V     C        15:00:04;04 15:00:04;04 01:00:04;00 01:00:04;00\n"
        "002  CAM2     V     D    014 15:00:04;04 15:00:06;04 01:00:04;00 01:00:06;00\n"
        "* FROM CLIP NAME: cam-1\n"
        "* TO CLIP NAME: CAM 2.mp4\n"
        "003  BL       V     C        00:00:00;00 00:00:01;00 01:00:06;00 01:00:07;00\n"
        "* FROM CLIP NAME: BLACK\n"
        "004  CAM1     V     C        15:00:07;04 15:00:07;05 01:00:07;00 01:00:07;01\n"
        "* FROM CLIP NAME: cam-1\n"
    ]


def test_a_start_that_the_rate_does_not_have_is_refused():
    with pytest.raises(Exception, match="startTimecode"):
        render(cut_log(("cam-1", 1000)), "edl", Settings(parse_rate("29.97df"), start="00:01:00;00"))


def test_labels_near_the_end_of_a_day_are_exact_at_all_rates():
    for rate in RATES:
        last = timecode(rate.frames_per_day - 50, rate)
        text = texts(cut_log(("cam-1", 500)), Settings(rate, start=last, source_start=last))[0]
        assert by_otio(text, rate)[0]["record"][0] == last
        assert frame_of(last, rate) == rate.frames_per_day - 50
