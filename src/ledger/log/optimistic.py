"""What is recorded without a lock before it, on PostgreSQL: one statement, if nobody has moved the heads that it was decided at.

To lock heads, to insert and to commit are six messages there and back. Where one process writes a shard for a while it knows where
its head stands, and may decide at once; the statement finds out whether it knew. And while the database carries it out, what comes
next is decided.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, count
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, Table
from sqlalchemy.exc import OperationalError

from ledger.log.append import Append, rows_of
from ledger.log.arrays import arrays, unnested
from ledger.log.asking import Asking
from ledger.log.database import CommitLostError
from ledger.log.kept import Kept
from ledger.log.requests import AnsweredRequest, Under
from ledger.log.tables import EVENTS, REQUESTS, SHARDS

EVENTS_MAX: Final = 128
"""More of them COPY takes in sooner, and what is before and after it hardly counts."""
_BINARY: Final = 1
_NAMES: Final = (b"events", b"events_with_answers")
"""Of the two statements, once they are prepared: by whether there are answers to be kept."""
_HEADS: Final = (*SHARDS.c, Column("before", SHARDS.c.position.type))


class Optimistic:
    """Two connections of a process: by one it records, a statement at a time, and by the other asks what it must know meanwhile."""

    def __init__(self, engine: Engine) -> None:
        self.asking = Asking(engine)
        self._recording = Kept(engine.execution_options(isolation_level="AUTOCOMMIT"), _prepare)

    def send(self, appends: Sequence[Append], answered: Mapping[Under, AnsweredRequest]) -> None:
        """Have recorded what was added to shards and answered under keys. Whatever it raises, nothing will be."""
        values = arrays(_HEADS, [(*append.head, append.position_before) for append in appends])
        values += arrays(EVENTS.c.values(), chain.from_iterable(rows_of(appends)))
        if answered:
            values += arrays(REQUESTS.c.values(), [(*under, *answer) for under, answer in answered.items()])
        # If the server goes away after this, nobody knows whether it was carried out.
        pgconn = _driver(self._recording.connected()).pgconn
        try:
            pgconn.send_query_prepared(_NAMES[bool(answered)], values, [_BINARY] * len(values))
        except BaseException:
            self._recording.drop()
            raise

    def came_through(self) -> bool:
        """Wait until it is known whether all that was sent is durable; otherwise none of it is there.

        Raises CommitLostError where it may be, and the database has gone.
        """
        from psycopg import generators, pq  # noqa: PLC0415  # PostgreSQL's driver is an extra

        assert self._recording.connection is not None, "something was sent"
        driver = _driver(self._recording.connection)
        try:
            told, *failed = driver.wait(generators.execute(driver.pgconn))  # at the commit, perhaps
        except Exception as failure:
            self._recording.drop()
            raise CommitLostError(str(failure)) from failure
        if driver.broken:
            self._recording.drop()
            raise CommitLostError((failed or [told])[-1].get_error_message())
        return bool(told.status == pq.ExecStatus.TUPLES_OK and told.get_value(0, 0) == b"t" and not failed)

    def close(self) -> None:
        self._recording.drop()


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _prepare(connection: Connection) -> None:
    from psycopg import pq  # noqa: PLC0415  # PostgreSQL's driver is an extra

    driver = _driver(connection)
    # A plan for any number of rows is as good, and is made once: each with its own took the server 0.4 ms.
    driver.execute("SET plan_cache_mode = force_generic_plan")
    for with_answers, name in enumerate(_NAMES):
        prepared = driver.pgconn.prepare(name, _statement(with_answers=bool(with_answers)))
        if prepared.status != pq.ExecStatus.COMMAND_OK:
            raise OperationalError("", {}, Exception(prepared.get_error_message()))


@cache
def _statement(*, with_answers: bool) -> bytes:
    """All of it or nothing: rows are inserted if all heads were moved, and they if each could be locked where it was remembered and
    nothing had been answered under any of the keys.
    """
    places = count(1)
    tables = (EVENTS, REQUESTS) if with_answers else (EVENTS,)
    given = [_given(SHARDS, _HEADS, places), *(_given(table, table.c.values(), places) for table in tables)]
    inserted = [_inserted(table) for table in tables]
    unanswered = "WHERE NOT EXISTS (SELECT FROM requests JOIN new_requests USING (partition, actor, key))"
    return f"""
        WITH {", ".join(given)},
        unmoved AS (
            SELECT new_shards.* FROM new_shards JOIN shards ON shards.shard = new_shards.shard AND shards.position = before
            {unanswered if with_answers else ""}
            FOR UPDATE OF shards SKIP LOCKED
        ),
        moved AS (
            UPDATE shards SET position = unmoved.position, recorded_at = unmoved.recorded_at FROM unmoved
            WHERE shards.shard = unmoved.shard AND (SELECT count(*) FROM unmoved) = (SELECT count(*) FROM new_shards)
            RETURNING shards.shard
        ),
        {", ".join(inserted)}
        SELECT count(*) > 0 FROM moved""".encode()  # noqa: S608  # of our own names alone, as below


def _given(table: Table, columns: Sequence[Column[Any]], places: Iterator[int]) -> str:
    names = ", ".join(column.name for column in columns)
    return f"new_{table.name} AS (SELECT * FROM {unnested(columns, places)} AS given ({names}))"  # noqa: S608


def _inserted(table: Table) -> str:
    columns = ", ".join(table.c.keys())
    rows = f"SELECT {columns} FROM new_{table.name} WHERE (SELECT count(*) FROM moved) > 0"  # noqa: S608
    return f"inserted_{table.name} AS (INSERT INTO {table.name} ({columns}) {rows})"
