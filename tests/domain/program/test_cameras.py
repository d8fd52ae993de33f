"""Cameras that fail, and cameras nobody registered."""

from ledger.domain.program import fold
from tests.domain.program.shoots import audited, holds_of, on_air, segment_at, shoot


def test_a_camera_going_inactive_flags_its_segment_and_cuts_nothing():
    recording = shoot().cut("A", 1000).camera_lost("A", 1500).ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 3000)]
    assert segment_at(recording, 1000).flags == ("source_lost@1500",)
    assert audited(recording) == [("source_lost", "camera A", 1500)]


def test_a_camera_that_goes_inactive_off_air_is_no_oddity():
    assert audited(shoot().cut("A", 1000).camera_lost("B", 1500).ended(3000)) == []


def test_a_cut_to_an_inactive_camera_happens_and_is_flagged():
    recording = (
        shoot().cut("A", 1000).camera_lost("B", 1500).cut("B", 2000, "dead").camera_changed("B", 2500, is_active=True)
    )
    recording.cut("A", 2600).cut("B", 2800).ended(3000)
    assert segment_at(recording, 2000).flags == ("source_inactive",)
    assert segment_at(recording, 2800).flags == ()
    assert audited(recording) == [("source_inactive", "dead", 2000)]


def test_holds_on_a_camera_that_goes_inactive_are_voided():
    recording = shoot().cut("A", 1000).hold(1100).hold(1200, "B").camera_lost("B", 1500).release(1600).ended(3000)
    assert holds_of(recording) == [("A", 1100, 1600, "released"), ("B", 1200, 1500, "voided")]
    assert audited(recording) == [("hold_voided", "camera B", 1500)]


def test_a_camera_that_nobody_registered_is_flagged():
    recording = shoot().cut("Z", 1000, "stranger").cut("A", 1500).cut("Z", 2000).ended(3000)
    assert [segment.flags for segment in fold(recording.entries).segments] == [("unregistered",), (), ("unregistered",)]
    assert audited(recording) == [("unregistered", "stranger", 1000)]


def test_a_marker_too_may_name_a_camera_that_nobody_registered():
    recording = shoot().cut("A", 1000).decided("hero_pose_marker", 1500, "Z", "pose").ended(3000)
    assert audited(recording) == [("unregistered", "pose", 1500)]


def test_a_camera_that_is_registered_after_its_first_cut_is_registered():
    recording = shoot(cameras="A").cut("B", 1000).camera("B", 1500, weight=7).cut("A", 2000).ended(3000)
    assert audited(recording) == []
    assert segment_at(recording, 1000).context.priorities == {"A": 1, "B": 7}


def test_a_camera_is_as_it_was_first_stated_before_anything_happened_to_it():
    recording = shoot(cameras="A").cut("B", 1000, "dead").camera("B", 1500, active=False).ended(3000)
    assert audited(recording) == [("source_inactive", "dead", 1000)]
