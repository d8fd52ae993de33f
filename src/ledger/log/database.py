"""Engines: how a database is opened, and with which promises."""

import sqlite3
from pathlib import Path
from typing import Final, Literal

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
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
