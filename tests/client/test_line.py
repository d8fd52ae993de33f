"""The line to a ledger: by way of a proxy where there is one in between, and to a stranger never."""

import pytest

from ledger.client.line import open_line
from tests.serving import Serving


def test_no_proxy_stands_between_a_machine_and_itself(serving: Serving, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with open_line(serving.url, {}) as line:
        assert line.get("/healthz").status_code == 200
        assert not line.trust_env
    with open_line("http://ledger.example", {}) as line:
        assert line.trust_env
