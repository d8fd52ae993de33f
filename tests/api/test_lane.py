"""The express lane is shorter, and nothing else: whatever is asked on it is judged, answered and refused as on the long way."""

import asyncio
import json
import re
import select
import socket
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import pytest

from ledger import bootstrap
from ledger.api.asgi import Reply
from ledger.api.server import Application, create_app
from ledger.application.ledger import Ledger
from ledger.settings import Settings
from tests.serving import Serving

SESSION: Final = b'{"sessionType":"music_demo"}'
JSON: Final = "Content-Type: application/json\r\n"


def _request(path: str, body: bytes, headers: str = JSON, *, in_chunks: bool = False) -> bytes:
    """A request that can take the lane or, in chunks, cannot."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}"
    if in_chunks:
        chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n" if body else b""
        return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk + b"0\r\n\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _answers(serving: Serving, sent: list[bytes], count: int) -> list[tuple[str, dict[str, str], Any]]:
    """Status line, headers and body of so many answers on one connection."""
    with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as line, line.makefile("rb") as answered:
        for part in sent:
            line.sendall(part)
        return [_answer(answered) for _ in range(count)]


def _answer(answered: Any) -> tuple[str, dict[str, str], Any]:
    status = answered.readline().decode().strip()
    headers: dict[str, str] = {}
    while line := answered.readline().decode().strip():
        name, _, value = line.partition(": ")
        headers[name] = value
    return status, headers, json.loads(answered.read(int(headers["content-length"])))


CUT: Final = '{"sessionId":"%s","eventType":"cut","timestampMs":7,"cameraId":"a","metadata":{"deep":[1,{"b":null}]}}'
REQUESTS: Final = {
    "recorded": ("event", CUT, ""),
    "recorded by name": ("event", CUT, "Ledger-Actor: pose\r\n"),
    "out of a page": ("event", CUT, "Origin: http://localhost:3000\r\n"),
    "of a hostile page": ("event", CUT, "Origin: https://evil.example\r\n"),
    "two hosts": ("event", CUT, "Host: localhost\r\n"),
    "an empty key": ("event", CUT, "Idempotency-Key: \r\n"),
    "an actor too long": ("event", CUT, f"Ledger-Actor: {'a' * 129}\r\n"),
    "unknown type": ("event", CUT.replace("cut", "cat"), ""),
    "no time": ("event", '{"sessionId":"%s","eventType":"cut"}', ""),
    "unknown session": ("event", CUT.replace("%s", "no-%s"), ""),
    "no JSON": ("event", "%s", ""),
    "nothing": ("event", "", ""),
    "updated": ("session/update", '{"sessionId":"%s","title":"t"}', ""),
    "refused": ("session/update", '{"sessionId":"%s","status":"setup","unset":["title"],"title":"t"}', ""),
    "a batch with a bad one": ("event/batch", '{"sessionId":"%s","events":[{"eventType":"cut"}]}', ""),
}


def test_answers_on_one_connection_tell_their_own_status_and_time(serving: Serving):
    good = _request("/production/event", CUT.replace("%s", serving.session(status="rolling")).encode())
    bad = _request("/production/event", CUT.replace("%s", "s" * 25).encode())
    dates: list[datetime] = []
    with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as line, line.makefile("rb") as answered:
        deadline = monotonic() + 60
        while len(set(dates)) < 2 and monotonic() < deadline:
            for asked, wanted in (
                (good, "HTTP/1.1 200 OK"),
                (bad, "HTTP/1.1 404 Not Found"),
                (good, "HTTP/1.1 200 OK"),
            ):
                line.sendall(asked)
                status, headers, _ = _answer(answered)
                assert status == wanted
                dates.append(parsedate_to_datetime(headers["date"]))
            select.select([line], [], [], 0.05)
    assert len(set(dates)) == 2
    assert dates == sorted(dates)


@pytest.mark.parametrize("name", REQUESTS)
def test_both_ways_answer_the_same(serving: Serving, name: str):
    route, body, headers = REQUESTS[name]
    told = []
    for in_chunks in (False, True):
        session = serving.session(status="rolling")
        request = _request(
            f"/production/{route}", body.replace("%s", session).encode(), JSON + headers, in_chunks=in_chunks
        )
        status, answered, said = _answers(serving, [request], 1)[0]
        answered.pop("date")
        alike = json.dumps([answered, said]).replace(session, "SESSION")
        told.append((status, re.sub(r"-\d+(?=\")", "-N", alike)))
    assert told[0] == told[1]


QUESTIONS: Final = {
    "the session": ("?sessionId=%s", ""),
    "in another spelling": ("?&sessionId=%s&&", "Ledger-Actor: \r\n"),
    "at least what was written, by a header": ("?sessionId=%s", "Ledger-At-Least: %p\r\n"),
    "at least what was written, in the address": ("?sessionId=%s&atLeast=%p", ""),
    "at least what another ledger has": ("?sessionId=%s&atLeast=abcd.0-1", ""),
    "at least nothing that is ours": ("?sessionId=%s", "Ledger-At-Least: soon\r\n"),
    "at least of a shard that is not there": ("?sessionId=%s&atLeast=%p.7-1", ""),
    "out of a page": ("?sessionId=%s", "Origin: http://localhost:3000\r\n"),
    "of a hostile page": ("?sessionId=%s", "Origin: https://evil.example\r\n"),
    "two hosts": ("?sessionId=%s", "Host: localhost\r\n"),
    "of nobody": ("?sessionId=no-%s", ""),
    "of nothing": ("", ""),
    "twice": ("?sessionId=%s&sessionId=%s", ""),
    "too much": ("?sessionId=%s&status=rolling", ""),
    "with a fragment": ("?sessionId=%s#top", ""),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_both_ways_answer_a_question_the_same(serving: Serving, name: str):
    query, headers = QUESTIONS[name]
    written = serving.post("session/start", {"sessionType": "music_demo"})
    told = []
    for in_chunks in (False, True):
        chunked = ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n") if in_chunks else ("", "")
        head = f"GET /production/session{query} HTTP/1.1\r\nHost: localhost\r\n{headers}{chunked[0]}\r\n{chunked[1]}"
        request = head.replace("%s", written.json()["result"]).replace("%p", written.headers["Ledger-Position"])
        status, answered, said = _answers(serving, [request.encode()], 1)[0]
        answered.pop("date")
        # Others record in this ledger meanwhile, and so its head moves.
        told.append(re.sub(r"(\b[0-9a-f]{8}\.\d+)-\d+", r"\1-N", json.dumps([status, answered, said])))
    assert told[0] == told[1]


def test_requests_that_are_sent_at_once_are_answered_in_their_order(serving: Serving):
    session = serving.session()
    body = CUT.replace("%s", session).encode()
    recorded = [_request("/production/event", body) for _ in range(3)]
    asked = f"GET /production/session?sessionId={session} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    bad = _request("/production/event", b"{}")
    answers = _answers(serving, [b"".join([*recorded[:2], asked, bad, recorded[2]])], 5)
    assert [said.get("sequence") for _, _, said in answers] == [2, 3, None, None, 4]
    assert [status.split()[1] for status, _, _ in answers] == ["200", "200", "200", "422", "200"]


def test_a_request_may_arrive_in_the_smallest_pieces(serving: Serving):
    request = _request("/production/session/start", SESSION)
    ((status, _, said),) = _answers(serving, [request[at : at + 1] for at in range(len(request))], 1)
    assert status == "HTTP/1.1 200 OK"
    assert said["sequence"] == 1


def test_a_caller_that_leaves_inside_its_body_has_recorded_nothing(serving: Serving):
    head = serving.head()
    for cut_short in range(1, len(SESSION), 7):
        with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as line:
            line.sendall(_request("/production/session/start", SESSION)[:-cut_short])
    assert serving.head() == head


@pytest.fixture
def app(tmp_path: Path) -> Iterator[tuple[Application, Ledger]]:
    with bootstrap.open_for_writing(tmp_path, Settings().vocabulary) as ledger:
        yield create_app(ledger, Settings()), ledger


def _scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    plain = [(b"host", b"localhost"), (b"content-type", b"application/json"), *headers]
    about = {"type": "http", "scheme": "http", "method": "POST", "path": "/production/session/start"}
    return about | {"query_string": b"", "headers": plain}


def _question(query: bytes, *headers: tuple[bytes, bytes], path: str = "/production/session") -> dict[str, Any]:
    about = {"type": "http", "scheme": "http", "method": "GET", "path": path}
    return about | {"query_string": query, "headers": [(b"host", b"localhost"), *headers]}


def test_what_is_plain_takes_it(app: tuple[Application, Ledger]):
    async def taken() -> Reply:
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        assert app[0].lane.take(_scope(), SESSION, answered.set_result)
        return await answered

    reply = asyncio.run(taken())
    assert reply.status == 200
    assert json.loads(reply.body)["sequence"] == 1


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([(b"origin", b"http://localhost")], SESSION),
        ([(b"host", b"localhost")], SESSION),
        ([(b"ledger-actor", b"")], SESSION),
        ([], b'{"sessionType":7}'),
        ([], b"{"),
    ],
)
def test_what_is_not_is_left_to_the_long_way_and_was_not_begun(
    app: tuple[Application, Ledger], headers: list[tuple[bytes, bytes]], body: bytes
):
    async def taken() -> bool:
        return app[0].lane.take(_scope(*headers), body, answered.append)

    answered: list[Reply] = []
    assert not asyncio.run(taken())
    app[1].log.close()
    assert app[1].log.heads() == [0]
    assert answered == []


def test_a_brief_question_is_answered_before_its_caller_does_anything_else(app: tuple[Application, Ledger]):
    async def asked() -> list[Reply]:
        answered: list[Reply] = []
        assert app[0].lane.take(_question(b"sessionId=nobody"), b"", answered.append)
        return answered

    (reply,) = asyncio.run(asked())
    assert reply.status == 200
    assert json.loads(reply.body) == {"ok": True, "result": None}


@pytest.mark.parametrize(
    ("query", "header"),
    [
        (b"", (b"accept", b"*/*")),
        (b"sessionId=x", (b"origin", b"http://localhost")),
        (b"sessionId=x", (b"accept", b"text/event-stream")),
        (b"sessionId=x", (b"ledger-at-least", b"of-another.0-1")),
    ],
)
def test_any_other_question_is_left_to_the_long_way(
    app: tuple[Application, Ledger], query: bytes, header: tuple[bytes, bytes]
):
    async def asked() -> bool:
        return app[0].lane.take(_question(query, header), b"", answered.append)

    answered: list[Reply] = []
    assert not asyncio.run(asked())
    assert answered == []


def test_who_asks_for_more_than_is_shown_waits_for_it_and_nobody_with_them(app: tuple[Application, Ledger]):
    lane, ledger = app[0].lane, app[1]

    async def asked() -> tuple[list[Reply], Reply]:
        with ledger.runner.resting():
            began: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
            assert lane.take(_scope(), SESSION, began.set_result)
            (position,) = [value for name, value in (await began).headers if name == b"ledger-position"]
            query = b"sessionId=" + json.loads(began.result().body)["result"].encode()
            early: list[Reply] = []
            shown: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
            assert lane.take(_question(query, (b"ledger-at-least", position)), b"", shown.set_result)
            assert lane.take(_question(b"sessionId=x&atLeast=" + position[:-1] + b"0"), b"", early.append)
            assert lane.take(_question(b"sessionId=another"), b"", early.append)
            own: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
            assert lane.take(_question(query), b"", own.set_result)
            await asyncio.sleep(0.01)
            assert not any(asked.done() for asked in (shown, own))
        assert (await asyncio.wait_for(own, 10)).body == (await asyncio.wait_for(shown, 10)).body
        return early, shown.result()

    early, reply = asyncio.run(asked())
    assert [it.status for it in early] == [200, 200]
    assert json.loads(reply.body)["result"]["sessionType"] == "music_demo"
    assert ledger.runner._waiting == []


def test_who_waits_in_vain_is_told_so_and_no_longer_waited_for(
    app: tuple[Application, Ledger], monkeypatch: pytest.MonkeyPatch
):
    async def asked() -> Reply:
        in_vain = f"{app[1].log.epoch}.0-999999".encode()
        told: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        assert app[0].lane.take(_question(b"sessionId=x", (b"ledger-at-least", in_vain)), b"", told.set_result)
        return await asyncio.wait_for(told, 10)

    monkeypatch.setattr("ledger.api.carrier.WAIT_SECONDS_MAX", 0.01)
    reply = asyncio.run(asked())
    assert reply.status == 503
    assert json.loads(reply.body)["error"]["code"] == "stale"
    assert app[1].runner._waiting == []
