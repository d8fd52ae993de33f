"""Idempotency keys and actors over HTTP: asked twice, carried out once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx2
import pytest

from tests.serving import Serving
from tests.shared import Serve

CUT: Final = {"timestampMs": 1, "eventType": "cut"}


@pytest.fixture
def session_id(serving: Serving) -> str:
    return serving.session()


def _same(left: httpx2.Response, right: httpx2.Response) -> bool:
    assert left.status_code == right.status_code == 200, (left.text, right.text)
    position = "Ledger-Position"
    return left.json() == right.json() and left.headers[position] == right.headers[position]


WRITES: Final[list[tuple[str, dict[str, Any]]]] = [
    ("event", CUT),
    ("event/batch", {"events": [CUT, CUT]}),
    ("hero-pose", {"timestampMs": 1}),
    ("still-candidate", {"cameraId": "c", "timestampMs": 1, "score": 1}),
    ("music-moment", {"timestampMs": 1}),
    ("asset", {"assetType": "clip", "path": "/a"}),
    ("camera/upsert", {"cameraId": "c", "sourceType": "s", "role": "r", "priorityWeight": 1, "isActive": True}),
    ("session/update", {"title": "T"}),
    ("session/complete", {}),
]


@pytest.mark.parametrize(("route", "arguments"), WRITES, ids=[route for route, _ in WRITES])
def test_a_repeated_key_answers_as_before_and_records_nothing(
    serving: Serving, session_id: str, route: str, arguments: dict[str, Any]
):
    asked = {"sessionId": session_id, **arguments}
    first = serving.post(route, asked, Idempotency_Key="k")
    serving.record("event", sessionId=session_id, **CUT)
    head = serving.head()
    assert _same(first, serving.post(route, asked, Idempotency_Key="k"))
    assert serving.head() == head


def test_a_session_can_be_started_under_a_key(serving: Serving):
    start = {"sessionType": "music_demo", "title": "keyed"}
    first = serving.post("session/start", start, Idempotency_Key="start-1", Ledger_Actor="me")
    assert _same(first, serving.post("session/start", start, Idempotency_Key="start-1", Ledger_Actor="me"))
    other = serving.post("session/start", start, Idempotency_Key="start-1", Ledger_Actor="you")
    assert other.json()["result"] != first.json()["result"]


def test_a_key_speaks_for_one_actor_one_session_and_one_request(serving: Serving, session_id: str):
    def ids(session_id: str, actor: str) -> str:
        asked = {"sessionId": session_id, **CUT}
        return str(serving.post("event", asked, Idempotency_Key="k", Ledger_Actor=actor).json()["result"])

    assert len({ids(session_id, "a"), ids(session_id, "b"), ids(serving.session(), "a"), ids(session_id, "a")}) == 3
    head = serving.head()
    for route, arguments in (("event", {**CUT, "timestampMs": 2}), ("hero-pose", {"timestampMs": 1})):
        asked = {"sessionId": session_id, **arguments}
        reused = serving.post(route, asked, Idempotency_Key="k", Ledger_Actor="a")
        assert (reused.status_code, reused.json()["error"]["code"]) == (409, "conflict")
        assert "Idempotency-Key" in reused.json()["error"]["message"]
    assert serving.head() == head


def test_the_same_request_may_be_written_differently(serving: Serving, session_id: str):
    first = serving.post("event", {"sessionId": session_id, **CUT, "score": 5}, Idempotency_Key="k")
    again = {"score": 5.0, "eventType": "cut", "reason": None, "timestampMs": 1.0, "sessionId": session_id}
    assert _same(first, serving.post("event", again, Idempotency_Key="k"))


def test_a_refusal_does_not_use_up_the_key(serving: Serving, session_id: str):
    state = {"sessionId": session_id, "cameraId": "c", "isActive": False}
    assert serving.post("camera/state", state, Idempotency_Key="k").status_code == 404
    serving.record("camera/upsert", sessionId=session_id, **dict(WRITES)["camera/upsert"])
    assert serving.post("camera/state", state, Idempotency_Key="k").status_code == 200


def test_one_key_from_many_threads_at_once_is_carried_out_once(serving: Serving, session_id: str):
    asked = {"sessionId": session_id, **CUT}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: serving.post("event", asked, Idempotency_Key="k").json(), range(40)))
    assert all(answer == answers[0] for answer in answers)
    assert len(serving.ask("events", sessionId=session_id)["page"]) == 1


def test_a_key_is_remembered_by_the_next_process(serve: Serve):
    server = serve()
    start = {"sessionType": "music_demo"}
    session = server.post("session/start", start, Idempotency_Key="k")
    cut = {"sessionId": session.json()["result"], **CUT}
    event = server.post("event", cut, Idempotency_Key="k2")
    server.restart()
    assert _same(session, server.post("session/start", start, Idempotency_Key="k"))
    assert _same(event, server.post("event", cut, Idempotency_Key="k2"))


@pytest.mark.parametrize("name", ["Ledger-Actor", "Idempotency-Key"])
@pytest.mark.parametrize("value", ["", "x" * 256, "tab\there"])
def test_a_header_that_is_no_name_is_invalid(serving: Serving, session_id: str, name: str, value: str):
    head = serving.head()
    answer = serving.post("event", {"sessionId": session_id, **CUT}, **{name.replace("-", "_"): value})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
    assert answer.json()["error"]["detail"]["field"] == name
    assert serving.head() == head


def test_an_actor_may_have_any_script(serving: Serving, session_id: str):
    headers = {b"Ledger-Actor": "Jürgen 舞台".encode(), b"Content-Type": b"application/json"}
    body = f'{{"sessionId":"{session_id}","timestampMs":1,"eventType":"cut"}}'
    assert serving.client.post("/production/event", content=body, headers=headers).status_code == 200
    assert serving.ask("session/history", sessionId=session_id)["page"][-1]["actor"] == "Jürgen 舞台"
