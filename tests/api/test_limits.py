"""How much a server takes: what is too long, too many or too slow is refused in words, and harms nobody else."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from select import select
from typing import Any

import httpx2
import pytest

from tests.serving import Serving
from tests.shared import Serve

HEAD = b"POST /production/session/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    server = Serving(
        tmp_path_factory.mktemp("limited"),
        LEDGER_HEAD_BYTES_MAX="8192",
        LEDGER_URL_BYTES_MAX="4096",
        LEDGER_REQUEST_SECONDS_MAX="1",
        LEDGER_CONNECTIONS_MAX="20",
    )
    yield server
    server.leave()


def connected(server: Serving) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def heard(line: socket.socket) -> tuple[int, dict[str, Any]]:
    """The status and the error of an answer that ends with its connection."""
    answer = b""
    while part := line.recv(65_536):
        answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    return int(head.split()[1]), json.loads(body)["error"]


def test_an_address_may_be_so_long_and_no_longer(limited: Serving):
    assert limited.client.get(f"/production/session?sessionId={'s' * 400}").status_code == 200
    refused = limited.client.get(f"/production/session?sessionId={'s' * 4_100}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "too_large")
    assert refused.json()["error"]["detail"] == {"bytesMax": 4_096}
    assert limited.client.get("/healthz").status_code == 200


def test_headers_may_be_so_large_and_no_larger(limited: Serving):
    small, large = (
        limited.client.get("/production/session/active", headers={"X-Note": "n" * length}) for length in (7_000, 9_000)
    )
    assert small.status_code == 200
    assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")
    body = {"sessionType": "music_demo", "notes": "n" * 9_000}
    assert limited.post("session/start", body).status_code == 200, "only the head is meant"


def test_headers_without_an_end_are_not_read_for_ever(limited: Serving):
    with closing(connected(limited)) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Note: " + b"n" * 8_100)
        time.sleep(0.1)
        line.sendall(b"n" * 200)
        status, error = heard(line)
    assert (status, error["code"]) == (413, "too_large")


BEGUN = (b"GET /heal", HEAD, HEAD + b'Content-Length: 100\r\n\r\n{"session')


def test_what_does_not_arrive_in_time_is_ended(limited: Serving):
    head = limited.head()
    with ExitStack() as closing_all:
        lines = [closing_all.enter_context(closing(connected(limited))) for _ in BEGUN]
        silent = closing_all.enter_context(closing(connected(limited)))
        for line, begun in zip(lines, BEGUN, strict=True):
            line.sendall(begun)
        for line in lines:
            status, error = heard(line)
            assert (status, error["code"]) == (408, "invalid")
            assert "did not arrive within" in error["message"]
        assert silent.recv(1) == b"", "who has said nothing is hung up on"
    assert limited.head() == head


@pytest.mark.long
def test_a_drop_at_a_time_is_too_slow_all_the_same(limited: Serving):
    began = time.monotonic()
    with closing(connected(limited)) as line:
        line.sendall(HEAD)
        while not select([line], [], [], 0.2)[0]:
            assert time.monotonic() - began < 6
            line.sendall(b"X-Note: n\r\n")
        assert line.recv(65_536).startswith(b"HTTP/1.1 408 ")


@pytest.mark.long
def test_a_long_request_that_keeps_coming_is_read_to_its_end(limited: Serving):
    """For longer than the second that it has at first: what it brings gives it time."""
    body = b'{"sessionType": "music_demo"}'.ljust(900_000)
    with closing(connected(limited)) as line:
        line.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode())
        for start in range(0, len(body), 300_000):
            line.sendall(body[start : start + 300_000])
            time.sleep(0.5)
        assert line.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_one_caller_too_many_is_told_to_come_back(limited: Serving):
    limited.client.close()
    limited.client = httpx2.Client(base_url=limited.url, timeout=60)
    with ExitStack() as closing_all:
        for _ in range(20):
            closing_all.enter_context(closing(connected(limited)))
        refused = limited.client.get("/healthz")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "unavailable")
        assert refused.headers["Retry-After"] == "1"
        assert refused.json()["error"]["detail"] == {"connectionsMax": 20}
    deadline = time.monotonic() + 60
    while limited.client.get("/healthz").status_code != 200:
        assert time.monotonic() < deadline, "there is room again"
        time.sleep(0.05)


@pytest.mark.long
def test_an_answer_that_nobody_takes_is_not_kept(serve: Serve):
    server = serve(LEDGER_REQUEST_SECONDS_MAX="1")
    session_id = server.session()
    event = {"timestampMs": 1, "eventType": "cut", "metadata": "n" * 100_000}
    server.record("event/batch", sessionId=session_id, events=[event] * 100)
    asked = f"GET /production/events?sessionId={session_id}&numItems=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with closing(socket.socket()) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        line.settimeout(60)
        line.connect(("127.0.0.1", server.port))
        line.sendall(asked.encode())
        time.sleep(4.5)
        taken = 0
        while part := line.recv(1_000_000):
            taken += len(part)
    assert 0 < taken < 10_000_000, "the rest was thrown away"
    assert server.client.get("/healthz").status_code == 200
