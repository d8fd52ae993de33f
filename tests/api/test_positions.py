"""Position tokens: a reader sees what a writer was told, or is told that it cannot yet."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree
from time import monotonic
from typing import Any, Final

import httpx2
import pytest

from ledger.api.positions import shown_by
from ledger.application.ledger import Answer
from ledger.log.positions import Position
from tests.serving import Serving
from tests.shared import Serve

READS: Final[dict[str, dict[str, str] | None]] = {
    "session": {},
    "session/active": None,
    "sessions": None,
    "cameras": {},
    "events": {},
    "stills": {},
    "music-moments": {},
    "assets": {},
    "session/timeline": {},
    "session/history": {},
    "session/as-of": {},
    "session/cut-log": {},
    "session/clocks": {},
    "session/pose-windows": {},
}


@pytest.mark.parametrize("route", READS)
def test_every_read_takes_a_token_both_ways_and_answers_with_one(serving: Serving, route: str):
    session_id = serving.session()
    asked = {} if READS[route] is None else {"sessionId": session_id}
    written = serving.post("event", {"sessionId": session_id, "timestampMs": 1, "eventType": "cut"})
    token = written.headers["Ledger-Position"]
    for answer in (
        serving.get(route, {"Ledger-At-Least": token}, **asked),
        serving.get(route, atLeast=token, **asked),
        serving.get(route, **asked),
    ):
        assert answer.status_code == 200, answer.text
        assert list(answer.json()) == ["ok", "result"]
        assert answer.headers["Content-Type"] == "application/json"
        assert "Ledger-Stale" not in answer.headers
        shown = answer.headers["Ledger-Position"]
        assert _position(shown) >= _position(token)
        assert shown.partition(".")[0] == token.partition(".")[0], "one epoch"


def _position(token: str) -> int:
    return int(token.rpartition("-")[2])


def test_a_read_right_after_a_write_shows_it(serving: Serving):
    session_id = serving.session()
    for at in range(100):
        made = serving.record("event", sessionId=session_id, timestampMs=at, eventType="cut")
        assert serving.ask("session/timeline", sessionId=session_id)["directorEvents"][-1]["_id"] == made


def test_a_token_of_another_ledger_is_a_conflict_that_shares_nothing_with_this_one(serve: Serve, serving: Serving):
    token = serving.post("session/start", {"sessionType": "music_demo"}).headers["Ledger-Position"]
    other = serve()
    other.session()
    answer = other.get("session/active", {"Ledger-At-Least": token})
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "conflict"
    epoch = other.get("session/active").headers["Ledger-Position"].partition(".")[0]
    assert error["detail"] == {"field": "Ledger-At-Least", "position": f"{epoch}.0-0"}


@pytest.mark.parametrize("token", ["x", "abc.0", "abc.0-x", "abc.0--1", "abc.-1-5", ".0-1", "abc.0-1.", "é.0-1", "0-1"])
def test_a_token_that_is_not_ours_is_invalid(serving: Serving, token: str):
    answer = serving.get("session/active", atLeast=token)
    assert answer.status_code in (409, 422)
    assert "Ledger-At-Least" in answer.json()["error"]["message"]


def test_a_shard_that_is_not_there_is_invalid(serving: Serving):
    token = serving.get("session/active").headers["Ledger-Position"]
    answer = serving.get("session/active", atLeast=token.replace(".0-", ".1-"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_views_that_are_gone_are_built_anew(serve: Serve, tmp_path: Path):
    server = serve()
    session_id = server.session()
    server.record("event", sessionId=session_id, timestampMs=1, eventType="cut")
    timeline = server.ask("session/timeline", sessionId=session_id)
    server.stop()
    for file in server.directory.glob("views*"):
        file.unlink()
    copytree(server.directory, tmp_path / "copy")
    server.start()
    assert server.ask("session/timeline", sessionId=session_id) == timeline


def _doors(session_id: str) -> list[tuple[str, str, dict[str, Any] | None]]:
    """Every other way to ask over HTTP than a route of the contract's."""
    asked = {"path": "production:getProductionSession", "args": {"sessionId": session_id}}
    return [
        ("POST", "/api/query", asked),
        ("POST", "/api/function", asked),
        ("POST", "/api/run/production/getProductionSession", {"args": asked["args"]}),
        ("GET", f"/api/query?path={asked['path']}&args={json.dumps(asked['args'])}", None),
        ("POST", "/api/query_batch", {"queries": [asked, asked]}),
        ("GET", "/videos/v1m7xy2k40c9ez51s6qpbk1ge", None),
    ]


