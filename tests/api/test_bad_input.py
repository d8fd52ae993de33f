"""What a caller may get wrong: each is told clearly, in one shape, and nothing is recorded."""

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest

from tests.serving import Serving

CUT: Final = {"timestampMs": 1, "eventType": "cut"}
CAMERA: Final = {"cameraId": "c", "sourceType": "s", "role": "r", "priorityWeight": 1, "isActive": True}
STILL: Final = {"cameraId": "c", "timestampMs": 1, "score": 1}
ASSET: Final = {"assetType": "clip", "path": "/a"}


@pytest.fixture
def session_id(serving: Serving) -> str:
    return serving.session()


@pytest.fixture(autouse=True)
def nothing_is_recorded(serving: Serving, session_id: str) -> Iterator[None]:
    head = serving.head()
    yield
    assert serving.head() == head


def problem(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The error of an answer, which must have the contract's shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert list(body) == ["ok", "error"]
    assert body["ok"] is False
    error: dict[str, Any] = body["error"]
    assert list(error) == ["code", "message", "detail"]
    assert error["code"] == code
    assert error["message"]
    assert "Traceback" not in answer.text
    return error


ARGUMENTS: Final[list[tuple[str, dict[str, Any], str]]] = [
    ("event", {"timestampMs": 1, "eventType": "jump"}, "eventType"),
    ("event", {"eventType": "cut"}, "timestampMs"),
    ("event", {"timestampMs": 1}, "eventType"),
    ("event", {"timestampMs": None, "eventType": "cut"}, "timestampMs"),
    ("event", {**CUT, "timestampMs": "1"}, "timestampMs"),
    ("event", {**CUT, "timestampMs": True}, "timestampMs"),
    ("event", {**CUT, "timestampMs": -0.5}, "timestampMs"),
    ("event", {**CUT, "timestampMs": 8.65e15}, "timestampMs"),
    ("event", {**CUT, "timestampMs": 10**40}, "timestampMs"),
    ("event", {**CUT, "timestampMs": [1]}, "timestampMs"),
    ("event", {**CUT, "score": "high"}, "score"),
    ("event", {**CUT, "score": False}, "score"),
    ("event", {**CUT, "score": 10**400}, "score"),
    ("event", {**CUT, "eventType": ""}, "eventType"),
    ("event", {**CUT, "eventType": 5}, "eventType"),
    ("event", {**CUT, "cameraId": "  "}, "cameraId"),
    ("event", {**CUT, "cameraId": "a\x00b"}, "cameraId"),
    ("event", {**CUT, "cameraId": "x" * 513}, "cameraId"),
    ("event", {**CUT, "reason": "x" * 20_001}, "reason"),
    ("event", {**CUT, "createdAt": 5}, "createdAt"),
    ("event", {**CUT, "camera_id": "c"}, "camera_id"),
    ("event", {**CUT, "timestamp_ms": 1}, "timestamp_ms"),
    ("event/batch", {}, "events"),
    ("event/batch", {"events": CUT}, "events"),
    ("event/batch", {"events": [CUT] * 10_001}, "events"),
    ("event/batch", {"events": [CUT, 5]}, "events[1]"),
    ("event/batch", {"events": [CUT, CUT, {**CUT, "score": "x"}, CUT]}, "events[2].score"),
    ("event/batch", {"events": [CUT, {**CUT, "eventType": "jump"}]}, "events[1].eventType"),
    ("event/batch", {"events": [CUT, {"eventType": "cut"}]}, "events[1].timestampMs"),
    ("event/batch", {"events": [{**CUT, "sessionId": "s"}]}, "events[0].sessionId"),
    ("hero-pose", {"timestampMs": 1, "eventType": "cut"}, "eventType"),
    ("camera/upsert", {**CAMERA, "isActive": 1}, "isActive"),
    ("camera/upsert", {**CAMERA, "isActive": "true"}, "isActive"),
    ("camera/upsert", {**CAMERA, "priorityWeight": "1"}, "priorityWeight"),
    ("camera/upsert", {**CAMERA, "priorityWeight": 10**400}, "priorityWeight"),
    ("camera/upsert", {**CAMERA, "role": ""}, "role"),
    ("camera/upsert", {**CAMERA, "unset": ["role"]}, "unset[0]"),
    ("camera/upsert", {**CAMERA, "unset": "notes"}, "unset"),
    ("still-candidate", {**STILL, "score": None}, "score"),
    ("still-candidate", {**STILL, "isFavorite": 0}, "isFavorite"),
    ("still-candidate", {**STILL, "imagePath": ""}, "imagePath"),
    ("music-moment", {"timestampMs": 1, "tempo": "fast"}, "tempo"),
    ("music-moment", {"timestampMs": 1, "energy": 10**400}, "energy"),
    ("asset", {**ASSET, "path": "\t"}, "path"),
    ("asset", {"path": "/a"}, "assetType"),
    ("session/update", {"status": "ended"}, "status"),
    ("session/update", {"directorMode": "chaos"}, "directorMode"),
    ("session/update", {"musicMode": "loud"}, "musicMode"),
    ("session/update", {"sessionType": "wedding"}, "sessionType"),
    ("session/update", {"title": "a", "unset": ["title"]}, "unset"),
    ("session/update", {"unset": ["status"]}, "unset[0]"),
    ("session/complete", {"status": "rolling"}, "status"),
    ("session/reopen", {}, "reason"),
    ("event/correct", {"eventId": "x", "changes": 5, "reason": "r"}, "changes"),
    ("event/correct", {"eventId": "x", "changes": {"sessionId": "s"}, "reason": "r"}, "changes.sessionId"),
]


@pytest.mark.parametrize(("route", "arguments", "field"), ARGUMENTS)
def test_an_argument_that_breaks_a_rule(
    serving: Serving, session_id: str, route: str, arguments: dict[str, Any], field: str
):
    error = problem(serving.post(route, {"sessionId": session_id, **arguments}), 422, "invalid")
    assert error["detail"]["field"] == field
    assert error["message"].startswith(f"{field}: ")
    assert len(error["message"]) < 1_000


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "sessionType"),
        ({"sessionType": "wedding"}, "sessionType"),
        ({"sessionType": "music_demo", "status": "paused"}, "status"),
        ({"sessionType": "music_demo", "sessionId": "mine"}, "sessionId"),
    ],
)
def test_a_session_that_cannot_start(serving: Serving, arguments: dict[str, Any], field: str):
    assert problem(serving.post("session/start", arguments), 422, "invalid")["detail"]["field"] == field


