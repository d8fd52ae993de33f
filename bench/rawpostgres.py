"""Raw PostgreSQL: what its server can do with rows of our columns, durable: one by one, in statements, by COPY, and by pgbench."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

import psycopg
from psycopg import sql

from bench.raw import TABLE, Row, row_at

VALUES_A_STATEMENT: Final = 1_000
_COLUMNS: Final = 12
_ROW: Final = f"({', '.join(['%s'] * _COLUMNS)})"
_SINGLE: Final = """
INSERT INTO events VALUES (0, nextval('places'), 's06fy7gq0k5m8z1b9d4w2x3cv', 1, 'director-event-recorded.1', 1760000000000,
    'anonymous', NULL, NULL, '\\x00112233445566778899aabbccddeeff', '{body}',
    '\\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');
"""
_BY_ITSELF: Final = _SINGLE
_UNDER_ONE_LOCK: Final = f"BEGIN; LOCK TABLE events IN EXCLUSIVE MODE; {_SINGLE} END;"
SCRIPTS: Final = {"by itself": _BY_ITSELF, "under one lock": _UNDER_ONE_LOCK}
Write = Callable[[psycopg.Cursor, list[Row]], None]


def _by_copy(cursor: psycopg.Cursor, rows: list[Row]) -> None:
    with cursor.copy("COPY events FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _by_values(cursor: psycopg.Cursor, rows: list[Row]) -> None:
    for first in range(0, len(rows), VALUES_A_STATEMENT):
        part = rows[first : first + VALUES_A_STATEMENT]
        statement = f"INSERT INTO events VALUES {', '.join([_ROW] * len(part))}"
        cursor.execute(statement.encode(), [value for row in part for value in row])


def _by_many(cursor: psycopg.Cursor, rows: list[Row]) -> None:
    cursor.executemany(f"INSERT INTO events VALUES {_ROW}".encode(), rows)


WAYS: Final[dict[str, Write]] = {"copy": _by_copy, "values": _by_values, "executemany": _by_many}


class RawPostgres:
    """A table of our columns and our primary key in a schema of its own, but none of our other indexes."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, options="-c search_path=raw")
        self._connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
        self._connection.execute(TABLE.replace("BLOB", "BYTEA").replace("INTEGER", "BIGINT").encode())
        self._connection.execute("CREATE SEQUENCE IF NOT EXISTS places START 1000000000")
        self._connection.commit()
        self._position = 0

    def append_rate(self, way: str, events: int, a_commit: int) -> float:
        """Events a second, so many a commit; the rows are there before the clock starts."""
        write = WAYS[way]
        rows = [row_at(self._position + index) for index in range(1, events + 1)]
        self._position += events
        begun = perf_counter()
        with self._connection.cursor() as cursor:
            for first in range(0, events, a_commit):
                write(cursor, rows[first : first + a_commit])
                self._connection.commit()
        return events / (perf_counter() - begun)

    def read_rate(self) -> float:
        """Rows a second, all of them, in order, as tuples."""
        begun = perf_counter()
        rows = self._connection.execute("SELECT * FROM events ORDER BY shard, position").fetchall()
        self._connection.commit()
        return len(rows) / (perf_counter() - begun)

    def bytes_an_event(self, table: str) -> float:
        """What a table takes with its indexes, by its rows."""
        asked = sql.SQL("SELECT pg_total_relation_size({}) / count(*)::float FROM {}")
        schema, _, name = table.partition(".")
        ((size,),) = self._connection.execute(asked.format(sql.Literal(table), sql.Identifier(schema, name))).fetchall()
        self._connection.commit()
        return float(size)

    def delay_commits(self, microseconds: int) -> None:
        """Let every commit of the database's new connections wait so long, as on a slower disk."""
        for setting, value in (("commit_delay", microseconds), ("commit_siblings", 0)):
            name = sql.Identifier(self._connection.info.dbname)
            altered = sql.SQL("ALTER DATABASE {} SET {} = {}").format(name, sql.Identifier(setting), sql.Literal(value))
            self._connection.execute(altered)
        self._connection.commit()

    def close(self) -> None:
        self._connection.close()


def pgbench_rate(programs: Path, url: str, folder: Path, script: str, *, clients: int, seconds: float) -> float:
    """Single inserts a second by so many clients of PostgreSQL's own load generator."""
    file = folder / f"{script.replace(' ', '-')}.sql"
    file.write_text(
        SCRIPTS[script].format(body=row_at(1)[10].replace("'", "''").replace(":", "\\:")).replace("\n", " ")
    )
    words = [str(programs / "pgbench"), "-n", "-M", "prepared", f"-c{clients}", "-j2", f"-T{max(1, round(seconds))}"]
    environment = {**os.environ, "PGOPTIONS": "-c search_path=raw"}
    done = subprocess.run([*words, "-f", str(file), url], env=environment, check=True, capture_output=True, text=True)
    found = re.search(r"^tps = ([\d.]+)", done.stdout, flags=re.MULTILINE)
    assert found, done.stdout
    return float(found[1])
