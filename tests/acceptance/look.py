"""A ledger's tables as anybody with the database's own tools sees them: nothing of our own code is asked."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg

from tests.acceptance.writers import Writer
from tests.serving import Serving

VIEWS = ("sessions", "cameras", "director_events", "stills", "music_moments", "assets")


class Row(NamedTuple):
    """A line of the log."""

    position: int
    partition: str
    sequence: int
    recorded_at: int
    body: dict[str, Any]


_ROWS: Final = "SELECT position, partition, sequence, recorded_at, body FROM events ORDER BY position"


def log_rows(directory: Path) -> list[Row]:
    """The whole log in order of position; it must be sound."""
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [Row._make((*row[:4], json.loads(row[4]))) for row in connection.execute(_ROWS)]


def rows_of(server: Serving, partition: str) -> list[Row]:
    """A partition of a server's log, wherever that is kept."""
    if server.database is None:
        rows = log_rows(server.directory)
    else:
        with psycopg.connect(server.database, options="-c search_path=ledger") as connection:
            rows = [Row._make((*row[:4], json.loads(row[4]))) for row in connection.execute(_ROWS)]
    return [row for row in rows if row.partition == partition]


def view_rows(directory: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all views."""
    with closing(sqlite3.connect(directory / "views.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {view: connection.execute(f"SELECT * FROM {view} ORDER BY 1, 2").fetchall() for view in VIEWS}


def assert_gapless(rows: list[Row]) -> None:
    """Positions and every partition's sequences are 1..n, and recorded time never runs backwards."""
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    sequences: dict[str, list[int]] = {}
    for row in rows:
        sequences.setdefault(row.partition, []).append(row.sequence)
    for partition, found in sequences.items():
        assert found == list(range(1, len(found) + 1)), f"sequences of {partition}"
    times = [row.recorded_at for row in rows]
    assert times == sorted(times)


def assert_kept(writer: Writer, rows: list[Row]) -> None:
    """Every event that was acknowledged stands once under the Id it was answered with, in the writer's own order."""
    assert writer.failure is None
    own = [row for row in rows if row.body.get("metadata", {}).get("writer") == writer.name]
    numbers = [row.body["metadata"]["number"] for row in own]
    assert numbers == list(range(len(numbers))), f"{writer.name}: lost, repeated or out of order"
    ids = {f"{row.partition}-e{row.sequence}": row.body["metadata"]["number"] for row in own}
    for event_id, number in writer.acknowledged:
        assert ids.get(event_id) == number, f"{event_id} was acknowledged as {writer.name}'s {number}"


def assert_sent(writers: list[Writer], rows: list[Row]) -> None:
    """Every row is the start of a session or an event that a writer has sent, as it was sent."""
    by_name = {writer.name: writer for writer in writers}
    for row in rows:
        metadata = row.body.get("metadata", {})
        writer = by_name.get(metadata.get("writer"))
        is_start = row.sequence == 1 and "sessionType" in row.body
        assert is_start or (writer and writer.has_sent(row.partition, row.body)), f"nobody sent {row}"
