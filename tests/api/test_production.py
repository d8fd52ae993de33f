"""The production ledger's routes: what each answers, and in which shape."""

import json
from collections.abc import Callable
from time import time
from typing import Any, Final

import pytest

from tests.serving import Serving

METADATA: Final = {"lens": None, "list": [1, 2.5, None, {"deep": True}], "text": "Blende ½ 📷", "zero": -0.0}
MUSIC: Final = {
    "section": "drop",
    "tempo": 128.5,
    "confidence": 0.9,
    "phase": 0.25,
    "energy": 7,
    "motionSignature": "arms-up",
    "audioSnapshot": {"peaks": [0.1, None]},
}
WRITES: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "camera/upsert": (
        {"cameraId": "cam-1", "sourceType": "iphone", "role": "hero", "priorityWeight": 1.5, "isActive": True},
        "id",
    ),
    "event": ({"timestampMs": 1_000.5, "eventType": "cut"}, "id"),
    "event/batch": (
        {"events": [{"timestampMs": 1, "eventType": "cut"}, {"timestampMs": 2, "eventType": "hold"}]},
        "ids",
    ),
    "hero-pose": ({"timestampMs": 1}, "id"),
    "still-candidate": ({"cameraId": "cam-1", "timestampMs": 1, "score": 0.5}, "id"),
    "music-moment": ({"timestampMs": 1}, "id"),
    "asset": ({"assetType": "clip", "path": "/takes/1.mov"}, "id"),
    "session/update": ({"title": "Second"}, "null"),
    "session/complete": ({}, "null"),
}


@pytest.fixture
def session_id(serving: Serving) -> str:
    return serving.session()


def _is_id(result: Any) -> bool:
    return isinstance(result, str) and result != ""


ANSWERS: Final[dict[str, Callable[[Any], bool]]] = {
    "id": _is_id,
    "ids": lambda result: isinstance(result, list) and len(set(result)) == len(result) and all(map(_is_id, result)),
    "null": lambda result: result is None,
}


@pytest.mark.parametrize("route", WRITES)
def test_a_write_answers_its_result_the_sequence_and_a_position(serving: Serving, session_id: str, route: str):
    arguments, kind = WRITES[route]
    before = serving.head()
    answer = serving.post(route, {"sessionId": session_id, **arguments})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert list(body) == ["ok", "result", "sequence"]
    assert body["ok"] is True
    assert ANSWERS[kind](body["result"])
    recorded = len(arguments.get("events", [None]))
    assert body["sequence"] == 1 + recorded
    assert answer.headers["Ledger-Position"].endswith(f"-{before + recorded}")


def test_accepted_when_one_of_each_is_in_one_coherent_timeline(serving: Serving):
    session_id = serving.record(
        "session/start", sessionType="photoshoot_performance", status="rolling", title="Studio 3", timestampMs=500
    )
    camera = serving.record("camera/upsert", sessionId=session_id, **WRITES["camera/upsert"][0])
    event = serving.record("event", sessionId=session_id, timestampMs=1_000, eventType="cut", cameraId="cam-1")
    still = serving.record(
        "still-candidate", sessionId=session_id, cameraId="cam-1", timestampMs=1_100, score=0.9, sourceEventId=event
    )
    moment = serving.record("music-moment", sessionId=session_id, timestampMs=1_200, section="drop")
    asset = serving.record("asset", sessionId=session_id, assetType="clip", path="/takes/1.mov")

    timeline = serving.ask("session/timeline", sessionId=session_id)
    assert list(timeline) == ["session", "cameras", "directorEvents", "stillCandidates", "musicMoments"]
    assert timeline["session"] == serving.ask("session", sessionId=session_id)
    assert timeline["session"]["startedAt"] == 500
    assert timeline["session"]["status"] == "rolling"
    assert [camera] == [document["_id"] for document in timeline["cameras"]]
    assert [event] == [document["_id"] for document in timeline["directorEvents"]]
    assert [(still, event)] == [(it["_id"], it["sourceEventId"]) for it in timeline["stillCandidates"]]
    assert [moment] == [document["_id"] for document in timeline["musicMoments"]]
    assert [asset] == [document["_id"] for document in serving.ask("assets", sessionId=session_id)]


DOCUMENTS: Final[dict[str, tuple[str, dict[str, Any], str, set[str]]]] = {
    "cameras": (
        "camera/upsert",
        WRITES["camera/upsert"][0]
        | {"deviceName": "iPhone 15", "isWideFallback": False, "positionHint": "left", "metadata": METADATA},
        "cameras",
        {"createdAt", "updatedAt"},
    ),
    "a director event": (
        "event",
        {"timestampMs": 1.25, "eventType": "cut", "cameraId": "c", "reason": "", "score": 1, "metadata": METADATA},
        "events",
        {"createdAt"},
    ),
    "a still": (
        "still-candidate",
        {
            "cameraId": "c",
            "timestampMs": 2,
            "score": 0.5,
            "imagePath": "/a.jpg",
            "poseLabel": "jump",
            "metadata": METADATA,
        },
        "stills",
        {"createdAt", "updatedAt", "isFavorite", "selectedForEdit"},
    ),
    "a music moment": (
        "music-moment",
        {"timestampMs": 3, "metadata": METADATA, **MUSIC},
        "music-moments",
        {"createdAt"},
    ),
    "an asset": (
        "asset",
        {"assetType": "clip", "path": "/b.mov", "source": "editor", "status": "final", "metadata": METADATA},
        "assets",
        {"createdAt", "updatedAt"},
    ),
}


