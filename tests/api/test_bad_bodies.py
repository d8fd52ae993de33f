"""Bodies, routes and requests that are not what the contract speaks: told clearly, and nothing is recorded."""

import socket
from collections.abc import Iterator
from time import sleep
from typing import Final

import pytest

from tests.api.test_bad_input import problem
from tests.serving import Serving
from tests.shared import Serve

JSON: Final = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def nothing_is_recorded(serving: Serving) -> Iterator[None]:
    head = serving.head()
    yield
    assert serving.head() == head


CUT: Final = b'{"sessionId":"s","eventType":"cut","timestampMs":%s}'
BODIES: Final = {
    "nothing": b"",
    "half": b'{"sessionId":',
    "two": b"{}{}",
    "text": b"cut please",
    "NaN": CUT % b"NaN",
    "Infinity": CUT % b"Infinity",
    "-Infinity": CUT % b"-Infinity",
    "1e999": CUT % b"1e999",
    "too many digits": CUT % (b"1" * 5_000),
    "a leading zero": CUT % b"01",
    "a lone surrogate": b'{"sessionId":"\\ud800"}',
    "a lone low surrogate": b'{"sessionId":"\\udc00x"}',
    "invalid UTF-8": b'{"sessionId":"\xff"}',
    "overlong UTF-8": b'{"sessionId":"\xc0\x80"}',
    "UTF-16": '{"sessionId":"s"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a control character": b'{"sessionId":"a\nb"}',
    "deep arrays": b"[" * 1_000_000,
    "deep objects": b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    "deep and whole": b'{"metadata":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "single quotes": b"{'a': 1}",
    "NUL": b"\x00",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_a_body_that_is_not_json(serving: Serving, body: bytes):
    answer = serving.client.post("/production/event", content=body, headers=JSON)
    error = problem(answer, 422, "invalid")
    assert error["detail"]["field"] == "body"
    assert "is not JSON" in error["message"]
    assert len(error["message"]) < 500


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'"text"', b"true", b'[{"sessionType":"music_demo"}]'])
def test_a_body_that_is_no_object(serving: Serving, body: bytes):
    answer = serving.client.post("/production/session/start", content=body, headers=JSON)
    assert problem(answer, 422, "invalid")["message"] == "arguments: must be a JSON object"


def test_metadata_may_be_deep_but_not_too_deep(serving: Serving):
    start = b'{"sessionType":"music_demo","metadata":' + b"[" * 33 + b"]" * 33 + b"}"
    answer = serving.client.post("/production/session/start", content=start, headers=JSON)
    error = problem(answer, 422, "invalid")
    assert "metadata: must not be nested deeper than 32 levels" in error["message"]


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]
)
def test_a_content_type_that_a_form_could_send(serving: Serving, kind: str | None):
    headers = {} if kind is None else {"Content-Type": kind}
    answer = serving.client.post("/production/session/start", content=b'{"sessionType":"music_demo"}', headers=headers)
    assert "application/json" in problem(answer, 422, "invalid")["message"]


def _chunks(count: int) -> Iterator[bytes]:
    yield b'{"sessionId":"'
    for _ in range(count):
        yield b"x" * 100_000
    yield b'"}'


def test_a_body_over_the_limit(serve: Serve):
    small = serve(LEDGER_BODY_BYTES_MAX="250000")
    for large, within in (
        (_chunks(5), _chunks(2)),
        (b"".join(_chunks(5)), b"".join(_chunks(2))),
    ):
        error = problem(small.client.post("/production/session/start", content=large, headers=JSON), 413, "too_large")
        assert error["detail"] == {"bytesMax": 250_000}
        problem(small.client.post("/production/session/start", content=within, headers=JSON), 422, "invalid")
    assert small.head() == 0


def test_a_body_that_only_claims_to_be_large_is_refused_before_it_is_sent(serving: Serving):
    with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as line:
        line.sendall(
            b"POST /production/session/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 99999999999\r\n\r\n{"
        )
        assert line.recv(1_000).startswith(b"HTTP/1.1 413 ")


def test_a_caller_who_leaves_in_the_middle_of_a_body_harms_nobody(serving: Serving):
    with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as line:
        line.sendall(
            b"POST /production/session/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b'Content-Length: 999\r\n\r\n{"sessionType":"music_demo"}'
        )
    sleep(0.2)
    assert serving.client.get("/healthz").json() == {"ok": True}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_write_takes_post(serving: Serving, method: str):
    answer = serving.client.request(method, "/production/session/start")
    problem(answer, 405, "invalid")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_read_takes_get(serving: Serving, method: str):
    answer = serving.client.request(method, "/production/sessions", headers=JSON, content=b"{}")
    problem(answer, 405, "invalid")
    assert answer.headers["Allow"] == "GET"


def test_other_routes_name_their_method_too(serving: Serving):
    answer = serving.client.post("/healthz", json={})
    problem(answer, 405, "invalid")
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    "path",
    ["/", "/production", "/production/", "/production/nothing", "/production/event/", "/PRODUCTION/event", "/%ff"],
)
def test_a_route_that_is_not_there(serving: Serving, path: str):
    for method in ("GET", "POST"):
        problem(serving.client.request(method, path), 404, "not_found")


def test_the_same_parameter_twice_or_in_odd_bytes_is_no_failure(serving: Serving):
    for query in (
        "sessionId=a&sessionId=b",
        "sessionId=%ff%fe",
        "sessionId=%ed%a0%80",
        "&&=&sessionId=a",
        "sessionId=a;b",
    ):
        answer = serving.client.get(f"/production/cameras?{query}")
        assert answer.status_code in (404, 422), answer.text
        assert answer.json()["ok"] is False


@pytest.mark.parametrize(
    "request_line",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_no_http_is_told_so_in_the_same_shape(serving: Serving, request_line: bytes):
    with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as line:
        line.sendall(request_line)
        answer = b""
        while part := line.recv(4_096):
            answer += part
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"\r\ncontent-type: application/json\r\n" in answer
    assert answer.endswith(b"}}")
