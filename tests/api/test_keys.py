"""Keys at the web door: every function against every scope, and what no key is needed for."""

from typing import get_args

import pytest

from ledger.application.functions import Function
from ledger.domain.keys import AccessKey, Scope
from tests.api.locked import ROUTED, Headers, Locked, bearing, code_of
from tests.serving import Serving
from tests.shared import Serve


def held(scope: Scope) -> AccessKey:
    return AccessKey(name="k", scopes=(scope,), sha256="", created_at=0, created_by="")


each_function = pytest.mark.parametrize("function", ROUTED, ids=lambda function: function.name)


@pytest.fixture(scope="session")
def holders(locked: Locked) -> dict[str, Headers]:
    """Who holds a key of each scope, and of no other."""
    return {scope: locked.key(f"only {scope}", scope) for scope in get_args(Scope)}


@each_function
def test_without_a_key_nothing_is_answered_or_written(locked: Locked, function: Function):
    before = locked.head()
    for headers in (
        {},
        bearing("x"),
        {"Authorization": "Bearer"},
        {"Authorization": "Basic eDp5"},
        {"Ledger-Actor": "admin"},
    ):
        answer = locked.call(function, {}, headers)
        assert code_of(answer) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert locked.head() == before


@each_function
def test_a_function_is_carried_out_for_its_scope_only(locked: Locked, holders: dict[str, Headers], function: Function):
    before = locked.head()
    enough = {scope for scope in get_args(Scope) if held(scope).allows(function.scope)}
    assert enough < set(get_args(Scope)), "somebody is kept out"
    for scope, headers in holders.items():
        if scope not in enough:
            assert code_of(locked.call(function, {}, headers)) == (403, "forbidden"), scope
    assert locked.head() == before
    for scope in enough:
        assert locked.call(function, {}, holders[scope]).status_code in (200, 422), scope


def test_a_key_that_was_revoked_is_refused_at_once(locked: Locked):
    for turn in range(20):
        holder = locked.key("passing", "read")
        assert locked.server.client.get("/production/sessions", headers=holder).status_code == 200
        locked.revoke("passing")
        assert locked.server.client.get("/production/sessions", headers=holder).status_code == 401, turn


def test_a_revoked_key_stays_revoked_over_a_restart(serve: Serve):
    locked = Locked(serve())
    kept, lost = locked.key("kept", "read"), locked.key("lost", "read")
    locked.revoke("lost")
    locked.server.restart()
    asked = [locked.server.client.get("/production/sessions", headers=headers).status_code for headers in (kept, lost)]
    assert asked == [200, 401]


@pytest.fixture(scope="module")
def session_id(locked: Locked) -> str:
    return str(locked.record("session/start", sessionType="music_demo"))


def test_the_writer_is_who_the_key_says(locked: Locked, session_id: str):
    pose = locked.key("pose logic", "write:director", "read")
    event = {"sessionId": session_id, "timestampMs": 1, "eventType": "cut"}
    for actor in ({}, {"Ledger-Actor": "pose logic"}):
        assert locked.server.post("event", event, **pose, **actor).status_code == 200
    before = locked.head()
    refused = locked.server.post("event", event, **pose, **{"Ledger-Actor": "admin"})
    assert code_of(refused) == (403, "forbidden")
    assert "'pose logic'" in refused.json()["error"]["message"]
    assert locked.head() == before
    found = locked.server.get("session/history", pose, sessionId=session_id, actor="pose logic").json()["result"]
    assert len(found["page"]) == 2


def test_the_same_idempotency_key_of_two_holders_is_two(locked: Locked, session_id: str):
    event = {"sessionId": session_id, "timestampMs": 1, "eventType": "cut"}
    ids = [
        locked.server.post("event", event, Idempotency_Key="once", **locked.key(name, "write:director")).json()[
            "result"
        ]
        for name in ("first", "second")
    ]
    assert ids[0] != ids[1]


def test_the_client_protocols_own_way_to_show_a_key_does_too(locked: Locked, holders: dict[str, Headers]):
    key = holders["read"]["Authorization"].removeprefix("Bearer ")
    for shown in (f"Convex {key}", f"bearer {key}", f"Bearer  {key}"):
        answer = locked.server.client.get("/production/sessions", headers={"Authorization": shown})
        assert answer.status_code == 200, shown


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/docs"])
def test_what_tells_nothing_of_this_ledger_takes_no_key(locked: Locked, path: str):
    assert locked.server.client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/readyz", "/metrics", "/nothing", "/healthz/", "/production/session/start/"])
def test_everything_else_does(locked: Locked, path: str):
    assert code_of(locked.server.client.get(path)) == (401, "unauthorized")


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_the_ledgers_numbers_are_for_those_who_read_all_of_it(locked: Locked, holders: dict[str, Headers], path: str):
    asked = {scope: locked.server.client.get(path, headers=headers) for scope, headers in holders.items()}
    assert {scope for scope, answer in asked.items() if answer.status_code == 200} == {"read", "admin"}


def test_with_keys_any_host_is_served_and_hostile_pages_are_still_refused(locked: Locked, holders: dict[str, Headers]):
    read = holders["read"]
    ask = locked.server.client.get
    path = "/production/sessions"
    assert ask(path, headers={**read, "Host": "ledger.studio.example"}).status_code == 200
    assert code_of(ask(path, headers={"Host": "ledger.studio.example"})) == (401, "unauthorized")
    assert code_of(ask(path, headers={**read, "Origin": "https://evil.example"})) == (403, "forbidden")
    form = {"Content-Type": "text/plain"}
    answer = locked.server.client.post("/production/session/start", content=b"{}", headers={**holders["write"], **form})
    assert code_of(answer) == (422, "invalid")


def test_an_allowed_page_may_ask_first_and_read_why_it_is_refused(locked: Locked, holders: dict[str, Headers]):
    page = {"Origin": "https://stage.example"}
    asking = {**page, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    preflight = locked.server.client.options("/production/sessions", headers=asking)
    assert preflight.status_code == 204
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"]
    refused = locked.server.client.get("/production/sessions", headers=page)
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == page["Origin"]
    assert locked.server.client.get("/production/sessions", headers={**page, **holders["read"]}).status_code == 200


def test_a_key_is_nothing_to_a_ledger_that_has_none(serving: Serving):
    answer = serving.client.get("/production/sessions", headers=bearing("ledger_of_another"))
    assert answer.status_code == 200
