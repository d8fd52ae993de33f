import pytest

from ledger.application.functions import Caller
from ledger.domain.refusals import DirectorEventNotFound, SessionNotFound
from tests.application.asking import Asking


def test_a_cut_is_explained_with_who_recorded_it_and_who_put_it_right(ask: Asking):
    session = ask.start(status="rolling", timestampMs=0, directorMode="pose")
    about = {"sessionId": session}
    ask.write("appendMusicMoment", **about, timestampMs=100, section="drop", tempo=128)
    bar = ask.write("appendDirectorEvent", **about, timestampMs=150, eventType="bar_fire", metadata={"bar": 7})
    cut = ask.cut(session, 200, cameraId="a", reason="the jump", score=0.82)
    fix = ask.write(
        "correctDirectorEvent", **about, eventId=cut, changes={"cameraId": "b"}, reason="slip", caller=Caller("ben")
    )
    told = ask.read("explainCut", **about, eventId=cut)
    assert told["sequence"] == 5
    assert (told["recorded"]["sequence"], told["recorded"]["actor"]) == (4, "ann")
    assert told["context"] == {"mode": "pose", "priorities": {}, "section": "drop", "tempo": 128, "score": 0.82}
    assert [(marker["_id"], marker["metadata"]) for marker in told["markers"]] == [(bar, {"bar": 7})]
    assert (told["event"]["cameraId"], told["original"]["cameraId"]) == ("b", "a")
    assert [(it["eventId"], it["actor"], it["changes"]) for it in told["corrections"]] == [
        (fix, "ben", {"cameraId": "b"})
    ]
    assert told["segment"] in ask.read("getCutLog", **about)["segments"]


def test_what_is_not_there_is_not_found(ask: Asking):
    session = ask.start()
    with pytest.raises(DirectorEventNotFound, match="eventId"):
        ask.read("explainCut", sessionId=session, eventId=f"{session}-e1")
    with pytest.raises(SessionNotFound):
        ask.read("explainCut", sessionId="nobody", eventId=f"{session}-e1")
