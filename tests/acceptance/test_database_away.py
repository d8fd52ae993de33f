"""A PostgreSQL that is stopped and started again under load: who asks meanwhile is told to come again, and nothing is lost."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from time import sleep

import httpx2
import psycopg
import pytest

from tests.postgres import PostgresServer, programs
from tests.serving import Serving

WRITERS = 4
pytestmark = pytest.mark.long


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL is to be had here")
    server = PostgresServer(folder, durable=True)
    yield server
    server.remove()


def write(
    server: Serving, session_id: str, name: str, stop: Event, acknowledged: list[str], told: Counter[int]
) -> None:
    """Record one fact after another, each under its key until it is acknowledged."""
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        number = 0
        while not stop.is_set():
            number += 1
            key, stated = f"{name}-{number}", {"sessionId": session_id, "timestampMs": number, "eventType": "cut"}
            while (
                answer := client.post("/production/event", json=stated, headers={"Idempotency-Key": key})
            ).status_code != 200:
                told[answer.status_code] += 1
                sleep(0.02)
            acknowledged.append(key)


@pytest.mark.parametrize("how", ["immediate", "fast"])
def test_what_is_acknowledged_is_there_once_and_nobody_is_told_of_a_fault(
    database: PostgresServer, tmp_path: Path, how: str
):
    url = database.new_database()
    server = Serving(tmp_path, LEDGER_DATABASE=url)
    session_id = server.session()
    stop, told = Event(), Counter[int]()
    acknowledged: list[str] = []
    writers = [
        Thread(target=write, args=(server, session_id, f"{at}", stop, acknowledged, told)) for at in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            sleep(1)
            database.stop(how)
            assert server.client.get("/production/session", params={"sessionId": session_id}).status_code == 503
            before = len(acknowledged)
            database.start()
            while len(acknowledged) < before + 100:
                sleep(0.02)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    with psycopg.connect(url) as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM ledger.events WHERE key IS NOT NULL").fetchall()]
    assert sorted(keys) == sorted(acknowledged)
    assert told.keys() <= {503}
    assert server.client.get("/readyz").status_code == 200
    server.leave()
