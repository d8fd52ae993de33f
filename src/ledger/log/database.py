"""Engines: how a database is opened, and with which promises."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

BUSY_TIMEOUT_MS: Final = 10_000
CACHE_KIB: Final = 16_384
"""Page cache of a writing connection: the right-hand edges of every index it appends to."""
WAL_PAGES_MAX: Final = 4_000
"""Pages after which SQLite copies its write-ahead log back into the database: some 16 MB, a few times a second at most."""

Durability = Literal["FULL", "NORMAL"]

DATABASE_FAILED: Final = (OperationalError, sqlite3.OperationalError)
"""What a database raises for which the request is not to blame: its disk is full, or somebody else has it locked."""


def is_failed_sync(error: BaseException) -> bool:
    """Whether a commit failed when all of it had been written, and only the disk's word for it was missing.

    SQLite takes such a transaction back, and writes the next one in its place; but a process that ends before that leaves
    it in the write-ahead log whole, and whoever opens the database next finds it there.
    """
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_FSYNC


def open_sqlite(path: Path, *, durability: Durability, writing: bool, connections: int = 8) -> Engine:
    """An engine on one SQLite file, in WAL mode.

    SQLAlchemy's own SQLite transactions begin too late and lose updates, so they are begun here: at once and exclusively
    where we write, as a plain snapshot where we read. FULL syncs every commit before it returns; NORMAL is for what can
    be built anew. ``writing=False`` cannot change anything, whatever it is asked.
    """
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, poolclass=QueuePool, pool_size=connections, max_overflow=0)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        if writing:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {durability}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES_MAX}")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        else:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:  # a SoleConnection has begun it already
            driver.execute("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


class SoleConnection:
    """The one connection by which a process writes a database, one transaction at a time, begun and ended on the driver."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._lock = Lock()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All that is done in it is committed when it ends, or none of it."""
        with self._lock:
            if self._connection is None:
                self._connection = self._engine.connect()
            connection = self._connection
            driver: Any = connection.connection.driver_connection
            driver.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                driver.commit()
            except BaseException:
                driver.rollback()
                raise
            finally:
                # Whatever ran by way of Core has made it believe that it is in a transaction of its own.
                connection.rollback()

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
