"""A pass stands for a key in the address of a stream, for a minute, and nowhere else."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from ledger.api.passes import PASS_MS, Passes
from ledger.application.keyring import Keyring
from ledger.domain.keys import AccessKey
from ledger.domain.refusals import Unauthorized
from ledger.log.signing import Signer
from tests.api.locked import Headers, Locked, code_of
from tests.api.streams.reading import Reader

STREAM = "/production/session/stream"


@pytest.fixture
def session_id(locked: Locked) -> str:
    return str(locked.record("session/start", sessionType="music_demo"))


@pytest.fixture
def holder(locked: Locked) -> Iterator[Headers]:
    yield locked.key("looker", "read")
    locked.revoke("looker")


def passed(locked: Locked, holder: Headers) -> str:
    answer = locked.server.client.post("/ledger/pass", headers=holder)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["result"]["token"]
    return token


def asked(locked: Locked, path: str, accept: str, **parameters: Any) -> httpx2.Response:
    return locked.server.client.get(path, params=parameters, headers={"Accept": accept})


def test_a_stream_is_read_with_a_pass_and_without_a_header(locked: Locked, holder: Headers, session_id: str):
    parameters = {"sessionId": session_id, "token": passed(locked, holder)}
    with locked.server.client.stream("GET", STREAM, params=parameters, timeout=60) as response:
        assert [told.value["sequence"] for told in Reader(response).until("caught-up")[:-1]] == [1]


def test_it_is_no_key_anywhere_else(locked: Locked, holder: Headers, session_id: str):
    token = passed(locked, holder)
    plain = asked(locked, "/production/session", "application/json", sessionId=session_id, token=token)
    assert code_of(plain) == (401, "unauthorized")
    shown = locked.server.client.get("/production/sessions", headers={"Authorization": f"Bearer {token}"})
    assert code_of(shown) == (401, "unauthorized")


def test_neither_a_key_nor_a_forged_pass_is_good_in_an_address(locked: Locked, holder: Headers, session_id: str):
    until, sha256, signature = passed(locked, holder).split(".")
    key = holder["Authorization"].removeprefix("Bearer ")
    for token in (key, f"{until}0.{sha256}.{signature}", f"{until}.{sha256[::-1]}.{signature}", "x", ""):
        answer = asked(locked, STREAM, "text/event-stream", sessionId=session_id, token=token)
        assert code_of(answer) == (401, "unauthorized"), token


def test_a_pass_has_no_wider_scope_than_its_key(locked: Locked, session_id: str):
    token = passed(locked, locked.key("writer", "write:music"))
    locked_out = asked(locked, STREAM, "text/event-stream", sessionId=session_id, token=token)
    locked.revoke("writer")
    assert code_of(locked_out) == (403, "forbidden")


def test_without_a_key_there_is_no_pass(locked: Locked):
    assert code_of(locked.server.client.post("/ledger/pass")) == (401, "unauthorized")


class Held(Keyring):
    """One key, which is good."""

    def __init__(self, key: AccessKey) -> None:
        self.key = key
        self.issuer = None

    def holder_of(self, digest: str) -> AccessKey:
        assert digest == self.key.sha256
        return self.key


def test_it_lets_in_for_a_minute_and_a_stream_that_has_begun_goes_on():
    now = 1_000
    key = AccessKey(name="looker", scopes=("read",), sha256="5" * 64, created_at=0, created_by="ann")
    passes = Passes(Held(key), lambda: Signer(b"secret"), lambda: now)
    token, until = passes.issue(key)
    assert until == now + PASS_MS
    assert passes.holder(token, has_begun=False) is key
    now = until + 1
    with pytest.raises(Unauthorized, match="run out"):
        passes.holder(token, has_begun=False)
    assert passes.holder(token, has_begun=True) is key
