import pytest

from ledger.domain.refusals import SessionNotFound
from tests.application.asking import Asking


def test_pose_windows_are_answered_as_documents(ask: Asking):
    session = ask.start()
    about = {"sessionId": session, "cameraId": "hero"}
    marker = ask.write("markHeroPose", **about, timestampMs=900, score=0.9, metadata={"pose": "reach"})
    first = ask.write("createStillCandidate", **about, timestampMs=1_000, score=0.8, poseLabel="reach")
    second = ask.write(
        "createStillCandidate", **about, timestampMs=4_000, score=0.7, poseLabel="reach", sourceEventId=marker
    )
    ask.write("updateStillCandidate", stillCandidateId=first, isFavorite=True)
    apart = ask.read("listPoseWindows", sessionId=session)
    assert [(window["stillIds"], window["startMs"]) for window in apart] == [([first], 1_000), ([second], 4_000)]
    (window,) = ask.read("listPoseWindows", sessionId=session, gapMs=3_000)
    assert (window["bestStill"]["_id"], window["bestStill"]["isFavorite"], window["endMs"]) == (first, True, 4_000)
    assert [(it["_id"], it["metadata"]) for it in window["markers"]] == [(marker, {"pose": "reach"})]
    assert ask.read("listPoseWindows", sessionId=session, cameraId="left") == []


def test_a_session_that_is_not_there_has_none(ask: Asking):
    with pytest.raises(SessionNotFound):
        ask.read("listPoseWindows", sessionId="nobody")
