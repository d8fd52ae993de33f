"""A decision in its context, and what became of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cutlog import Context
from ledger.domain.director import DirectorEventRecorded
from ledger.domain.program import explain, fold
from ledger.domain.program.explain import MARKERS_BEFORE_MS, MARKERS_MAX, Explanation
from ledger.domain.refusals import DirectorEventNotFound
from tests.domain.program.shoots import changes, director_events, recorded, shoot
from tests.recordings import RECORDED_AT, SESSION, Recording


def explained(recording: Recording, called: str) -> Explanation:
    return explain(recording.entries, recording.id_of(called))


def markers(recording: Recording, called: str) -> list[str | None]:
    return [recording.name_of(marker.id) for marker in explained(recording, called).markers]


def test_a_cut_is_told_with_all_that_was_in_force_just_before_it():
    recording = (
        shoot().cut("A", 1000).decided("mode_change", 1100, reason="pose").music(1200, section="drop", tempo=128)
    )
    recording.hold(1300, "A", "look").camera_lost("C", 1350).cut("B", 1500, "cut", reason="the jump", score=0.82)
    recording.decided("mode_change", 1600, reason="reset").ended(3000)
    told = explained(recording, "cut")
    assert (told.program, told.on_air, told.active_cameras) == ("running", "A", ("A", "B"))
    assert told.context == Context(
        mode="pose", priorities=dict.fromkeys("ABC", 1), section="drop", tempo=128, score=0.82
    )
    assert told.context_after is None
    assert [(hold.hold_id, hold.camera_id, hold.in_ms, hold.held_by) for hold in told.open_holds] == [
        ("look", "A", 1300, "multicam")
    ]
    assert told.recorded.sequence == recording.sequence_of("cut")
    assert told.sequence == recording.sequence
    assert (told.recorded.recorded_at, told.recorded.actor) == (RECORDED_AT + 11_000, "multicam")
    assert told.segment is not None
    assert (told.segment.camera_id, told.segment.in_ms, told.segment.out_ms) == ("B", 1500, 3000)
    assert [(hold.hold_id, hold.status) for hold in told.holds] == [("look", "broken")]
    assert [entry.kind for entry in told.audit] == ["hold_broken"]
    assert (told.original, told.corrections, told.late_by_ms) == (None, (), None)


def test_the_markers_are_those_of_the_seconds_before():
    at = 50_000
    recording = shoot().decided("bar_fire", at - MARKERS_BEFORE_MS - 1, called="too early")
    recording.decided("bar_fire", at - MARKERS_BEFORE_MS, called="first").decided("tempo_update", at - 50)
    recording.decided("hero_pose_marker", at, "A", called="same time").decided("music_phrase_end", at - 9, called="end")
    recording.decided("bar_fire", at - 5, called="slip").voided("slip").cut("A", at, "cut")
    recording.decided("still_candidate_marker", at + 500, called="moved").corrected("moved", timestamp_ms=at - 7)
    recording.decided("bar_fire", at, called="after").decided("tempo_update", at - 6, called="became a bar")
    recording.corrected("became a bar", event_type="bar_fire")
    assert markers(recording, "cut") == ["first", "end", "moved", "became a bar", "same time"]


def test_only_the_last_of_very_many_markers_are_told():
    recording = shoot().record_all(
        DirectorEventRecorded(timestamp_ms=at, event_type="bar_fire") for at in range(1000, 1150)
    )
    shown = explained(recording.cut("A", 2000, "cut"), "cut").markers
    assert [marker.timestamp_ms for marker in shown] == list(range(1150 - MARKERS_MAX, 1150))


def test_a_change_of_context_tells_what_it_changed():
    recording = shoot().cut("A", 1000).decided("mode_change", 1100, called="mode", reason="pose").ended(2000)
    told = explained(recording, "mode")
    assert told.context_after is not None
    assert (told.context.mode, told.context_after.mode) == (None, "pose")
    assert (told.segment, told.holds, told.audit) == (None, (), ())


def test_a_hold_and_its_release_tell_what_became_of_it():
    recording = (
        shoot().cut("A", 1000).hold(1100, hold_id="h", called="hold").release(1500, called="release").ended(2000)
    )
    for called in ("hold", "release"):
        assert [(hold.hold_id, hold.out_ms, hold.status) for hold in explained(recording, called).holds] == [
            ("h", 1500, "released")
        ]


def test_a_hold_that_has_ended_is_no_longer_open():
    recording = shoot().cut("A", 1000).hold(1100, hold_id="old").release(1200).hold(1300, hold_id="new")
    assert [hold.hold_id for hold in explained(recording.cut("B", 2000, "cut"), "cut").open_holds] == ["new"]


def test_a_superseded_cut_has_ended_no_hold():
    recording = shoot().cut("A", 1000).hold(1100, hold_id="h").cut("B", 2000, "cut").cut("A", 2000).ended(3000)
    assert explained(recording, "cut").holds == ()


@pytest.mark.parametrize(
    ("at", "program", "on_air", "kinds"),
    [
        (500, "not_begun", None, ["before_start"]),
        (1500, "running", "A", ["same_camera"]),
        (2500, "paused", None, ["shadow"]),
        (9000, "ended", None, ["after_end"]),
    ],
)
def test_a_cut_that_was_no_edit_says_why(at: int, program: str, on_air: str | None, kinds: list[str]):
    recording = shoot(initialCamera="A").paused(2000).rolling(3000).ended(8000).cut("A", at, "cut")
    told = explained(recording, "cut")
    assert (told.program, told.on_air) == (program, on_air)
    assert [entry.kind for entry in told.audit] == kinds


def test_a_corrected_event_is_told_as_it_counts_as_it_was_and_by_whom_it_was_put_right():
    recording = shoot().cut("A", 1000).cut("B", 2000, "cut", score=1).decided("bar_fire", 5000)
    recording.actor = "ann"
    recording.corrected("cut", "fix", camera_id="C", unset=("score",)).ended(6000)
    told = explained(recording, "cut")
    assert (told.event.camera_id, told.event.score, told.event.corrected_by) == ("C", None, recording.id_of("fix"))
    assert told.original is not None
    assert (told.original.camera_id, told.original.score) == ("B", 1)
    assert told.recorded.actor == "multicam"
    (correction,) = told.corrections
    assert (correction.event_id, correction.actor, correction.reason, correction.changes) == (
        recording.id_of("fix"),
        "ann",
        "a slip of the hand",
        {"cameraId": "C", "unset": ["score"]},
    )
    assert told.segment is not None
    assert told.segment.camera_id == "C"


def test_a_voided_event_is_told_at_its_place_and_did_nothing():
    recording = shoot().cut("A", 1000).cut("B", 2000, "slip").voided("slip")
    recording.decided("mode_change", 2000, reason="pose").cut("C", 3000).ended(4000)
    told = explained(recording, "slip")
    assert (told.event.void, told.on_air, told.segment, told.context_after) == (True, "A", None, None)
    assert [entry.kind for entry in told.audit] == ["voided"]


def test_where_nothing_else_says_when_it_was_even_a_voided_event_is_told():
    recording = Recording().started().cut("A", 1000, "slip").voided("slip")
    told = explained(recording, "slip")
    assert (told.program, told.context) == ("not_begun", Context())
    assert [entry.kind for entry in told.audit] == ["voided"]


def test_a_late_event_says_how_late():
    recording = shoot().cut("A", 3000).cut("B", 2000, "late").ended(4000)
    assert explained(recording, "late").late_by_ms == 1000


def test_an_id_of_no_director_event_here_is_not_found():
    recording = shoot().cut("A", 1000, "cut").corrected("cut", "fix", camera_id="B").still("A", 1000, "still")
    elsewhere = f"{SESSION}x-e{recording.sequence_of('cut')}"
    for event_id in (recording.id_of("fix"), recording.id_of("still", "still"), f"{SESSION}-e99", "cut", elsewhere):
        with pytest.raises(DirectorEventNotFound, match=f"^eventId: .*'{event_id}'"):
            explain(recording.entries, event_id)


def test_documents_in_it_have_no_nulls_and_the_rest_says_where_there_is_nothing():
    recording = shoot().decided("bar_fire", 1000, metadata={"bar": None}).cut("A", 1000, "cut")
    told: dict[str, Any] = json.loads(explained(recording, "cut").to_json())
    assert told["markers"][0]["metadata"] == {"bar": None}
    assert set(told["event"]) == {
        "_id",
        "_creationTime",
        "sessionId",
        "createdAt",
        "timestampMs",
        "eventType",
        "cameraId",
    }
    assert told["onAir"] is None
    assert told["context"]["mode"] is None
    assert "original" not in told


@given(st.lists(director_events | changes, max_size=30))
def test_what_is_told_of_every_event_is_what_the_cut_log_says(happenings: list[tuple[Any, ...]]):
    recording = recorded(happenings)
    cut_log = fold(recording.entries)
    by_cause = {segment.cause_event_id: segment for segment in cut_log.segments}
    for entry in recording.entries:
        if not isinstance(entry.event, DirectorEventRecorded):
            continue
        event_id = f"{SESSION}-e{entry.sequence}"
        told = explain(recording.entries, event_id)
        assert told.segment == by_cause.get(event_id)
        assert told.audit == tuple(odd for odd in cut_log.audit if odd.event_id == event_id)
        assert set(told.holds) <= set(cut_log.holds)
        if told.segment and told.program == "running":
            assert told.segment.context == told.context
