import json
from datetime import UTC, datetime

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st

from ledger import exports
from ledger.domain.program import fold, shots
from ledger.domain.refusals import Invalid
from ledger.domain.timecode import RATES, frame_of, parse_rate, timecode
from ledger.exports import Settings, edits_of
from ledger.imports import atem
from tests.exports.test_edl import by_otio, by_pycmx, expected
from tests.exports.test_otio import expected as expected_items
from tests.exports.test_otio import items_of
from tests.imports.projects import SATURDAY, change, entries, header, project, sample, source
from tests.imports.test_tape import MODES

PAL = parse_rate("25")


def read(*lines):
    return atem.read(project(*lines), SATURDAY)


def cuts(recording):
    return [(event.camera_id, event.timestamp_ms - recording.start.timestamp_ms) for event in recording.events]


# A real recording.


def test_the_real_recording_is_replayed_to_exactly_its_own_timecodes():
    content = sample()
    in_file = [json.loads(line)["masterTimecode"] for line in content.decode().splitlines()]
    log = fold(entries(atem.read(content, SATURDAY)))
    counted, dropped = shots(log, PAL, "time of day")
    assert [counted[0].record_in, *(shot.record_out for shot in counted)] == in_file
    assert (len(in_file), in_file[0], len(counted), dropped) == (69, "20:58:44:03", 68, ())
    assert (log.audit, log.provisional) == ((), False)


def test_the_real_recordings_shares_of_the_program():
    log = fold(entries(atem.read(sample(), SATURDAY)))
    on_air = dict.fromkeys(("cam-1", "cam-2", "cam-3"), 0)
    for segment in log.segments:
        assert segment.camera_id is not None
        on_air[segment.camera_id] += segment.out_ms - segment.in_ms
    whole = sum(on_air.values())
    assert {camera: round(100 * ms / whole, 1) for camera, ms in on_air.items()} == {
        "cam-1": 52.2,
        "cam-2": 15.3,
        "cam-3": 32.5,
    }


def test_the_real_recording_leaves_as_every_format_and_is_read_back():
    log, settings = fold(entries(atem.read(sample(), SATURDAY))), Settings(PAL, start="time of day", title="Test 3")
    (edl,) = exports.render(log, "edl", settings).files
    (events,) = expected(log, settings)
    assert by_pycmx(edl.content.decode()) == by_otio(edl.content.decode(), PAL) == events
    assert all(event["source"] == event["record"] for event in events), "cameras and switcher ran on one timecode"
    for name, adapter in (("otio", "otio_json"), ("fcp7xml", "fcp_xml")):
        (file,) = exports.render(log, name, settings).files
        track = otio.adapters.read_from_string(file.content.decode(), adapter).tracks[0]
        assert items_of(track, PAL) == expected_items(edits_of(log, settings), settings)


# Made recordings.


def test_a_dissolve_across_midnight_in_drop_frame_is_exact():
    recording = read(
        header("23:59:50;00", "1080p2997"),
        change("23:59:59;20", transitionActive=True),
        change("00:00:00;20", transitionActive=False, source=2),
        change("00:01:00;02", source=3),
        change("00:10:00;00", onAir=False),
    )
    rate = parse_rate("29.97df")
    log = fold(entries(recording))
    settings = Settings(rate, start="time of day")
    assert [
        (edit.camera_id, edit.record_in_timecode, edit.dissolve_frames) for edit in edits_of(log, settings).edits
    ] == [
        ("cam-1", "23:59:50;00", 0),
        ("cam-2", "23:59:59;20", 30),
        ("cam-3", "00:01:00;02", 0),
    ]
    assert shots(log, rate, "time of day")[0][-1].record_out == "00:10:00;00"
    assert (log.audit, log.provisional) == ((), False)
    assert datetime.fromtimestamp(recording.ended_at_ms / 1000, UTC).date() == SATURDAY.replace(day=15)
    assert recording.events[0].metadata["transition"] == {"type": "dissolve", "durationMs": 1001}


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: rate.name)
def test_every_switch_and_dissolve_comes_back_on_its_frame_at_every_rate(rate):
    first = frame_of("23:40:00:00", rate) + 7
    switches = [number * 997 + number**2 % 40 for number in range(1, 60)]
    lines = [header(timecode(first, rate), MODES[rate.name])]
    for number, at in enumerate(switches):
        length = number % 4 * 9
        lines.append(change(timecode(first + at, rate), transitionActive=True))
        lines.append(change(timecode(first + at + length, rate), transitionActive=False, source=2 + number % 2))
    lines.append(change(timecode(first + 60_000, rate), onAir=False))
    log = fold(entries(read(*lines)))
    written = edits_of(log, Settings(rate, start="time of day")).edits
    assert [(edit.record_in, edit.record_in_timecode) for edit in written] == [
        (at, timecode(first + at, rate)) for at in (0, *switches)
    ]
    assert [edit.dissolve_frames for edit in written[1:]] == [number % 4 * 9 for number in range(59)]
    assert (written[-1].record_out, log.audit) == (60_000, ())


