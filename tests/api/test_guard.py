"""The guard of a keyless server: what a hostile page in the browser next to it may try."""

import base64
import os
import socket
from collections.abc import Iterator
from typing import Final

import pytest

from ledger.api.guard import is_loopback
from tests.api.locked import Locked
from tests.serving import Serving
from tests.shared import Serve

LISTED: Final = "https://stage.example"
JSON: Final = {"Content-Type": "application/json"}
LOOPBACK_HOSTS: Final = (
    "localhost",
    "localhost:8000",
    "LOCALHOST:1",
    "studio.localhost:8000",
    "127.0.0.1:8000",
    "127.9.9.9",
    "[::1]:8000",
    "[::1]",
)
FOREIGN_HOSTS: Final = (
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.nip.io:8000",
    "evil.example@localhost",
    "localhost:8000.evil.example",
    "localhost,evil.example",
    "localhost evil.example",
    "0.0.0.0:8000",
    "2130706433",
    "127.1",
    "192.168.1.5:8000",
    "[::]:8000",
    "[fe80::1]:8000",
    "[::1",
    "localhost.",
    ":8000",
    "",
)
LOOPBACK_ORIGINS: Final = ("http://localhost:3000", "http://127.0.0.1", "https://[::1]:5173", "http://ui.localhost:1")
FOREIGN_ORIGINS: Final = (
    "https://evil.example",
    "null",
    "",
    "file://",
    "http://localhost.evil.example",
    "http://evil.example:80",
    "http://localhost@evil.example",
    "chrome-extension://abc",
    "https://stage.example.evil.example",
    "http://stage.example",
    "http://[::1",
)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    server = Serving(tmp_path_factory.mktemp("guarded"), LEDGER_ALLOW_ORIGIN=f"{LISTED}/, https://other.example")
    yield server
    server.leave()


def _raw(port: int, *lines: str) -> str:
    """The head of the answer to a request as it is written here."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall("\r\n".join((*lines, "", "")).encode())
        return line.recv(4_096).decode()


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_a_host_that_can_only_be_this_machine_is_served(guarded: Serving, host: str):
    assert guarded.client.get("/healthz", headers={"Host": host}).status_code == 200
    assert guarded.client.get("/production/session/active", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/production/session/active", "/healthz", "/metrics", "/openapi.json", "/docs", "/nothing"]
)
@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_any_other_host_is_refused_everywhere(guarded: Serving, host: str, path: str):
    answer = guarded.client.get(path, headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert "Host" in answer.json()["error"]["message"]


def test_a_request_without_or_with_two_hosts_is_refused(guarded: Serving):
    assert _raw(guarded.port, "GET /healthz HTTP/1.1").startswith(("HTTP/1.1 403 ", "HTTP/1.1 400 "))
    assert _raw(guarded.port, "GET /healthz HTTP/1.0").startswith(("HTTP/1.1 403 ", "HTTP/1.0 403 "))
    for hosts in (("localhost", "evil.example"), ("evil.example", "localhost")):
        answer = _raw(guarded.port, "GET /healthz HTTP/1.1", *(f"Host: {host}" for host in hosts))
        assert answer.startswith(("HTTP/1.1 403 ", "HTTP/1.1 400 ")), hosts


@pytest.mark.parametrize("host", ['x","y":"z', "a@10.0.0.1", "a b", "a/b"])
def test_where_keys_are_asked_for_a_host_is_still_the_name_of_one(locked: Locked, host: str):
    answer = locked.server.client.get("/production/session/active", headers=locked.admin | {"Host": host})
    assert answer.status_code in (400, 403)
    assert locked.server.client.get("/healthz", headers={"Host": "my_ledger.example:8000"}).status_code == 200


@pytest.mark.parametrize("origin", [*LOOPBACK_ORIGINS, LISTED, "https://other.example"])
def test_an_allowed_origin_may_read_what_it_needs(guarded: Serving, origin: str):
    answer = guarded.client.get("/production/session/active", headers={"Origin": origin})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Vary"] == "Origin"
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert exposed >= {"Ledger-Position", "Ledger-Stale", "Retry-After"}
    failed = guarded.client.get("/production/cameras", headers={"Origin": origin})
    assert failed.status_code == 422
    assert failed.headers["Access-Control-Allow-Origin"] == origin, "a page may read its errors too"


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_foreign_origin_neither_reads_nor_writes(guarded: Serving, origin: str):
    head = guarded.head()
    start = {"sessionType": "music_demo"}
    for answer in (
        guarded.client.get("/production/session/active", headers={"Origin": origin}),
        guarded.client.post("/production/session/start", json=start, headers={"Origin": origin}),
        guarded.client.options("/production/session/start", headers={"Origin": origin, **_asking("POST")}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert guarded.head() == head


def _asking(method: str) -> dict[str, str]:
    return {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type,idempotency-key"}


def test_a_page_may_ask_first(guarded: Serving):
    answer = guarded.client.options("/production/event", headers={"Origin": LISTED, **_asking("POST")})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == LISTED
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    for name in ("content-type", "idempotency-key", "ledger-actor", "ledger-at-least"):
        assert name in allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_without_an_origin_nothing_is_said_about_origins(serving: Serving):
    answer = serving.client.get("/production/session/active")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_nothing_is_listed_unless_it_is(serving: Serving):
    assert serving.client.get("/healthz", headers={"Origin": LISTED}).status_code == 403


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost", "https://evil.example"),
        ("localhost", "null"),
        ("evil.example", "http://localhost"),
        ("evil.example", ""),
    ],
)
def test_a_foreign_page_opens_no_web_socket(guarded: Serving, host: str, origin: str):
    answer = _raw(
        guarded.port,
        "GET /api/sync HTTP/1.1",
        f"Host: {host}",
        f"Origin: {origin}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
    )
    assert answer.startswith("HTTP/1.1 403 ")


def test_a_form_cannot_write(serve: Serve):
    server = serve()
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"):
        answer = server.client.post(
            "/production/session/start", content=b'{"sessionType":"music_demo"}', headers={"Content-Type": kind}
        )
        assert answer.status_code == 422
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        answer = server.client.post(
            "/production/session/start", content=b'{"sessionType":"music_demo"}', headers={"Content-Type": kind}
        )
        assert answer.status_code == 200
    assert server.head() == 2


@pytest.mark.parametrize("name", ["localhost", "a.localhost", "127.0.0.1", "::1"])
def test_names_of_this_machine(name: str):
    assert is_loopback(name)


@pytest.mark.parametrize("name", [None, "", "localhosts", "notlocalhost", "1.2.3.4", "::", "evil.example"])
def test_names_of_others(name: str | None):
    assert not is_loopback(name)
