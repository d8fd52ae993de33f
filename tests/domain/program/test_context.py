"""Why a segment may have begun."""

from typing import Any

import pytest

from ledger.domain.program import fold
from tests.domain.program.shoots import audited, on_air, segment_at, shoot
from tests.recordings import Recording


def test_a_segment_keeps_what_was_in_force_at_its_start():
    recording = (
        Recording().started(0, director_mode="motion").camera("A", weight=1).camera("B", weight=0.5).rolling(1000)
    )
    recording.music(1100, section="intro", tempo=96).cut("A", 1200, score=0.9)
    recording.decided("mode_change", 1300, metadata={"mode": "pose"}).music(1400, section="build").music(
        1500, tempo=120.5
    )
    recording.decided("camera_priority_change", 1600, "B", metadata={"priorityWeight": 2}).cut("B", 1700).ended(3000)
    first, second = (segment.context for segment in fold(recording.entries).segments[1:])
    assert first.model_dump() == {
        "mode": "motion",
        "priorities": {"A": 1, "B": 0.5},
        "section": "intro",
        "tempo": 96,
        "score": 0.9,
    }
    assert second.model_dump() == {"mode": "pose", "priorities": {"A": 1, "B": 2}, "section": "build", "tempo": 120.5}


def test_the_mode_that_a_session_starts_with_is_in_force_from_its_first_segment():
    recording = Recording().started(1000, status="rolling", director_mode="motion").camera("A").ended(2000)
    assert segment_at(recording, 1000).context.mode == "motion"


def test_context_events_are_no_edits():
    recording = shoot().cut("A", 1000).decided("mode_change", 1500, "B", reason="pose").music(1600, section="drop")
    recording.decided("camera_priority_change", 1700, "B", score=9.0).ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 3000)]


@pytest.mark.parametrize(
    ("facts", "mode"),
    [
        ({"metadata": {"mode": "pose", "directorMode": "reset"}, "reason": "manual"}, "pose"),
        ({"metadata": {"directorMode": "reset"}, "reason": "manual"}, "reset"),
        ({"metadata": {"mode": 7}, "reason": "manual"}, "manual"),
        ({"reason": "manual"}, "manual"),
        ({"metadata": ["mode"]}, "motion"),
    ],
    ids=str,
)
def test_a_mode_change_says_the_mode_in_its_metadata_or_as_its_reason(facts: dict[str, Any], mode: str):
    recording = Recording().started(0, director_mode="motion").camera("A").rolling(1000)
    recording.decided("mode_change", 1500, **facts).cut("A", 2000).ended(3000)
    assert segment_at(recording, 2000).context.mode == mode


@pytest.mark.parametrize(
    ("facts", "weight"),
    [
        ({"metadata": {"priorityWeight": 2, "priority": 3}, "score": 4.0}, 2),
        ({"metadata": {"priority": 3}, "score": 4.0}, 3),
        ({"metadata": {"priorityWeight": True}, "score": 4.0}, 4.0),
        ({"metadata": {"priorityWeight": "high"}}, 1),
    ],
    ids=str,
)
def test_a_priority_change_says_the_weight_in_its_metadata_or_as_its_score(facts: dict[str, Any], weight: float):
    recording = shoot().decided("camera_priority_change", 1500, "B", **facts).cut("A", 2000).ended(3000)
    assert segment_at(recording, 2000).context.priorities == {"A": 1, "B": weight, "C": 1}


@pytest.mark.parametrize(
    ("facts", "tempo"),
    [
        ({"metadata": {"tempo": 90, "bpm": 91}, "score": 92.0}, 90),
        ({"metadata": {"bpm": 91}, "score": 92.0}, 91),
        ({"score": 92.0}, 92.0),
        ({"metadata": {"tempo": None}}, 120),
    ],
    ids=str,
)
def test_a_tempo_update_says_the_tempo_in_its_metadata_or_as_its_score(facts: dict[str, Any], tempo: float):
    recording = shoot().music(1100, tempo=120).decided("tempo_update", 1500, **facts).cut("A", 2000).ended(3000)
    assert segment_at(recording, 2000).context.tempo == tempo


def test_a_phrase_may_name_its_section():
    recording = shoot().decided("music_phrase_start", 1500, metadata={"section": "drop"}).cut("A", 2000).ended(3000)
    assert segment_at(recording, 2000).context.section == "drop"


def test_sessions_and_cameras_change_the_context_at_their_own_time():
    recording = shoot().cut("A", 1000).updated(1500, director_mode="pose").camera_changed("B", 1600, priority_weight=5)
    recording.cut("B", 2000).updated(2100, unset=("directorMode",)).cut("C", 2200).ended(3000)
    assert segment_at(recording, 1000).context.mode is None
    assert segment_at(recording, 2000).context.mode == "pose"
    assert segment_at(recording, 2000).context.priorities["B"] == 5
    assert segment_at(recording, 2200).context.mode is None


@pytest.mark.parametrize(
    "metadata", [7, "x", [], {"transition": 7}, {"holdId": {}}, {"mode": []}, {"priorityWeight": []}], ids=str
)
@pytest.mark.parametrize(
    "event_type", ["cut", "hold", "release", "mode_change", "camera_priority_change", "tempo_update"]
)
def test_metadata_that_makes_no_sense_never_breaks_a_replay(event_type: str, metadata: Any):
    recording = shoot().cut("A", 1000).decided(event_type, 1500, "A", metadata=metadata).cut("B", 2000).ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]


def test_what_a_replay_could_not_read_is_audited():
    recording = Recording().started(0, metadata={"initialCamera": 7}).camera("A").rolling(1000).cut("A", 1000)
    recording.decided("mode_change", 1500, called="mode").decided("camera_priority_change", 1600, called="priority")
    recording.cut("B", 2000, "cut", metadata={"transition": {"type": "dissolve"}}).ended(3000)
    assert audited(recording, "unreadable") == [
        ("unreadable", None, 1000),
        ("unreadable", "mode", 1500),
        ("unreadable", "priority", 1600),
        ("unreadable", "cut", 2000),
    ]
