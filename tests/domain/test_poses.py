"""Pose windows: which stills belong together, which of them wins, and what they fall in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.as_of import as_of
from ledger.domain.poses import PoseWindow, pose_windows
from ledger.domain.stills import StillFavourited, StillRecorded, StillSelected, StillUpdated
from tests.recordings import Recording


def recording() -> Recording:
    return Recording().started(0).camera("hero")


def still(
    told: Recording,
    at: float,
    called: str | None = None,
    camera: str = "hero",
    *,
    score: float = 0.5,
    pose_label: str | None = "reach",
    source_event_id: str | None = None,
) -> Recording:
    event = StillRecorded(
        camera_id=camera, timestamp_ms=at, score=score, pose_label=pose_label, source_event_id=source_event_id
    )
    return told.record(event, called)


def windows(told: Recording, gap_ms: float = 2_000, camera_id: str | None = None) -> list[PoseWindow]:
    return pose_windows(as_of(told.entries), gap_ms, camera_id)


def names(told: Recording, window: PoseWindow) -> list[str | None]:
    return [told.name_of(still_id) for still_id in window.still_ids]


def test_stills_of_one_pose_belong_together_up_to_the_gap():
    told = still(still(still(recording(), 3_000, "b"), 1_000, "a"), 5_001, "c")
    first, second = windows(told)
    assert (names(told, first), first.start_ms, first.end_ms) == (["a", "b"], 1_000, 3_000)
    assert (names(told, second), second.start_ms, second.end_ms) == (["c"], 5_001, 5_001)
    assert [names(told, window) for window in windows(told, gap_ms=2_001)] == [["a", "b", "c"]]


def test_another_camera_or_another_pose_is_another_window():
    told = still(still(still(recording(), 1, "a"), 2, "b", pose_label="turn"), 3, "c", camera="left")
    told = still(told, 4, "d", pose_label=None)
    assert [(window.camera_id, window.pose_label) for window in windows(told)] == [
        ("hero", "reach"),
        ("hero", "turn"),
        ("left", "reach"),
        ("hero", None),
    ]
    assert [names(told, window) for window in windows(told, camera_id="left")] == [["c"]]


@pytest.mark.parametrize(
    ("changes", "winner"),
    [
        ([], "best"),
        ([StillSelected(still=4)], "second"),
        ([StillSelected(still=4), StillFavourited(still=3)], "first"),
        ([StillUpdated(still=4, score=0.95)], "second"),
    ],
)
def test_a_persons_choice_outranks_a_score(changes: list[Any], winner: str):
    told = still(recording(), 1, "first", score=0.1)
    told = still(still(told, 2, "second", score=0.2), 3, "best", score=0.9)
    (window,) = windows(told.record_all(changes))
    assert told.name_of(window.best_still.id) == winner


def test_of_equals_the_earliest_wins_then_the_first_that_was_recorded():
    told = still(still(still(recording(), 2, "late"), 1, "early"), 1, "again")
    assert told.name_of(windows(told)[0].best_still.id) == "early"


def markers(told: Recording, window: PoseWindow) -> list[str | None]:
    return [told.name_of(marker.id) for marker in window.markers]


def test_a_marker_belongs_to_the_window_whose_still_names_it():
    told = recording().decided("still_candidate_marker", 9_000, "hero", "named")
    told = still(still(told, 1_000, source_event_id=told.id_of("named")), 8_900, pose_label="turn")
    assert [markers(told, window) for window in windows(told)] == [["named"], []]


def test_a_marker_that_no_still_names_belongs_to_the_nearest_window_of_its_camera():
    told = still(still(still(recording(), 10_000), 13_000, pose_label="turn"), 10_000, camera="left")
    told.decided("hero_pose_marker", 11_400, "hero", "reach").decided("hero_pose_marker", 11_600, "hero", "turn")
    told.decided("hero_pose_marker", 9_000, None, "all").decided("hero_pose_marker", 15_001, "hero", "none")
    told.decided("hero_pose_marker", 10_000, "right", "elsewhere").cut("hero", 10_000)
    found = {(window.camera_id, window.pose_label): markers(told, window) for window in windows(told)}
    assert found == {("hero", "reach"): ["all", "reach"], ("left", "reach"): ["all"], ("hero", "turn"): ["turn"]}


def test_markers_are_as_they_were_corrected():
    told = still(recording().decided("hero_pose_marker", 1, "hero", "moved"), 1)
    told.decided("hero_pose_marker", 2, "hero", "voided").decided("cut", 3, "hero", "meant")
    told.corrected("moved", timestamp_ms=90_000).voided("voided").corrected("meant", event_type="hero_pose_marker")
    assert markers(told, windows(told)[0]) == ["meant"]


def test_a_window_falls_into_the_section_and_bar_that_were_playing():
    told = still(still(recording(), 1_000), 5_000)
    told.music(900, section="intro").music(950, tempo=120)
    told.decided("bar_fire", 990, called="bar 1", metadata={"bar": 1}).decided("bar_fire", 5_000, called="bar 2")
    told.decided("music_phrase_start", 4_000, metadata={"section": "drop"}).music(5_001, section="release")
    first, second = windows(told)
    assert (first.section, second.section) == ("intro", "drop")
    assert first.bar is not None
    assert (told.name_of(first.bar.event_id), first.bar.number, first.bar.timestamp_ms) == ("bar 1", 1, 990)
    assert second.bar is not None
    assert (told.name_of(second.bar.event_id), second.bar.number) == ("bar 2", None)


def test_before_the_music_there_is_none():
    told = still(recording(), 1).music(2, section="intro").decided("bar_fire", 2)
    (window,) = windows(told)
    assert (window.section, window.bar) == (None, None)
    assert "section" not in window.to_json()


moments = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["a", "b"]), st.sampled_from(["x", None])), max_size=25
)


@given(moments, st.lists(st.integers(0, 60), max_size=8), st.integers(0, 20))
def test_every_still_is_in_one_window_and_every_marker_in_the_nearest(
    stills: list[tuple[int, str, str | None]], marked: list[int], gap_ms: int
):
    told = recording()
    for at, camera, label in stills:
        still(told, at, camera=camera, pose_label=label)
    for at in marked:
        told.decided("hero_pose_marker", at, "a")
    found = windows(told, gap_ms)
    assert sorted(name for window in found for name in window.still_ids) == sorted(
        entry.partition + f"-k{entry.sequence}" for entry in told.entries if isinstance(entry.event, StillRecorded)
    )
    for one in found:
        for other in found:
            if one is not other and (one.camera_id, one.pose_label) == (other.camera_id, other.pose_label):
                assert one.start_ms - other.end_ms > gap_ms or other.start_ms - one.end_ms > gap_ms
    spans = [window for window in found if window.camera_id == "a"]
    for at in marked:
        distances = [max(window.start_ms - at, at - window.end_ms, 0) for window in spans]
        near = [
            max(window.start_ms - at, at - window.end_ms, 0)
            for window in spans
            if any(marker.timestamp_ms == at for marker in window.markers)
        ]
        assert set(near) == ({min(distances)} if distances and min(distances) <= gap_ms else set())
