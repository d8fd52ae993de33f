"""Whoever follows a shard by position misses nothing, however many write at once; by a plain serial number they would."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from time import sleep

import psycopg
import pytest

from tests.log.opened import OpenLog, fact
from tests.places import Database, place

WRITERS = 8
BATCH = 25
SESSIONS = [f"s{number}" for number in range(WRITERS)]
ROWS = 60
"""What each careless writer inserts."""


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Database]:
    with place("postgresql", tmp_path) as empty:
        assert isinstance(empty, Database)
        yield empty


class Follower:
    """Reads on from where it was, again and again, until it is told that no more will come."""

    def __init__(self, read: Callable[[int], list[tuple[int, str]]]) -> None:
        """``read`` answers what stands after a position: positions, and what is there."""
        self.seen: list[str] = []
        self.reads = 0
        self._read = read
        self._last = Event()
        self._thread = Thread(target=self._follow)
        self._thread.start()

    def _follow(self) -> None:
        position = 0
        while True:
            is_last = self._last.is_set()
            found = self._read(position)
            self.reads += 1
            self.seen += [what for _, what in found]
            if found:
                position = found[-1][0]
            elif is_last:
                return

    def stop(self) -> None:
        self._last.set()
        self._thread.join()


@pytest.mark.parametrize(
    "events", [8_000, pytest.param(500_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])], ids="{:,}".format
)
def test_a_tailing_reader_beside_eight_writers_of_two_servers_misses_nothing(shared: Database, events: int):
    logs = OpenLog(shared), OpenLog(shared)
    reader = OpenLog(shared)

    def read(after: int) -> list[tuple[int, str]]:
        entries = reader.log.read(0, after, 1_000)
        return [(after + index, f"{e.partition}-{e.sequence}") for index, e in enumerate(entries, 1)]

    follower = Follower(read)

    def write(writer: int) -> None:
        for number in range(events // WRITERS // BATCH):
            logs[(writer + number) % 2].append(*[fact(number)] * BATCH, partition=SESSIONS[writer])

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(WRITERS)))
    follower.stop()
    for log in (*logs, reader):
        log.close()
    assert follower.reads > 10, "it read while they wrote"
    for session in SESSIONS:
        seen = [entry for entry in follower.seen if entry.startswith(f"{session}-")]
        assert seen == [f"{session}-{sequence}" for sequence in range(1, events // WRITERS + 1)]


def test_by_a_serial_number_the_same_reader_misses_some(shared: Database):
    """The control: a number is taken when a row is written, and seen when its transaction commits, in another order."""
    with psycopg.connect(shared.url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA ledger; CREATE TABLE ledger.careless (id bigserial PRIMARY KEY, what text)")

    def read(after: int) -> list[tuple[int, str]]:
        with psycopg.connect(shared.url, autocommit=True) as connection:
            asked = "SELECT id, what FROM ledger.careless WHERE id > %s ORDER BY id LIMIT 1000"
            return [(row[0], row[1]) for row in connection.execute(asked, (after,))]

    follower = Follower(read)

    def write(writer: int) -> None:
        with psycopg.connect(shared.url) as connection:
            for number in range(ROWS):
                connection.execute("INSERT INTO ledger.careless (what) VALUES (%s)", (f"s{writer}-{number}",))
                sleep(0.001 * (writer % 3))
                connection.commit()

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(WRITERS)))
    follower.stop()
    assert len(set(follower.seen)) < WRITERS * ROWS
