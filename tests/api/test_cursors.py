"""Cursors come back from callers: one that is not ours is told so, whatever is in it."""

import base64
import json
from typing import Any, Final

import pytest

from tests.api.test_bad_input import problem
from tests.serving import Serving

ROUTES: Final = ("events", "session/history", "sessions")


@pytest.fixture(scope="module")
def session_id(serving: Serving) -> str:
    session_id = serving.session()
    events = [{"timestampMs": at, "eventType": "cut"} for at in range(5)]
    serving.record("event/batch", sessionId=session_id, events=events)
    serving.session()
    return session_id


def _asked(route: str, session_id: str) -> dict[str, Any]:
    return {"numItems": 1} | ({} if route == "sessions" else {"sessionId": session_id})


def _forged(cursor: str, change: Any) -> str:
    epoch, _, encoded = cursor.partition(".")
    changed = change(json.loads(base64.urlsafe_b64decode(encoded + "==")))
    text = changed if isinstance(changed, str) else json.dumps(changed)
    return f"{epoch}.{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"


FORGERIES: Final[dict[str, Any]] = {
    "no list": lambda parts: 5,
    "nothing": lambda parts: [],
    "an object": lambda parts: dict.fromkeys("abcd"),
    "no place": lambda parts: parts[:2],
    "half a place": lambda parts: parts[:3],
    "less": lambda parts: parts[:-1],
    "more": lambda parts: [*parts, 1],
    "before all": lambda parts: [*parts[:-1], -1],
    "text": lambda parts: [*parts[:2], *map(str, parts[2:])],
    "true": lambda parts: [*parts[:-1], True],
    "null": lambda parts: [*parts[:2], *(None for _ in parts[2:])],
    "NaN": lambda parts: [*parts[:2], *(float("nan") for _ in parts[2:])],
    "infinite": lambda parts: [*parts[:2], *(float("inf") for _ in parts[2:])],
    "huge": lambda parts: [*parts[:2], *(10**30 for _ in parts[2:])],
    "a huge pin": lambda parts: [parts[0], 10**30, *parts[2:]],
    "a pin of true": lambda parts: [parts[0], True, *parts[2:]],
    "another hash": lambda parts: ["0" * 12, *parts[1:]],
    "no hash": lambda parts: [None, *parts[1:]],
    "deep": lambda parts: "[" * 700,
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("route", ROUTES)
def test_a_forged_cursor_is_refused(serving: Serving, session_id: str, route: str, forgery: str):
    cursor = serving.ask(route, **_asked(route, session_id))["continueCursor"]
    forged = _forged(cursor, FORGERIES[forgery])
    error = problem(serving.get(route, cursor=forged, **_asked(route, session_id)), 422, "invalid")
    assert error["detail"]["field"] == "cursor"


@pytest.mark.parametrize("cursor", ["x", "====", "é", "%00", "a" * 1_024, "a" * 1_025, " ", "bnVsbA"])
@pytest.mark.parametrize("route", ROUTES)
def test_what_is_no_cursor_at_all_is_refused(serving: Serving, session_id: str, route: str, cursor: str):
    error = problem(serving.get(route, cursor=cursor, **_asked(route, session_id)), 422, "invalid")
    assert error["detail"]["field"] == "cursor"


def test_a_cursor_belongs_to_its_question(serving: Serving, session_id: str):
    cursor = serving.ask("events", sessionId=session_id, numItems=1)["continueCursor"]
    other = serving.session()
    for route, asked in (
        ("events", {"sessionId": session_id, "eventType": "cut"}),
        ("events", {"sessionId": other}),
        ("session/history", {"sessionId": session_id}),
        ("sessions", {}),
    ):
        error = problem(serving.get(route, cursor=cursor, **asked), 422, "invalid")
        assert "another question" in error["message"]


def test_the_size_of_a_page_may_change_between_pages(serving: Serving, session_id: str):
    cursor = serving.ask("events", sessionId=session_id, numItems=1)["continueCursor"]
    assert len(serving.ask("events", sessionId=session_id, numItems=3, cursor=cursor)["page"]) == 3
