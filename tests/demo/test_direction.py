"""The direction of the sample shoot: it follows the form of the music, and meets its incidents."""

from ledger.demo.direction import GUEST, WEIGHTS
from ledger.demo.script import MULTICAM
from ledger.demo.shoot import sample_shoot

CUTS = [fact for fact in sample_shoot().facts if fact.event["eventType"] == "cut"]


def test_it_cuts_to_its_own_cameras_and_once_to_a_guest():
    cameras = [fact.event["cameraId"] for fact in CUTS]
    assert set(cameras) == {*WEIGHTS, GUEST}
    assert cameras.count(GUEST) == 1


def test_every_hold_but_the_broken_and_the_last_is_released():
    facts = [fact for fact in sample_shoot().facts if fact.writer == MULTICAM]
    held, released = (
        {fact.event["metadata"]["holdId"] for fact in facts if fact.event["eventType"] == kind}
        for kind in ("hold", "release")
    )
    assert held - released == {"hold-broken", "hold-end"}
    assert released <= held


def test_what_was_recorded_offline_goes_out_together():
    late = {fact.sent_ms for fact in sample_shoot().facts if fact.sent_ms is not None}
    assert len(late) == 1
