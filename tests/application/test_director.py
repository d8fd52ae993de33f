import pytest

from ledger.domain.refusals import DirectorEventNotFound, SessionNotFound, UnknownValue
from tests.application.asking import Asking


def test_a_batch_answers_the_ids_of_its_events_in_its_order(ask: Asking):
    session = ask.start()
    told = [{"timestampMs": at, "eventType": "bar_fire", "metadata": {"bar": at}} for at in (3, 1, 2)]
    answered = ask.write("appendDirectorEventsBatch", sessionId=session, events=told)
    assert answered == [f"{session}-e{sequence}" for sequence in (2, 3, 4)]
    shown = ask.read("exportProductionEventPage", sessionId=session)["page"]
    assert [(event["_id"], event["metadata"]["bar"]) for event in shown] == [
        (answered[1], 1),
        (answered[2], 2),
        (answered[0], 3),
    ]


def test_a_batch_is_recorded_whole_or_not_at_all(ask: Asking):
    session = ask.start()
    told = [{"timestampMs": 1, "eventType": kind} for kind in ("cut", "jump")]
    with pytest.raises(UnknownValue) as refused:
        ask.write("appendDirectorEventsBatch", sessionId=session, events=told)
    assert refused.value.detail["field"] == "events[1].eventType"
    assert ask.read("exportProductionEventPage", sessionId=session)["page"] == []


def test_a_hero_pose_is_exported_as_a_marker(ask: Asking):
    session = ask.start()
    pose = ask.write("markHeroPose", sessionId=session, timestampMs=1.5, cameraId="a", score=1)
    (shown,) = ask.read("exportProductionEventPage", sessionId=session, eventType="hero_pose_marker", cameraId="a")[
        "page"
    ]
    assert (shown["_id"], shown["timestampMs"], shown["score"]) == (pose, 1.5, 1)


def test_a_correction_is_read_under_the_original_id_and_the_original_stays(ask: Asking):
    session = ask.start()
    event = ask.cut(session, 5, cameraId="a")
    told = {"sessionId": session, "eventId": event, "reason": "slip"}
    correction = ask.write("correctDirectorEvent", **told, changes={"cameraId": "b", "timestampMs": 6})
    (shown,) = ask.read("exportProductionEventPage", sessionId=session)["page"]
    assert (shown["_id"], shown["cameraId"], shown["timestampMs"]) == (event, "b", 6)
    assert shown["correctedBy"] == correction
    assert ask.read("exportProductionEventPage", sessionId=session, cameraId="a")["page"] == []
    ask.write("correctDirectorEvent", **told, changes={"void": True})
    assert ask.read("exportProductionEventPage", sessionId=session)["page"] == []
    assert ask.read("listSessionHistory", sessionId=session, entityId=event)["page"][0]["body"]["cameraId"] == "a"


def test_a_correction_of_what_was_recorded_a_moment_ago_finds_it(ask: Asking):
    session = ask.start()
    ask.write(
        "correctDirectorEvent", sessionId=session, eventId=ask.cut(session, 1), changes={"void": True}, reason="x"
    )
    other = ask.start()
    with pytest.raises(DirectorEventNotFound):
        ask.write("correctDirectorEvent", sessionId=other, eventId=f"{session}-e2", changes={"void": True}, reason="x")


def test_events_of_a_session_that_is_not_there_are_not_found(ask: Asking):
    with pytest.raises(SessionNotFound):
        ask.cut("nobody", 1)
    with pytest.raises(SessionNotFound):
        ask.read("exportProductionEventPage", sessionId="nobody")
