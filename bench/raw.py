"""Raw SQLite: what this machine can do at all with rows of our columns, durable, and nobody to ask or tell."""

import os
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, Final

from bench.events import PARTITION_EXAMPLE, director_event, encoded
from bench.load import percentiles
from ledger.log.database import WAL_PAGES_MAX

Row = tuple[Any, ...]

TABLE: Final = """
CREATE TABLE IF NOT EXISTS events (
    shard INTEGER NOT NULL, position INTEGER NOT NULL, partition TEXT NOT NULL, sequence INTEGER NOT NULL,
    type TEXT NOT NULL, recorded_at INTEGER NOT NULL, actor TEXT NOT NULL, key TEXT, entity TEXT, salt BLOB NOT NULL,
    body TEXT NOT NULL, leaf BLOB NOT NULL, PRIMARY KEY (shard, position)
)
"""
_INSERT: Final = f"INSERT INTO events VALUES ({', '.join('?' * 12)})"


class RawSQLite:
    """One file with our columns and our primary key, but none of our other indexes, and our settings of the database."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", f"wal_autocheckpoint = {WAL_PAGES_MAX}"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(TABLE)
        self._position = 0

    def append_rate(self, events: int, a_commit: int) -> float:
        """Events a second, so many a commit; the rows are there before the clock starts."""
        rows = iter([self._row() for _ in range(events)])
        batches = list(iter(lambda: list(islice(rows, a_commit)), []))
        execute, insert_many = self._connection.execute, self._connection.executemany
        begun = perf_counter()
        for batch in batches:
            execute("BEGIN IMMEDIATE")
            insert_many(_INSERT, batch)
            execute("COMMIT")
        return events / (perf_counter() - begun)

    def commits_at(self, rate: int, events: int) -> dict[str, float]:
        """How long a commit of one row takes where so many a second are due: what of a latency is the disk's."""
        took: list[float] = []
        begun = perf_counter()
        for index in range(events):
            sleep(max(0.0, begun + index / rate - perf_counter()))
            row = self._row()
            asked = perf_counter()
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(_INSERT, row)
            self._connection.execute("COMMIT")
            took.append(perf_counter() - asked)
        return percentiles(took)

    def read_rate(self) -> float:
        """Rows a second, all of them, in order, as tuples."""
        begun = perf_counter()
        rows = self._connection.execute("SELECT * FROM events ORDER BY shard, position").fetchall()
        return len(rows) / (perf_counter() - begun)

    def close(self) -> None:
        self._connection.close()

    def _row(self) -> Row:
        self._position += 1
        return row_at(self._position)


def row_at(position: int) -> Row:
    """A row of our columns, as it would be stored there."""
    facts = director_event(position)
    return (
        0,
        position,
        PARTITION_EXAMPLE,
        position,
        "director-event-recorded.1",
        facts["timestampMs"],
        "anonymous",
        None,
        None,
        os.urandom(16),
        encoded(facts),
        os.urandom(32),
    )


def file_bytes(folder: Path, stem: str) -> int:
    """The size of a database with its write-ahead log."""
    return sum(path.stat().st_size for path in _files(folder, stem))


def _files(folder: Path, stem: str) -> Iterator[Path]:
    return folder.glob(f"{stem}*")
