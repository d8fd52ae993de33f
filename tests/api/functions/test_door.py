"""The HTTP function API of a real server: as its own clients call it, and as nobody should."""

import base64
import json
from time import sleep
from typing import Any

import pytest
from convex import ConvexError
from convex.http_client import ConvexHttpClient

from ledger.application.catalogue import FUNCTIONS
from ledger.application.functions import Action, Function, Mutation, Query
from ledger.domain.keys import AccessKey
from tests.api.locked import Locked
from tests.serving import Serving
from tests.shared import Serve

START = "production:startProductionSession"
GET = "production:getProductionSession"
CUT = "production:appendDirectorEvent"


def call(serving: Serving, endpoint: str, path: str, args: Any = None, **more: Any) -> Any:
    answer = serving.client.post(f"/api/{endpoint}", json={"path": path, "args": [args or {}], **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_pythons_own_client_writes_and_reads(serving: Serving):
    client = ConvexHttpClient(serving.url)
    args: dict[str, Any] = {"sessionType": "music_demo", "metadata": {"takes": [1, 2.5]}}
    session = client.mutation(START, args)
    found = client.query(GET, {"sessionId": session})
    assert (found["_id"], found["metadata"]) == (session, {"takes": [1, 2.5]})
    assert client.query(GET, {"sessionId": "nobody"}) is None
    client.mutation(CUT, {"sessionId": session, "timestampMs": 5, "eventType": "cut", "score": 1})
    (event,) = client.query("production:getProductionTimeline", {"sessionId": session})["directorEvents"]
    assert (event["timestampMs"], event["score"]) == (5, 1)


@pytest.mark.parametrize(
    ("args", "code", "field"),
    [
        ({"sessionType": "opera"}, "invalid", "sessionType"),
        ({}, "invalid", "sessionType"),
        ({"sessionType": "music_demo", "metadata": float("nan")}, "invalid", "metadata"),
        ({"sessionType": "music_demo", "metadata": {"a": b"x"}}, "invalid", "metadata.a"),
    ],
)
def test_a_refusal_reaches_pythons_own_client_with_its_code(
    serving: Serving, args: dict[str, Any], code: str, field: str
):
    before = serving.head()
    with pytest.raises(ConvexError) as refused:
        ConvexHttpClient(serving.url).mutation(START, args)
    assert (refused.value.data["code"], refused.value.data["field"]) == (code, field)
    assert serving.head() == before


def test_a_function_is_called_by_any_spelling_of_its_path(serving: Serving):
    session = serving.session(title="t")
    args = {"sessionId": session}
    for endpoint in ("query", "function"):
        for path in (GET, GET.replace(":", ".js:")):
            assert call(serving, endpoint, path, args)["value"]["_id"] == session
    answer = serving.client.post(f"{serving.url}//api/query", json={"path": GET, "args": args})
    assert answer.json()["value"]["_id"] == session, "a client whose URL ends in a slash"
    run = serving.client.post("/api/run/production/getProductionSession", json={"args": args}).json()
    asked = serving.client.get("/api/query", params={"path": GET, "args": json.dumps(args)}).json()
    assert run == asked == call(serving, "query", GET, args, format="json")


@pytest.mark.parametrize(
    ("endpoint", "path"), [("query", "nothing:at"), ("mutation", GET), ("query", START), ("action", START)]
)
def test_what_is_no_such_function_is_an_answer_that_says_so(serving: Serving, endpoint: str, path: str):
    before = serving.head()
    said = call(serving, endpoint, path, {"sessionType": "music_demo"})
    assert said["status"] == "error"
    assert said["errorData"]["code"] in ("not_found", "invalid")
    assert serving.head() == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/query", "{", 422),
        ("POST", "/api/query", '{"path":7}', 422),
        ("POST", "/api/query", '{"path":"a:b","format":"xml"}', 422),
        ("POST", "/api/query_batch", '{"queries":7}', 422),
        ("GET", "/api/mutation", None, 405),
        ("GET", "/api/run/a/b", None, 405),
        ("GET", "/api/nothing", None, 404),
        ("POST", "/api/query", " " * (16 * 1024 * 1024 + 1), 413),
    ],
)
def test_what_is_no_call_is_told_as_these_clients_read_it(
    serving: Serving, method: str, path: str, body: str | None, status: int
):
    answer = serving.client.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert {"code", "message"} <= answer.json().keys()


def test_no_form_can_call_a_mutation(serving: Serving):
    body = json.dumps({"path": START, "args": {"sessionType": "music_demo"}})
    before = serving.head()
    answer = serving.client.post("/api/mutation", content=body, headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert serving.head() == before


def test_a_batch_is_answered_in_its_order_each_by_itself(serving: Serving):
    sessions = [serving.session(title=title) for title in ("one", "two")]
    asked: list[dict[str, Any]] = [{"path": GET, "args": [{"sessionId": session}]} for session in sessions]
    asked.insert(1, {"path": "nothing:at", "args": {}})
    asked.insert(2, {"path": GET, "args": {}})
    results = serving.client.post("/api/query_batch", json={"queries": asked}).json()["results"]
    assert [results[0]["value"]["title"], results[3]["value"]["title"]] == ["one", "two"]
    assert [result["errorData"]["code"] for result in results[1:3]] == ["not_found", "invalid"]


def test_a_write_sent_again_under_its_key_is_one(serving: Serving):
    body = {"path": START, "args": {"sessionType": "music_demo"}}
    headers = {"Idempotency-Key": "over the function API", "Ledger-Actor": "ann"}
    answers = [serving.client.post("/api/mutation", json=body, headers=headers).json() for _ in range(2)]
    assert answers[0] == answers[1]


def test_a_position_is_told_and_waited_for(serving: Serving):
    asked = {"path": START, "args": {"sessionType": "music_demo", "projectSlug": "waited-for"}}
    written = serving.client.post("/api/mutation", json=asked)
    at_least = {"Ledger-At-Least": written.headers["Ledger-Position"]}
    question = {"path": "production:listProductionSessions", "args": {"projectSlug": "waited-for"}}
    found = serving.client.post("/api/query", json=question, headers=at_least)
    assert found.json()["value"]["page"][0]["_id"] == written.json()["value"]
    epoch = at_least["Ledger-At-Least"].split(".")[0]
    late = serving.client.post("/api/query", json={"path": GET}, headers={"Ledger-At-Least": f"{epoch}.0-99999999"})
    assert late.json()["errorData"]["code"] == "invalid", "the arguments are looked at first"


def instant(serving: Serving) -> str:
    answer = serving.client.post("/api/query_ts")
    assert answer.status_code == 200
    assert len(base64.b64decode(answer.json()["ts"])) == 8
    ts: str = answer.json()["ts"]
    return ts


def test_questions_as_of_one_timestamp_are_answered_of_one_moment(serving: Serving):
    session = serving.session(title="before")
    about = {"sessionId": session}
    ts = instant(serving)
    serving.record("session/update", **about, title="after")
    serving.record("event", **about, timestampMs=1, eventType="cut")
    timeline = "production:getProductionTimeline"
    then = call(serving, "query_at_ts", GET, about, ts=ts)["value"]
    assert then["title"] == "before"
    assert call(serving, "query_at_ts", timeline, about, ts=ts)["value"]["session"] == then
    assert call(serving, "query_at_ts", timeline, about, ts=ts)["value"]["directorEvents"] == []
    assert call(serving, "query", GET, about, ts=ts)["value"] == then
    asked = {"path": GET, "args": json.dumps(about), "ts": ts}
    assert serving.client.get("/api/query", params=asked).json()["value"] == then
    now = call(serving, "query_at_ts", timeline, about, ts=instant(serving))["value"]
    assert (now["session"]["title"], len(now["directorEvents"])) == ("after", 1)


def test_another_server_of_the_ledger_answers_a_timestamp_as_well(serve: Serve):
    server = serve()
    session = server.session(title="before")
    sleep(0.002)
    ts = instant(server)
    sleep(0.002)
    server.record("session/update", sessionId=session, title="after")
    server.restart()
    assert call(server, "query_at_ts", GET, {"sessionId": session}, ts=ts)["value"]["title"] == "before"


@pytest.mark.parametrize(
    ("endpoint", "path", "ts", "message"),
    [
        ("query_at_ts", GET, "soon", "ts: is no timestamp"),
        ("query_at_ts", GET, "/////////38=", "ts: is still to come"),
        ("mutation", START, "AAAAAAAAAAA=", "ts: only questions are asked as of a time"),
    ],
)
def test_a_timestamp_that_cannot_be_answered_says_why(
    serving: Serving, endpoint: str, path: str, ts: str, message: str
):
    args = {"sessionType": "music_demo"} if path == START else {"sessionId": serving.session()}
    said = call(serving, endpoint, path, args, ts=ts)
    assert said["errorMessage"].startswith(message)
    assert said["errorData"]["code"] == "invalid"


def test_without_a_timestamp_there_is_no_moment_to_answer_of(serving: Serving):
    asked = {"path": GET, "args": {}}
    answer = serving.client.post("/api/query_at_ts", json=asked)
    assert (answer.status_code, answer.json()["message"][:15]) == (422, "ts: is required")
    answer = serving.client.post("/api/query_batch", json={"queries": [asked | {"ts": "AAAAAAAAAAA="}]})
    assert (answer.status_code, answer.json()["message"][:13]) == (422, "queries[0].ts")


ENDPOINTS: dict[type[Function], str] = {Query: "query", Mutation: "mutation", Action: "action"}


def test_every_function_is_for_its_keys_here_too(locked: Locked):
    """Those without a route are reached by no other way."""
    holders = {scope: locked.key(f"api {scope}", scope) for scope in ("read", "write:music", "admin")}
    for function in FUNCTIONS:
        body = {"path": function.name, "args": {}}
        url = f"/api/{ENDPOINTS[type(function)]}"
        nobody = locked.server.client.post(url, json=body)
        assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthorized")
        for scope, headers in holders.items():
            said = locked.server.client.post(url, json=body, headers=headers).json()
            is_forbidden = said["status"] == "error" and said["errorData"]["code"] == "forbidden"
            held = AccessKey(name="k", scopes=(scope,), sha256="", created_at=0, created_by="ann")
            assert is_forbidden != held.allows(function.scope), (function.name, scope, said)