def test_every_broken_argument_is_told(serving: Serving, session_id: str):
    answer = serving.post("event", {"sessionId": session_id, "timestampMs": -1, "eventType": "", "extra": 1})
    error = problem(answer, 422, "invalid")
    assert {told["field"] for told in error["detail"]["errors"]} == {"timestampMs", "eventType", "extra"}


NOT_THERE: Final[list[tuple[str, dict[str, Any], str]]] = [
    ("event", {"sessionId": "nobody", **CUT}, "sessionId"),
    ("event/batch", {"sessionId": "nobody", "events": [CUT]}, "sessionId"),
    ("hero-pose", {"sessionId": "nobody", "timestampMs": 1}, "sessionId"),
    ("camera/upsert", {"sessionId": "nobody", **CAMERA}, "sessionId"),
    ("camera/state", {"sessionId": "nobody", "cameraId": "c"}, "sessionId"),
    ("still-candidate", {"sessionId": "nobody", **STILL}, "sessionId"),
    ("music-moment", {"sessionId": "nobody", "timestampMs": 1}, "sessionId"),
    ("asset", {"sessionId": "nobody", **ASSET}, "sessionId"),
    ("session/update", {"sessionId": "nobody", "title": "t"}, "sessionId"),
    ("session/complete", {"sessionId": "nobody"}, "sessionId"),
    ("session/reopen", {"sessionId": "nobody", "reason": "r"}, "sessionId"),
    (
        "event/correct",
        {"sessionId": "nobody", "eventId": "x-e1", "changes": {"void": True}, "reason": "r"},
        "sessionId",
    ),
    ("camera/state", {"cameraId": "c", "isActive": True}, "cameraId"),
    ("still/update", {"stillCandidateId": "nothing"}, "stillCandidateId"),
    ("still/update", {"stillCandidateId": "nobody-k2"}, "stillCandidateId"),
    ("still/update", {"stillCandidateId": "SESSION-k99"}, "stillCandidateId"),
    ("still/update", {"stillCandidateId": "SESSION-e1"}, "stillCandidateId"),
    ("still/update", {"stillCandidateId": "SESSION-k999999999999999999"}, "stillCandidateId"),
    ("still-candidate", {**STILL, "sourceEventId": "SESSION-e99"}, "sourceEventId"),
    ("still-candidate", {**STILL, "sourceEventId": "SESSION-e1"}, "sourceEventId"),
    ("still-candidate", {**STILL, "sourceEventId": "other"}, "sourceEventId"),
    ("event/correct", {"eventId": "SESSION-e1", "changes": {"void": True}, "reason": "r"}, "eventId"),
    ("event/correct", {"eventId": "SESSION-e99", "changes": {"void": True}, "reason": "r"}, "eventId"),
]


@pytest.mark.parametrize(("route", "arguments", "field"), NOT_THERE)
def test_something_that_is_not_there(
    serving: Serving, session_id: str, route: str, arguments: dict[str, Any], field: str
):
    text = json.dumps(arguments if route == "still/update" else {"sessionId": session_id, **arguments})
    answer = serving.post(route, json.loads(text.replace("SESSION", session_id)))
    assert problem(answer, 404, "not_found")["detail"]["field"] == field


