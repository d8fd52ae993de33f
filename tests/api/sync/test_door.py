"""Who is let in by the door, and how many."""

import json
from math import ceil
from time import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.exceptions import InvalidStatus

from ledger.api.sync.door import token_in
from ledger.application.issuer import LEEWAY_SECONDS
from tests.api.locked import Headers, Locked
from tests.api.sync.speaking import add, speaking, speaks
from tests.serving import Serving
from tests.shared import Serve

SESSIONS = "production:listProductionSessions"


def token(headers: Headers) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_page_from_elsewhere_is_not_let_in(serving: Serving, origin: str):
    with pytest.raises(InvalidStatus), speaking(serving, additional_headers={"Origin": origin}):
        pass


def test_a_page_of_this_machine_is(serving: Serving):
    with speaks(serving, additional_headers={"Origin": "http://localhost:5173"}) as client:
        assert "page" in client.watch(0, SESSIONS)


def test_other_paths_have_no_websocket(serving: Serving):
    with pytest.raises(InvalidStatus), speaking(serving, path="/api/else"):
        pass


def test_without_a_key_nothing_is_shown_and_nothing_written(locked: Locked):
    with speaks(locked.server) as client:
        assert client.watch(0, SESSIONS)["code"] == "unauthorized"
        client.ask("production:startProductionSession", sessionType="music_demo")
        assert client.hear()["errorData"]["code"] == "unauthorized"


def test_a_key_opens_what_it_is_for(locked: Locked):
    with speaks(locked.server) as client:
        client.watch(0, SESSIONS)
        client.say("Authenticate", baseVersion=0, tokenType="User", value=token(locked.key("watcher", "read")))
        heard = client.hear()
        assert heard["endVersion"]["identity"] == 1
        while 0 not in client.values:
            client.hear()
        client.ask("production:startProductionSession", sessionType="music_demo")
        assert client.hear()["errorData"]["code"] == "forbidden"


def test_a_key_may_come_with_the_first_request(locked: Locked):
    headers = {"Authorization": f"Convex {token(locked.key('early', 'read'))}"}
    with speaks(locked.server, additional_headers=headers) as client:
        assert "page" in client.watch(0, SESSIONS)


def test_a_key_that_is_none_is_an_error_of_its_own(locked: Locked):
    with speaks(locked.server) as client:
        client.say("Authenticate", baseVersion=0, tokenType="Admin", value="ledger_nothing")
        heard = client.hear()
        assert (heard["type"], heard["authUpdateAttempted"], heard["baseVersion"]) == ("AuthError", True, 0)
        assert client.ending()[0] == 1008


def test_a_revoked_key_is_shown_no_more(locked: Locked):
    with speaks(locked.server, additional_headers=locked.key("leaver", "read")) as client:
        client.watch(0, SESSIONS)
        locked.revoke("leaver")
        while (heard := client.hear())["type"] != "AuthError":
            pass
        assert heard["authUpdateAttempted"] is False
        assert client.ending()[0] == 1008


def test_one_client_too_many_is_told_to_come_back(serve: Serve):
    server = serve(LEDGER_LIVE_CONNECTIONS_MAX="1")
    with speaks(server) as first, speaking(server) as second:
        code, reason = second.ending()
        assert code == 1013
        assert reason.startswith("TooManyConcurrentRequests: 1 clients are connected")
        assert "page" in first.watch(0, SESSIONS)


def test_a_message_that_is_too_large_ends_its_connection(serve: Serve):
    server = serve(LEDGER_BODY_BYTES_MAX="2000", LEDGER_WATCHED_MAX="2")
    with speaks(server) as client:
        client.modify(*(add(number, SESSIONS) for number in range(3)))
        client.shown(1)
        assert client.failures[2]["code"] == "too_large"
        client.socket.send(json.dumps({"type": "Event", "event": "x" * 2_000}))
        assert client.ending()[0] == 1009


def test_a_token_follows_its_scheme():
    assert token_in({"headers": [(b"authorization", b"Bearer  a.b")]}) == "a.b"
    assert token_in({"headers": [(b"authorization", b"Bearer")]}) is None
    assert token_in({"headers": []}) is None


@pytest.mark.long
def test_a_token_of_a_trusted_issuer_is_as_good_as_a_key_until_it_runs_out(serve: Serve):
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    server = serve(LEDGER_JWT_KEY=pem, LEDGER_JWT_SCOPES="read,write:sessions")

    def bearer(seconds: int) -> str:
        now = ceil(time())
        return jwt.encode({"sub": "ann", "iat": now - 60, "exp": now + seconds}, private, "ES256")

    with speaks(server) as client:
        assert client.watch(0, SESSIONS)["code"] == "unauthorized"
        client.say("Authenticate", baseVersion=0, tokenType="User", value=bearer(60))
        while 0 not in client.values:
            client.hear()
        session_id = client.mutate("production:startProductionSession", sessionType="music_demo")
        headers = {"Authorization": f"Bearer {bearer(60)}"}
        (line,) = server.get("session/history", headers, sessionId=session_id).json()["result"]["page"]
        assert line["actor"] == "ann"
        client.say("Authenticate", baseVersion=1, tokenType="User", value=bearer(2 - LEEWAY_SECONDS))
        while (heard := client.hear())["type"] != "AuthError":
            pass
        assert heard["authUpdateAttempted"] is False
        assert client.ending()[0] == 1008
