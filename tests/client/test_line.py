"""The line to a ledger: by way of a proxy where there is one in between, and to a stranger never."""

import httpx2
import pytest

from ledger.client.line import open_line, post_json
from tests.serving import Serving


def test_no_proxy_stands_between_a_machine_and_itself(serving: Serving, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with open_line(serving.url, {}) as line:
        assert line.get("/healthz").status_code == 200
        assert not line.trust_env
    with open_line("http://ledger.example", {}) as line:
        assert line.trust_env


def test_when_a_request_is_out_is_told_before_its_answer_is_there(serving: Serving):
    told: list[str] = []
    with open_line(serving.url, {}) as line:
        line.event_hooks = {"response": [lambda response: told.append("answered")]}
        body = b'{"path":"no:such","args":{},"format":"json"}'
        response = post_json(line, "/api/query", body, "k" * 3, lambda: told.append("out"))
    assert told == ["out", "answered"]
    assert response.request.headers["Content-Length"] == str(len(body)), "in one piece, as its length says"
    assert response.request.headers["Idempotency-Key"] == "kkk"
    assert response.json()["errorData"]["code"] == "not_found"


def test_a_request_that_cannot_go_out_is_not_told_to_be():
    told: list[str] = []
    with open_line("http://127.0.0.1:9", {}) as line, pytest.raises(httpx2.ConnectError):
        post_json(line, "/api/query", b"{}", None, lambda: told.append("out"))
    assert told == []
