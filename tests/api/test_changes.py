"""Patches, statuses and corrections over HTTP: what a document says after them."""

from typing import Any

import pytest

from tests.serving import Serving


@pytest.fixture
def session_id(serving: Serving) -> str:
    return serving.session(title="First", notes="n", status="rolling")


def test_a_patch_changes_what_it_names_and_moves_updated_at(serving: Serving, session_id: str):
    before = serving.ask("session", sessionId=session_id)
    serving.record("session/update", sessionId=session_id, title="Second", unset=["notes"], directorMode="manual")
    after = serving.ask("session", sessionId=session_id)
    assert after["updatedAt"] >= before["updatedAt"]
    assert after == {
        **{name: value for name, value in before.items() if name != "notes"},
        "title": "Second",
        "directorMode": "manual",
        "updatedAt": after["updatedAt"],
    }


def test_completing_sets_status_time_and_notes(serving: Serving, session_id: str):
    serving.record("session/complete", sessionId=session_id, notes="done", timestampMs=9_000)
    session = serving.ask("session", sessionId=session_id)
    assert (session["status"], session["completedAt"], session["notes"]) == ("complete", 9_000, "done")


def test_an_ended_session_takes_late_facts_and_can_be_reopened(serving: Serving, session_id: str):
    serving.record("session/update", sessionId=session_id, status="cancelled")
    assert serving.ask("session", sessionId=session_id)["status"] == "cancelled"
    serving.record("event", sessionId=session_id, timestampMs=1, eventType="cut")
    refused = serving.post("session/update", {"sessionId": session_id, "status": "rolling"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "refused")
    assert "cannot become rolling" in refused.json()["error"]["message"]
    serving.record("session/reopen", sessionId=session_id, reason="one more song")
    session = serving.ask("session", sessionId=session_id)
    assert session["status"] == "paused"
    assert "completedAt" not in session


def test_the_active_session_is_the_latest_that_has_not_ended(serving: Serving):
    older, newer = (serving.session(sessionType="photoshoot_review", timestampMs=at) for at in (8.6e15, 8.61e15))
    assert serving.ask("session/active", sessionType="photoshoot_review")["_id"] == newer
    serving.record("session/complete", sessionId=newer)
    assert serving.ask("session/active", sessionType="photoshoot_review")["_id"] == older
    serving.record("session/complete", sessionId=older, status="cancelled")
    left = serving.ask("session/active", sessionType="photoshoot_review")
    assert left is None or left["_id"] not in (older, newer)


def test_a_camera_is_patched_under_its_id(serving: Serving, session_id: str):
    camera = {"sessionId": session_id, "cameraId": "cam-1", "sourceType": "iphone", "role": "hero"}
    made = serving.record("camera/upsert", **camera, priorityWeight=1, isActive=True, deviceName="X")
    serving.record("camera/state", sessionId=session_id, cameraId="cam-1", isActive=False, priorityWeight=0.5)
    (document,) = serving.ask("cameras", sessionId=session_id)
    assert (document["_id"], document["isActive"], document["priorityWeight"]) == (made, False, 0.5)
    again = serving.record("camera/upsert", **camera, priorityWeight=2, isActive=True, unset=["deviceName"])
    (document,) = serving.ask("cameras", sessionId=session_id)
    assert again == made
    assert "deviceName" not in document


def test_a_still_is_favoured_selected_and_patched(serving: Serving, session_id: str):
    still = serving.record("still-candidate", sessionId=session_id, cameraId="c", timestampMs=1, score=0.5)
    serving.record("still/update", stillCandidateId=still, isFavorite=True, selectedForEdit=True, score=0.75)
    serving.record("still/update", stillCandidateId=still, selectedForEdit=False, poseLabel="jump")
    (document,) = serving.ask("stills", sessionId=session_id)
    shown = {name: document[name] for name in ("isFavorite", "selectedForEdit", "score", "poseLabel")}
    assert shown == {"isFavorite": True, "selectedForEdit": False, "score": 0.75, "poseLabel": "jump"}


def _events(serving: Serving, session_id: str, **filters: Any) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = serving.ask("events", sessionId=session_id, **filters)["page"]
    return page


def test_a_correction_shows_under_the_original_id_and_the_latest_wins(serving: Serving, session_id: str):
    first = serving.record("event", sessionId=session_id, timestampMs=1, eventType="cut", cameraId="a", reason="r")
    serving.record("event", sessionId=session_id, timestampMs=2, eventType="hold")
    about = {"sessionId": session_id, "eventId": first}
    serving.record("event/correct", **about, changes={"cameraId": "b", "timestampMs": 3}, reason="wrong clock")
    last = serving.record("event/correct", **about, changes={"unset": ["reason"], "cameraId": "c"}, reason="again")
    shown = _events(serving, session_id)
    assert [event["eventType"] for event in shown] == ["hold", "cut"], "it stands where it now belongs"
    assert shown[1] == {
        "_id": first,
        "_creationTime": shown[1]["_creationTime"],
        "sessionId": session_id,
        "createdAt": shown[1]["createdAt"],
        "timestampMs": 3,
        "eventType": "cut",
        "cameraId": "c",
        "correctedBy": last,
    }
    assert _events(serving, session_id, cameraId="a") == []


def test_a_void_hides_the_event_and_the_history_keeps_it(serving: Serving, session_id: str):
    first = serving.record("event", sessionId=session_id, timestampMs=1, eventType="cut")
    correction = serving.record(
        "event/correct", sessionId=session_id, eventId=first, changes={"void": True}, reason="never happened"
    )
    assert _events(serving, session_id) == []
    assert serving.ask("session/timeline", sessionId=session_id)["directorEvents"] == []
    history = serving.ask("session/history", sessionId=session_id)["page"]
    assert [line["sequence"] for line in history] == [1, 2, 3]
    assert history[1]["correctedBy"] == correction
    assert history[1]["body"] == {"timestampMs": 1, "eventType": "cut"}
    assert history[2]["entityId"] == first
    assert history[2]["body"]["reason"] == "never happened"


def test_a_history_line_says_what_who_and_when(serving: Serving):
    session_id = serving.post("session/start", {"sessionType": "music_demo"}, Ledger_Actor="pose-logic").json()[
        "result"
    ]
    serving.post("asset", {"sessionId": session_id, "assetType": "clip", "path": "/a"}, Ledger_Actor="editor 2")
    serving.record("event", sessionId=session_id, timestampMs=1, eventType="cut")
    started, asset, event = serving.ask("session/history", sessionId=session_id)["page"]
    assert list(started) == ["sequence", "type", "recordedAt", "actor", "entityId", "body"]
    assert (started["sequence"], started["type"], started["actor"]) == (1, "session-started.1", "pose-logic")
    assert started["entityId"] == session_id
    assert started["body"] == {"sessionType": "music_demo", "status": "setup"}
    assert (asset["actor"], event["actor"]) == ("editor 2", "anonymous")
    filters: list[dict[str, Any]] = [
        {"actor": "editor 2"},
        {"type": "asset-registered.1"},
        {"entityId": asset["entityId"]},
    ]
    for chosen in filters:
        assert serving.ask("session/history", sessionId=session_id, **chosen)["page"] == [asset]