def _streams(session_id: str) -> list[tuple[str, str]]:
    """Where answers go on, and what is asked for there."""
    return [
        (f"/production/session?sessionId={session_id}", "text/event-stream"),
        (f"/production/session/stream?sessionId={session_id}", "text/event-stream"),
        (f"/production/session/history?sessionId={session_id}", "application/x-ndjson"),
    ]


@pytest.mark.parametrize("stream", range(3))
def test_every_stream_takes_a_token_and_refuses_one_of_another_life(serving: Serving, stream: int):
    written = serving.post("session/start", {"sessionType": "music_demo"})
    token = written.headers["Ledger-Position"]
    path, accepted = _streams(written.json()["result"])[stream]
    for addressed, given in ((path, {"Ledger-At-Least": token}), (f"{path}&atLeast={token}", {})):
        with serving.client.stream("GET", addressed, headers={"Accept": accepted} | given) as answer:
            assert answer.status_code == 200
            assert written.json()["result"] in next(line for line in answer.iter_lines() if "{" in line)
    for wrong, status in ((token.replace(token[:8], "0" * 8), 409), ("yesterday", 422)):
        refused = serving.client.get(path, headers={"Accept": accepted, "Ledger-At-Least": wrong})
        assert refused.status_code == status, refused.text


@pytest.mark.parametrize("door", range(6))
def test_every_door_takes_a_token_and_says_what_it_shows(serving: Serving, door: int):
    written = serving.post("session/start", {"sessionType": "music_demo"})
    token, session_id = written.headers["Ledger-Position"], written.json()["result"]
    method, path, body = _doors(session_id)[door]
    addressed = f"{path}{'&' if '?' in path else '?'}atLeast={token}"
    for answer in (
        serving.client.request(method, path, json=body, headers={"Ledger-At-Least": token}),
        serving.client.request(method, addressed, json=body),
    ):
        assert answer.status_code == 200, answer.text
        assert _position(answer.headers["Ledger-Position"]) >= _position(token)
        assert "Ledger-Stale" not in answer.headers
    wrong = serving.client.request(method, path, json=body, headers={"Ledger-At-Least": "yesterday"})
    assert "is not a position of this ledger" in wrong.text


def test_no_door_answers_with_less_than_it_was_asked_for(serving: Serving):
    written = serving.post("session/start", {"sessionType": "music_demo"})
    token = written.headers["Ledger-Position"]
    future = {"Ledger-At-Least": f"{token.rpartition('-')[0]}-{_position(token) + 10**9}"}

    def late(door: tuple[str, str, Any], accepted: str = "*/*") -> httpx2.Response:
        return serving.client.request(door[0], door[1], json=door[2], headers=future | {"Accept": accepted})

    session_id, before = written.json()["result"], monotonic()
    with ThreadPoolExecutor(10) as at_once:
        on_its_route = at_once.submit(late, ("GET", "/production/session/active", None))
        late_ones = [on_its_route, *(at_once.submit(late, door) for door in _doors(session_id))]
        late_ones += [at_once.submit(late, ("GET", path, None), accepted) for path, accepted in _streams(session_id)]
        for answer in (it.result() for it in late_ones):
            assert (answer.status_code, int(answer.headers["Retry-After"]) >= 1) == (503, True), answer.text
    assert on_its_route.result().json()["error"]["code"] == "stale"
    assert monotonic() - before > 1.5, "it may still come"


def _answer(position: int, *, stale: bool = False, parked: tuple[str, ...] = ()) -> Answer:
    return Answer("null", Position("e", ((0, position), (1, 1))), stale=stale, parked=parked)


def test_answers_that_are_given_together_say_what_all_of_them_show_and_what_any_lacks():
    assert shown_by([]) == []
    assert shown_by([_answer(3)]) == [(b"ledger-position", b"e.0-3.1-1")]
    assert shown_by([_answer(3, parked=("s2",)), _answer(2, stale=True, parked=("s1", "s2"))]) == [
        (b"ledger-position", b"e.0-2.1-1"),
        (b"ledger-stale", b"true"),
        (b"ledger-parked", b"s1, s2"),
    ]
