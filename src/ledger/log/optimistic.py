"""What is recorded without a lock before it, on PostgreSQL: one statement, if nobody has moved the heads that it was decided at.

To lock heads, to insert and to commit are six messages there and back, and the heads are written twice. Where one process writes a
shard for a while it knows where its head stands, and may decide at once; the statement finds out whether it knew. And while the
database carries it out, what comes next is decided.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, count
from selectors import EVENT_READ, DefaultSelector
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, Table
from sqlalchemy.exc import OperationalError

from ledger.log.append import Append, rows_of
from ledger.log.arrays import arrays, unnested
from ledger.log.database import CommitLostError
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
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._asking: Connection | None = None
        self._recording: Connection | None = None

    def asking(self) -> Connection:
        """For questions, each of which sees what is committed when it is asked."""
        if self._asking is None or _driver(self._asking).closed:
            _drop(self._asking)
            self._asking = self._engine.connect()
        return self._asking

    def send(self, appends: Sequence[Append], answered: Mapping[Under, AnsweredRequest]) -> None:
        """Have recorded what was added to shards and answered under keys. Whatever it raises, nothing will be."""
        values = arrays(_HEADS, [(*append.head, append.position_before) for append in appends])
        values += arrays(EVENTS.c.values(), chain.from_iterable(rows_of(appends)))
        if answered:
            values += arrays(REQUESTS.c.values(), [(*under, *answer) for under, answer in answered.items()])
        try:
            self._quiet().send_query_prepared(_NAMES[bool(answered)], values, [_BINARY] * len(values))
        except BaseException:
            self._lose()
            raise

    def is_recorded(self) -> bool:
        """Whether all that was sent is durable, once that is known; otherwise none of it is there.

        Raises CommitLostError where it may be, and the database has gone.
        """
        from psycopg import generators, pq  # noqa: PLC0415  # PostgreSQL's driver is an extra

        assert self._recording is not None, "something was sent"
        driver = _driver(self._recording)
        try:
            (result,) = driver.wait(generators.execute(driver.pgconn))
        except Exception as failure:
            self._lose()
            raise CommitLostError(str(failure)) from failure
        if driver.broken:
            self._lose()
            raise CommitLostError(result.get_error_message())
        return bool(result.status == pq.ExecStatus.TUPLES_OK and result.get_value(0, 0) == b"t")

    def close(self) -> None:
        _drop(self._asking)
        self._asking = None
        self._lose()

    def _lose(self) -> None:
        """Connect anew for what is sent next."""
        _drop(self._recording)
        self._recording = None

    def _quiet(self) -> Any:
        """What statements are sent by. Raises OperationalError where the server says something unasked, as it does when it goes
        away: of what is sent then nobody would know whether it was carried out.
        """
        if self._recording is None:
            self._recording = self._engine.connect()
            for with_answers, name in enumerate(_NAMES):
                _prepare(_driver(self._recording), name, _statement(with_answers=bool(with_answers)))
        driver = _driver(self._recording)
        with DefaultSelector() as selector:
            selector.register(driver.fileno(), EVENT_READ)
            if selector.select(0):
                raise OperationalError("", {}, Exception("the database has closed the connection"))
        return driver.pgconn


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _prepare(driver: Any, name: bytes, statement: bytes) -> None:
    from psycopg import pq  # noqa: PLC0415  # PostgreSQL's driver is an extra

    prepared = driver.pgconn.prepare(name, statement)
    if prepared.status != pq.ExecStatus.COMMAND_OK:
        raise OperationalError("", {}, Exception(prepared.get_error_message()))


def _drop(connection: Connection | None) -> None:
    if connection is not None:
        connection.invalidate()
        connection.close()


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