def test_a_transition_that_was_pushed_back_is_none():
    recording = read(
        header("10:00:00:00"),
        change("10:00:01:00", transitionActive=True),
        change("10:00:02:00", transitionActive=False),
        change("10:00:03:00", source=2),
    )
    assert cuts(recording) == [("cam-2", 3000)]
    assert "transition" not in recording.events[0].metadata


def test_a_transition_may_be_under_way_when_the_recording_begins():
    recording = read(header("10:00:00:00", transitionActive=True), change("10:00:00:20", source=2))
    assert recording.events[0].metadata["transition"]["durationMs"] == 800
    assert cuts(recording) == [("cam-2", 0)]


def test_a_second_transition_begins_after_the_first():
    recording = read(
        header("10:00:00:00"),
        change("10:00:01:00", transitionActive=True),
        change("10:00:02:00", source=2, transitionActive=True),
        change("10:00:03:00", source=3, transitionActive=False),
    )
    assert cuts(recording) == [("cam-2", 1000), ("cam-3", 2000)]
    assert [event.metadata["transition"]["durationMs"] for event in recording.events] == [1000, 1000]


def test_the_start_says_what_the_file_says():
    start = read(header("10:00:00:00", on_air=2)).start
    assert (start.status, start.title) == ("rolling", "Gala")
    assert start.metadata == {
        "initialCamera": "cam-2",
        "recording": {"recordingId": "00d1320b", "videoMode": "1080p25", "masterTimecode": "10:00:00:00"},
    }
    assert start.timestamp_ms == datetime(2026, 3, 14, 10, tzinfo=UTC).timestamp() * 1000


def test_cameras_are_what_was_recorded_or_on_air():
    sources = (source(1), source(4), source(0, "Color"), source(8, "Still"), source(5, "Video", file=None))
    recording = read(header("10:00:00:00", sources=sources), change("10:00:01:00", source=8))
    assert [(camera.camera_id, camera.source_type, camera.role) for camera in recording.cameras] == [
        ("cam-1", "atem_video", "camera"),
        ("cam-4", "atem_video", "camera"),
        ("cam-8", "atem_still", "graphic"),
    ]
    assert recording.cameras[0].device_name == "Camera 1"
    assert recording.cameras[0].metadata == {
        "source": 1,
        "file": "CAM 1.mp4",
        "startTimecode": "10:00:00:00",
        "projectPath": "Gala",
    }


def test_a_source_that_the_header_does_not_name_is_cut_to_and_flagged_by_the_replay():
    recording = read(header("10:00:00:00"), change("10:00:01:00", source=3010), change("10:00:02:00", onAir=False))
    log = fold(entries(recording))
    assert log.segments[1].camera_id == "cam-3010"
    assert "unregistered" in {entry.kind for entry in log.audit} | set(log.segments[1].flags)


