"""A response leaves in one write, and what was written before a close leaves before it; connections end in good order."""

import asyncio
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from ledger import bootstrap
from ledger.api.protocol import Protocol, WholeResponses, protocol_within
from ledger.api.server import create_app
from ledger.application.ledger import Ledger
from ledger.settings import Limits, Settings


class Wire:
    """Stands where the operating system does: it keeps what it is told, in order."""

    def __init__(self) -> None:
        self.told: list[bytes | str] = []
        self.was_told = asyncio.Event()
        self.was_closed = asyncio.Event()

    def write(self, part: bytes) -> None:
        self.told.append(part)
        self.was_told.set()

    def close(self) -> None:
        self.told.append("closed")
        self.was_closed.set()

    def is_closing(self) -> bool:
        return "closed" in self.told

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, _: str) -> Any:
        return None


def test_head_and_body_leave_together():
    async def respond() -> list[bytes | str]:
        wire = Wire()
        whole = WholeResponses(wire, asyncio.get_running_loop())  # type: ignore[arg-type]
        whole.write(b"head ")
        whole.write(b"body")
        assert wire.told == []
        await asyncio.sleep(0)
        whole.write(b"next")
        await asyncio.sleep(0)
        return wire.told

    assert asyncio.run(respond()) == [b"head body", b"next"]


def test_nothing_is_lost_by_a_close():
    async def respond() -> list[bytes | str]:
        wire = Wire()
        whole = WholeResponses(wire, asyncio.get_running_loop())  # type: ignore[arg-type]
        whole.write(b"goodbye")
        whole.close()
        assert whole.is_closing()
        await asyncio.sleep(0)
        return wire.told

    assert asyncio.run(respond()) == [b"goodbye", "closed"]


REQUEST = (
    b"POST /production/session/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 28\r\n\r\n{"sessionType":"music_demo"}'
)


async def _connected(ledger: Ledger) -> tuple[Protocol, Wire]:
    app, wire = create_app(ledger, Settings()), Wire()
    config = uvicorn.Config(app, ws="none", lifespan="off", log_level="warning", access_log=False)
    connection = protocol_within(Limits(), app.lane)(config, ServerState(), {}, asyncio.get_running_loop())
    connection.connection_made(wire)  # type: ignore[arg-type]
    return connection, wire


def test_a_server_that_stops_answers_what_is_under_way_and_says_goodbye(tmp_path: Path):
    async def stopped(ledger: Ledger) -> list[bytes | str]:
        connection, wire = await _connected(ledger)
        connection.data_received(REQUEST)
        connection.shutdown()
        await wire.was_closed.wait()
        return wire.told

    with bootstrap.open_for_writing(tmp_path, Settings().vocabulary) as ledger:
        answer, closed = asyncio.run(stopped(ledger))
    assert isinstance(answer, bytes)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nconnection: close\r\n" in answer
    assert closed == "closed"


def test_an_idle_connection_is_kept_for_a_while(tmp_path: Path):
    async def idle(ledger: Ledger) -> tuple[bool, bool]:
        connection, wire = await _connected(ledger)
        connection.data_received(REQUEST)
        await wire.was_told.wait()
        now = asyncio.get_running_loop().time()
        connection.end_if_stuck(now + connection.timeout_keep_alive - 1)
        was_kept = not wire.is_closing()
        connection.end_if_stuck(now + connection.timeout_keep_alive + 1)
        return was_kept, wire.is_closing()

    with bootstrap.open_for_writing(tmp_path, Settings().vocabulary) as ledger:
        assert asyncio.run(idle(ledger)) == (True, True)
