"""The door through a server, and what is said where there is none."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from ledger.application.catalogue import BY_NAME
from ledger.cli.door import DoorError, Place, open_door
from ledger.cli.remote import PATHS
from tests.cli.terminal import Studio


class _Stranger(BaseHTTPRequestHandler):
    says: ClassVar[bytes] = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.says)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class calls it so
        pass


@contextmanager
def answering(says: bytes) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), type("Says", (_Stranger,), {"says": says})) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_routes_are_those_of_the_catalogue():
    assert {name: BY_NAME[name].path for name in PATHS} == PATHS


def test_refusals_carry_the_contracts_code(studio: Studio):
    with open_door(Place(Path(), studio.url)) as door, pytest.raises(DoorError) as refused:
        door.ask("production:getCutLog", {"sessionId": "nobody"})
    assert refused.value.code == "not_found"
    assert "nobody" in refused.value.message


def test_a_null_argument_is_not_sent(studio: Studio):
    with open_door(Place(Path(), studio.url)) as door:
        page = door.ask("production:listProductionSessions", {"numItems": 1, "cursor": None, "status": None})
    assert len(page["page"]) == 1


def test_nobody_there():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with open_door(Place(Path(), url)) as door, pytest.raises(DoorError, match="nobody answers") as refused:
            door.standing()
    assert refused.value.code == "unreachable"


@pytest.mark.parametrize("says", [b"<html>", b"[]", b"{}", b'{"ok":false}', b'{"ok":false,"error":"no"}'])
def test_somebody_else_is_there(says: bytes):
    with answering(says) as url, open_door(Place(Path(), url)) as door:
        with pytest.raises(DoorError, match="not as a ledger does"):
            door.ask("production:getActiveProductionSession", {})
        with pytest.raises(DoorError, match="not as a ledger does"):
            door.standing()


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://host", "http://", "http://[::1"])
def test_what_is_no_url(url: str):
    with pytest.raises(DoorError, match="--url"), open_door(Place(Path(), url)):
        pass


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with open_door(Place(Path(), studio.url)) as door:
        assert door.standing().halted is None