def test_other_mix_effect_blocks_and_other_changes_change_nothing():
    second = {"masterTimecode": "10:00:01:00", "mixEffectBlocks": [{"source": 3, "_index_": 1}]}
    keyed = {"masterTimecode": "10:00:02:00", "downstreamKeys": [{"onAir": False, "_index_": 0}]}
    recording = read(header("10:00:00:00"), second, keyed)
    assert (recording.events, recording.ended_at_ms) == ((), None)


def test_windows_line_ends_a_byte_order_mark_and_blank_lines_do_no_harm():
    content = project(header("10:00:00:00"), change("10:00:01:00", source=2)).replace(b"\n", b"\r\n\r\n")
    assert cuts(atem.read(b"\xef\xbb\xbf" + content, SATURDAY)) == [("cam-2", 1000)]


# Files that are none.


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "file: it is empty"),
        (b" \n\n", "file: it is empty"),
        (b"\xef\xbb\xbf", "file: it is empty"),
        (b"\x89PNG\r\n\x1a\n\x00", "file: it is no ATEM project, which is text: byte 1"),
        (b"TITLE: an EDL\n", "line 1: is no JSON"),
        (b"[]\n", "line 1: it: "),
        (project(change("10:00:00:00", source=1)), "line 1: is no header of an ATEM project: videoMode is missing"),
        (project(header("10:00:00:00"), {"mixEffectBlocks": []}), "line 2: masterTimecode: Field required"),
        (project(header("10:00:00:00")) + b'\n{"masterTimecode":"10:0', "line 3: is no JSON"),
        (project(header("10:00:00:00"), change("10:00:00:25")), "line 2: masterTimecode: 10:00:00:25 has too many"),
        (project(header("10:00:00:00"), change("09:00:00:00")), "line 2: masterTimecode: 09:00:00:00 is before"),
        (project(header("10:00:00:00", "4320p120")), "line 1: videoMode: '4320p120' is not known"),
        (project(header("10:00:00:00", on_air=None)), r"line 1: mixEffectBlocks\[0\].source is missing"),
        (project(header("10:00:00:00", sources=[source(1), source(1)])), "line 1: sources: two of them"),
        (project(header("10:00:00:00"), change("10:00:01:00", source=-1)), "line 2: mixEffectBlocks.0.source"),
        (project(header("10:00:00:00"), change("10:00:01:00", source="1")), "line 2: mixEffectBlocks.0.source"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_by_line_and_rule(content, message):
    with pytest.raises(Invalid, match=message):
        atem.read(content, SATURDAY)


lines = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.builds(
            lambda **fields: json.dumps(fields).encode(),
            masterTimecode=st.one_of(
                st.text(max_size=12), st.sampled_from(["10:00:00:00", "10:00:01:00", "10:00:00;00"])
            ),
            videoMode=st.one_of(st.text(max_size=8), st.sampled_from(["1080p25", "1080i5994", "2160p2398"])),
            sources=st.lists(st.builds(source, st.integers(0, 4), st.text(max_size=6)), max_size=4),
            mixEffectBlocks=st.lists(
                st.fixed_dictionaries(
                    {"_index_": st.integers(-1, 1)},
                    optional={
                        "source": st.one_of(st.integers(-2, 5), st.integers(), st.none()),
                        "onAir": st.booleans(),
                        "transitionActive": st.booleans(),
                    },
                ),
                max_size=2,
            ),
        ),
    ),
    max_size=5,
)


@of_hypothesis(deadline=None)
@given(st.one_of(st.binary(), lines.map(b"\n".join)))
def test_any_bytes_are_a_plan_or_a_refusal(content):
    try:
        recording = atem.read(content, SATURDAY)
    except Invalid:
        return
    assert recording.opening_call().args["timestampMs"] >= 0
    json.dumps(recording.following_calls("s1"))


def test_json_nested_beyond_reason_is_refused():
    with pytest.raises(Invalid, match="line 1"):
        atem.read(b'{"a":' * 100_000, SATURDAY)
