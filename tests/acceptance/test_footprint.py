"""What a ledger takes: bytes on disk for an event, and memory that does not grow with the history."""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import Final

import pytest

from tests.acceptance.wire import Line, request
from tests.serving import Serving
from tests.shared import Serve

BYTES_OF_RAW_MAX: Final = 1.5
GROWTH_BYTES_MAX: Final = 10_000_000
EVENTS: Final = [
    {
        "timestampMs": 1_700_000_000_000 + 40 * n,
        "eventType": "cut",
        "cameraId": f"cam-{n % 4}",
        "reason": "hero pose held for two beats",
        "score": n / 1_000,
        "metadata": {"transition": "cut", "bar": n // 4},
    }
    for n in range(1_000)
]


def _record(server: Serving, session_id: str, batches: int) -> None:
    """Batches of a thousand; the views have them all when it returns."""
    asked = request("event/batch", {"sessionId": session_id, "events": EVENTS})
    line = Line(server.port)
    for _ in range(batches):
        assert line.ask(asked).status == 200
    line.close()
    while server.client.get("/readyz").json()["lag"]:
        sleep(0.02)


def _resident_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1_024


def _raw_table_bytes(log: Path, raw: Path) -> int:
    """The size of a table with the columns and rows of the log, and nothing else."""
    with closing(sqlite3.connect(raw, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS log", (str(log),))
        connection.execute("CREATE TABLE events AS SELECT * FROM log.events")
        connection.execute("DETACH log")
    return raw.stat().st_size


@pytest.mark.long
@pytest.mark.parametrize("singles", [False, True], ids=["batches", "singles"])
def test_an_event_takes_little_more_than_its_row(serve: Serve, tmp_path: Path, singles: bool):
    server = serve()
    session_id = server.session()
    if singles:
        line = Line(server.port)
        for event in EVENTS:
            assert line.ask(request("event", {"sessionId": session_id, **event})).status == 200
        line.close()
    else:
        _record(server, session_id, batches=20)
    assert server.stop() == 0
    log = server.directory / "log.sqlite"
    taken = sum(file.stat().st_size for file in server.directory.glob("log.sqlite*"))
    assert taken <= BYTES_OF_RAW_MAX * _raw_table_bytes(log, tmp_path / "raw.sqlite")


def _assert_flat(server: Serving, first: int, more: int) -> None:
    session_id = server.session()
    _record(server, session_id, first)
    before = _resident_bytes(server.pid)
    _record(server, session_id, more)
    grown = _resident_bytes(server.pid) - before
    assert grown <= GROWTH_BYTES_MAX, f"from {before} by {grown} bytes"


@pytest.mark.long
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="this system does not tell a process's memory this way"
)
def test_memory_does_not_grow_with_the_history(serve: Serve):
    _assert_flat(serve(), first=50, more=50)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="this system does not tell a process's memory this way"
)
def test_memory_does_not_grow_with_a_million_events(serve: Serve):
    _assert_flat(serve(), first=100, more=1_000)