@pytest.mark.parametrize(("write", "arguments", "read", "by_the_server"), DOCUMENTS.values(), ids=list(DOCUMENTS))
def test_a_document_is_what_was_sent_and_the_servers_own_fields(
    serving: Serving, session_id: str, write: str, arguments: dict[str, Any], read: str, by_the_server: set[str]
):
    before = int(time() * 1_000)
    made = serving.record(write, sessionId=session_id, **arguments)
    (document,) = _items(serving.ask(read, sessionId=session_id))
    assert document["_id"] == made
    assert document["sessionId"] == session_id
    assert document.keys() == arguments.keys() | by_the_server | {"_id", "_creationTime", "sessionId"}
    assert {name: document[name] for name in arguments} == arguments
    assert str(document["metadata"]) == str(METADATA), "kept as sent: nulls inside, order and -0.0 included"
    for stamp in by_the_server & {"createdAt", "updatedAt"} | {"_creationTime"}:
        assert type(document[stamp]) is int
        assert before - 1_000 <= document[stamp] <= int(time() * 1_000) + 1_000


@pytest.mark.parametrize(("write", "arguments", "read"), [spec[:3] for spec in DOCUMENTS.values()], ids=list(DOCUMENTS))
def test_what_is_unset_is_absent_and_never_null(
    serving: Serving, session_id: str, write: str, arguments: dict[str, Any], read: str
):
    optional = DOCUMENT_OPTIONALS[read]
    nulled = {name: None if name in optional else value for name, value in arguments.items()}
    serving.record(write, sessionId=session_id, **nulled)
    (document,) = _items(serving.ask(read, sessionId=session_id))
    assert optional.isdisjoint(document)
    assert None not in document.values()


DOCUMENT_OPTIONALS: Final[dict[str, set[str]]] = {
    "cameras": {"deviceName", "isWideFallback", "positionHint", "metadata"},
    "events": {"cameraId", "reason", "score", "metadata"},
    "stills": {"imagePath", "poseLabel", "metadata"},
    "music-moments": {"metadata", *MUSIC},
    "assets": {"source", "status", "metadata"},
}


def _items(result: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = result["page"] if isinstance(result, dict) else result
    return items


def test_a_session_has_every_field_it_was_given(serving: Serving):
    given = {
        "sessionType": "photoshoot_review",
        "title": "Night shoot",
        "notes": "",
        "directorMode": "pose",
        "musicMode": "capture_only",
        "projectSlug": "night",
        "metadata": METADATA,
    }
    document = serving.ask("session", sessionId=serving.record("session/start", **given))
    assert document.keys() == given.keys() | {"_id", "_creationTime", "status", "startedAt", "createdAt", "updatedAt"}
    assert document["status"] == "setup"
    assert document["startedAt"] == document["createdAt"] == document["_creationTime"]


def test_a_hero_pose_is_a_director_event(serving: Serving, session_id: str):
    made = serving.record("hero-pose", sessionId=session_id, timestampMs=5, cameraId="c", score=0.75)
    (event,) = serving.ask("events", sessionId=session_id, eventType="hero_pose_marker")["page"]
    assert (event["_id"], event["score"], event["cameraId"]) == (made, 0.75, "c")


def test_a_batch_answers_ids_in_its_own_order(serving: Serving, session_id: str):
    times = [30, 10, 20]
    events = [{"timestampMs": at, "eventType": "bar_fire"} for at in times]
    ids = serving.record("event/batch", sessionId=session_id, events=events)
    page = serving.ask("events", sessionId=session_id)["page"]
    assert [(event["timestampMs"], event["_id"]) for event in page] == sorted(zip(times, ids, strict=True))
    assert serving.record("event/batch", sessionId=session_id, events=[]) == []


def test_a_session_that_is_not_there_is_null_for_one_and_not_found_for_many(serving: Serving):
    assert serving.ask("session", sessionId="nobody") is None
    for route in ("cameras", "events", "stills", "music-moments", "assets", "session/timeline", "session/history"):
        answer = serving.get(route, sessionId="nobody")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), route


def test_a_no_op_answers_as_before_and_records_nothing(serving: Serving, session_id: str):
    camera = WRITES["camera/upsert"][0]
    first = serving.record("camera/upsert", sessionId=session_id, **camera)
    serving.record("session/complete", sessionId=session_id)
    head = serving.head()
    assert serving.record("camera/upsert", sessionId=session_id, **camera) == first
    assert serving.record("camera/state", sessionId=session_id, cameraId="cam-1", isActive=True) is None
    assert serving.record("session/complete", sessionId=session_id) is None
    assert serving.record("session/update", sessionId=session_id, status="complete") is None
    assert serving.head() == head


@pytest.mark.parametrize("score", [2**53, 2**63, -(10**30), 1.5e308, -0.0, 5e-324])
def test_a_number_of_any_size_is_the_double_it_stands_for(serving: Serving, session_id: str, score: float):
    still = {"cameraId": "c", "timestampMs": 1, "score": score, "metadata": {"n": 10**4_299}}
    answer = serving.client.post(
        "/production/still-candidate",
        content=json.dumps({"sessionId": session_id, **still}),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    (document,) = serving.ask("stills", sessionId=session_id)
    assert document["score"] == float(score)
    assert document["metadata"] == still["metadata"]
    serving.record("event", sessionId=session_id, timestampMs=8.64e15, eventType="cut", score=score)
    (event,) = serving.ask("events", sessionId=session_id)["page"]
    assert (event["timestampMs"], event["score"]) == (8.64e15, float(score))
