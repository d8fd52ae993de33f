"""A session's stream, on a server that is really running, stopped and started again."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.api.server import bind
from tests.api.locked import Locked, code_of
from tests.api.streams.reading import reading
from tests.serving import Serving
from tests.shared import Serve

PATH = "/production/session/stream"


def cut(serving: Serving, session_id: str, at: float, **facts: Any) -> str:
    told = {"sessionId": session_id, "timestampMs": at, "eventType": "cut"} | facts
    event_id: str = serving.record("event", **told)
    return event_id


def test_a_reader_has_what_there_is_is_told_so_and_has_what_lands(serving: Serving):
    session_id = serving.session()
    cut(serving, session_id, 1)
    with reading(serving, PATH, sessionId=session_id) as reader:
        assert reader.response.headers["Content-Type"].startswith("text/event-stream")
        told = reader.until("caught-up")
        assert [it.value["sequence"] for it in told[:-1]] == [1, 2]
        for at in range(3):
            event_id = cut(serving, session_id, at)
            landed = reader.next()
            assert (landed.name, landed.value["entityId"]) == ("entry", event_id)


def test_what_is_not_asked_for_is_left_out(serving: Serving):
    session_id = serving.session()
    hold = cut(serving, session_id, 1, eventType="hold")
    cut(serving, session_id, 2)
    with reading(serving, PATH, sessionId=session_id, entityId=hold) as reader:
        assert [it.value["entityId"] for it in reader.until("caught-up")[:-1]] == [hold]
    with reading(serving, PATH, sessionId=session_id, type="session-started.1") as reader:
        assert len(reader.until("caught-up")) == 2


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Serving]:
    with bind("127.0.0.1", 0) as free:
        port = str(free.getsockname()[1])
    server = Serving(tmp_path / "mortal", PORT=port)
    yield server
    server.leave()


def test_a_reader_goes_on_where_it_was_after_a_restart(mortal: Serving):
    session_id = mortal.session()
    for at in range(5):
        cut(mortal, session_id, at)
    with reading(mortal, PATH, sessionId=session_id) as reader:
        seen = [reader.next() for _ in range(3)]
    mortal.restart()
    cut(mortal, session_id, 9)
    last = {"Last-Event-ID": seen[-1].event_id or ""}
    with reading(mortal, PATH, last, sessionId=session_id) as reader:
        rest = reader.until("caught-up")[:-1]
    assert [it.value["sequence"] for it in (*seen, *rest)] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"sessionId": "nobody"}, 404),
        ({}, 422),
        ({"sessionId": "s", "cursor": "x"}, 422),
        ({"sessionId": "s", "n": 1}, 422),
    ],
)
def test_what_cannot_be_streamed_has_a_status(serving: Serving, asked: dict[str, Any], code: int):
    answer = serving.client.get(PATH, params=asked)
    assert answer.status_code == code, answer.text


def test_a_stream_ends_with_the_key_that_it_was_opened_with(locked: Locked):
    session_id = locked.record("session/start", sessionType="music_demo")
    other = locked.record("session/start", sessionType="music_demo")
    assert code_of(locked.server.client.get(PATH, params={"sessionId": session_id})) == (401, "unauthorized")
    holder = locked.key("streaming", "read", session_id=session_id)
    refused = locked.server.client.get(PATH, params={"sessionId": other}, headers=holder)
    assert code_of(refused) == (403, "forbidden")
    with reading(locked.server, PATH, holder, sessionId=session_id) as reader:
        reader.until("caught-up")
        locked.revoke("streaming")
        locked.record("event", sessionId=session_id, timestampMs=1, eventType="cut")
        ended = reader.next()
        assert (ended.name, ended.value["code"]) == ("problem", "unauthorized")


@pytest.mark.long
def test_a_reader_that_takes_nothing_is_let_go_and_finds_why_at_the_end(serve: Serve):
    server = serve(LEDGER_REQUEST_SECONDS_MAX="3")
    session_id = server.session()
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
        slow.connect(("127.0.0.1", server.port))
        slow.settimeout(60)
        slow.sendall(f"GET {PATH}?sessionId={session_id} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        heard = b""
        while b"caught-up" not in heard:
            heard += slow.recv(8_192)
        events = [{"timestampMs": at, "eventType": "cut", "metadata": "x" * 20_000} for at in range(200)]
        for _ in range(3):
            server.record("event/batch", sessionId=session_id, events=events)
        deadline = time.monotonic() + 60
        while "is let go" not in server.log() and time.monotonic() < deadline:
            time.sleep(0.1)
        while part := slow.recv(65_536):
            heard += part
    assert heard.endswith(b"\r\n0\r\n\r\n"), "the answer is whole"
    assert b"event: problem" in heard[-300:]
    assert b"nothing of what was sent was taken for 3 seconds" in heard[-300:]
    with reading(server, PATH, sessionId=session_id, type="session-started.1") as reader:
        assert len(reader.until("caught-up")) == 2
