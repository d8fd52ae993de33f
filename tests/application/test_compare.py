import pytest

from ledger.application.functions import Caller
from ledger.domain.refusals import Invalid, SessionNotFound
from tests.application.asking import Asking


@pytest.fixture
def shoot(ask: Asking) -> str:
    """A shoot whose last entry, the fourth, is a late writer's."""
    session = ask.start(status="rolling", timestampMs=0)
    ask.cut(session, 1_000, cameraId="a")
    ask.cut(session, 3_000, cameraId="b")
    late = {"sessionId": session, "timestampMs": 2_000, "eventType": "cut", "cameraId": "c"}
    ask.write("appendDirectorEvent", **late, caller=Caller("tardy"))
    return session


def test_it_says_what_the_late_writer_changed(ask: Asking, shoot: str):
    told = ask.read("compareCutLogs", sessionId=shoot, fromSequence=3)
    assert [segment["cameraId"] for segment in told["segmentsAdded"]] == ["c"]
    assert [(it["after"]["cameraId"], it["changed"]) for it in told["segmentsChanged"]] == [("a", ["outMs"])]
    assert [(entry["sequence"], entry["actor"]) for entry in told["entries"]] == [(4, "tardy")]


def test_points_may_be_recorded_times(ask: Asking, shoot: str):
    third = ask.read("listSessionHistory", sessionId=shoot)["page"][2]["recordedAt"]
    by_time = ask.read("compareCutLogs", sessionId=shoot, fromMs=third, toMs=4_000_000_000_000)
    assert by_time["toSequence"] == 4
    assert by_time["fromSequence"] >= 3
    whole = ask.read("compareCutLogs", sessionId=shoot, fromSequence=1)
    assert ask.read("compareCutLogs", sessionId=shoot, fromSequence=1, toMs=4_000_000_000_000) == whole


def test_points_that_are_none_are_refused(ask: Asking, shoot: str):
    with pytest.raises(Invalid, match="fromSequence: is required, or fromMs"):
        ask.read("compareCutLogs", sessionId=shoot)
    with pytest.raises(Invalid, match="toSequence: must not be before where it begins"):
        ask.read("compareCutLogs", sessionId=shoot, fromSequence=3, toSequence=2)
    with pytest.raises(Invalid, match="toSequence: the session's history has come to 4"):
        ask.read("compareCutLogs", sessionId=shoot, fromSequence=3, toSequence=5)
    with pytest.raises(SessionNotFound):
        ask.read("compareCutLogs", sessionId="nobody", fromSequence=1)
