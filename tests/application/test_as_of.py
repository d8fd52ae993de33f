"""As of any point of its history, a session is what it was."""

import json
from typing import Any

import pytest

from ledger.domain.refusals import Invalid, SessionNotFound
from tests.application.asking import Asking


def test_it_answers_what_the_timeline_answered_when_that_was_the_head(ask: Asking):
    session = ask.start(title="One", status="rolling")
    about = {"sessionId": session}
    shown = {1: ask.read("getProductionTimeline", sessionId=session)}

    def then(name: str, **arguments: Any) -> Any:
        answer = ask.written(name, **arguments)
        assert answer.sequence
        shown[answer.sequence] = ask.read("getProductionTimeline", sessionId=session)
        return json.loads(answer.json)

    camera = {"cameraId": "a", "sourceType": "x", "role": "hero", "priorityWeight": 1, "isActive": True}
    then("upsertProductionCamera", **about, **camera, positionHint="left")
    first = then("appendDirectorEvent", **about, timestampMs=5, eventType="cut", cameraId="a", score=0.5)
    then("appendDirectorEvent", **about, timestampMs=2.5, eventType="hold", metadata={"holdId": None})
    still = then("createStillCandidate", **about, cameraId="a", timestampMs=1, score=1, poseLabel="p")
    then("appendMusicMoment", **about, timestampMs=1, section="drop", audioSnapshot=[1, None])
    then("correctDirectorEvent", **about, eventId=first, changes={"timestampMs": 9, "unset": ["score"]}, reason="slip")
    then("setProductionCameraState", **about, cameraId="a", isActive=False)
    then("upsertProductionCamera", **about, **camera, unset=["positionHint"])
    then("updateStillCandidate", stillCandidateId=still, isFavorite=True, unset=["poseLabel"])
    then("correctDirectorEvent", **about, eventId=first, changes={"void": True}, reason="slip")
    then("createProductionAsset", **about, assetType="clip", path="a.mov")
    then("completeProductionSession", **about, timestampMs=10)
    then("reopenProductionSession", **about, reason="encore")
    then("updateProductionSession", **about, unset=["title"])
    assert {head: ask.read("getSessionAsOf", sessionId=session, atSequence=head) for head in shown} == shown
    assert ask.read("getSessionAsOf", sessionId=session) == shown[max(shown)]


def test_recorded_time_names_the_last_entry_that_stood_by_then(ask: Asking):
    session = ask.start()
    ask.cut(session, 5)
    lines = ask.pages("listSessionHistory", 100, sessionId=session)
    late = ask.read("getSessionAsOf", sessionId=session, atMs=lines[-1]["recordedAt"] + 0.5)
    assert len(late["directorEvents"]) == 1
    ask.cut(session, 6)
    assert ask.read("getSessionAsOf", sessionId=session, atMs=4_000_000_000_000) == ask.read(
        "getSessionAsOf", sessionId=session
    )
    with pytest.raises(Invalid, match="atMs: is before"):
        ask.read("getSessionAsOf", sessionId=session, atMs=lines[0]["recordedAt"] - 1)


@pytest.mark.parametrize("function", ["getSessionAsOf", "getCutLog"])
def test_a_point_that_is_none_is_refused(ask: Asking, function: str):
    session = ask.start()
    with pytest.raises(Invalid, match="atSequence: the session's history has come to 1"):
        ask.read(function, sessionId=session, atSequence=2)
    with pytest.raises(Invalid, match="atSequence"):
        ask.read(function, sessionId=session, atSequence=0)
    with pytest.raises(Invalid, match="atMs: give either atSequence or atMs"):
        ask.read(function, sessionId=session, atSequence=1, atMs=1)
    with pytest.raises(SessionNotFound):
        ask.read(function, sessionId="nobody", atSequence=1)