@pytest.mark.parametrize("event_id", ["SESSION-e1", "SESSION-e99", "SESSION-k2", "other-e2", "cut"])
def test_an_event_to_explain_that_is_not_there(serving: Serving, session_id: str, event_id: str):
    answer = serving.get("session/explain", sessionId=session_id, eventId=event_id.replace("SESSION", session_id))
    assert problem(answer, 404, "not_found")["detail"]["field"] == "eventId"


QUESTIONS: Final[list[tuple[str, dict[str, str], str]]] = [
    ("stills", {"limit": "0"}, "limit"),
    ("stills", {"limit": "10001"}, "limit"),
    ("stills", {"limit": "-1"}, "limit"),
    ("stills", {"limit": "2.5"}, "limit"),
    ("stills", {"limit": "many"}, "limit"),
    ("stills", {"limit": ""}, "limit"),
    ("stills", {"limit": "true"}, "limit"),
    ("stills", {"limit": "1e999"}, "limit"),
    ("stills", {"limit": "1" * 30}, "limit"),
    ("stills", {"favoritesOnly": "yes"}, "favoritesOnly"),
    ("stills", {"favoritesOnly": "1"}, "favoritesOnly"),
    ("stills", {"cameraId": ""}, "cameraId"),
    ("stills", {"favourites": "true"}, "favourites"),
    ("music-moments", {"limit": "0"}, "limit"),
    ("assets", {"limit": "10001"}, "limit"),
    ("assets", {"sessionId": ""}, "sessionId"),
    ("cameras", {"sessionId": "\x00"}, "sessionId"),
    ("events", {"numItems": "0"}, "numItems"),
    ("events", {"numItems": "10001"}, "numItems"),
    ("events", {"paginationOpts": '{"numItems":0}'}, "paginationOpts.numItems"),
    ("events", {"paginationOpts": '{"count":5}'}, "paginationOpts.count"),
    ("events", {"paginationOpts": "5"}, "paginationOpts"),
    ("events", {"paginationOpts": "{"}, "paginationOpts"),
    ("events", {"paginationOpts": "[" * 5_000}, "paginationOpts"),
    ("session/history", {"type": "cut"}, "type"),
    ("session/history", {"entityId": "nothing"}, "entityId"),
    ("session/timeline", {"windowStartMs": "2", "windowEndMs": "1"}, "windowEndMs"),
    ("session/timeline", {"windowStartMs": "NaN"}, "windowStartMs"),
    ("session/timeline", {"windowStartMs": "Infinity"}, "windowStartMs"),
    ("session/timeline", {"windowStartMs": "-1"}, "windowStartMs"),
    ("session/timeline", {"windowEndMs": "1e16"}, "windowEndMs"),
    ("session/as-of", {"atSequence": "0"}, "atSequence"),
    ("session/as-of", {"atMs": "1"}, "atMs"),
    ("session/cut-log", {"atSequence": "99"}, "atSequence"),
    ("session/cut-log/compare", {}, "fromSequence"),
    ("session/cut-log/compare", {"fromSequence": "99"}, "fromSequence"),
    ("session/cut-log/compare", {"fromMs": "1"}, "fromMs"),
    ("session/cut-log/compare", {"fromSequence": "1", "toSequence": "99"}, "toSequence"),
    ("session/cut-log/compare", {"fromSequence": "1", "toSequence": "1", "toMs": "1"}, "toMs"),
    ("session/clocks", {"jumpMs": "0"}, "jumpMs"),
    ("session/pose-windows", {"gapMs": "-1"}, "gapMs"),
    ("session/explain", {}, "eventId"),
    ("session/cut-log", {"rate": "x"}, "rate"),
    ("sessions", {"status": "ended"}, "status"),
]


@pytest.mark.parametrize(("route", "parameters", "field"), QUESTIONS)
def test_a_question_that_breaks_a_rule(
    serving: Serving, session_id: str, route: str, parameters: dict[str, str], field: str
):
    about = {} if route == "sessions" else {"sessionId": session_id}
    error = problem(serving.get(route, **about | parameters), 422, "invalid")
    assert error["detail"]["field"] == field


@pytest.mark.parametrize("route", ["cameras", "events", "session/timeline", "session"])
def test_a_question_without_its_session(serving: Serving, route: str):
    assert problem(serving.get(route), 422, "invalid")["message"] == "sessionId: is required"


def test_a_question_that_says_something_twice(serving: Serving, session_id: str):
    for twice in ("limit=1&limit=2", "limit=null&limit=null", "atLeast=1-1&atLeast=1-2"):
        answer = serving.client.get(f"/production/stills?sessionId={session_id}&{twice}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
        assert answer.json()["error"]["message"] == f"{twice.partition('=')[0]}: is given more than once"
