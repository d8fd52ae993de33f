"""Engines: how a database is opened, and with which promises."""

import importlib.util
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path
from select import POLLIN, poll
from typing import Any, Final, Literal

from sqlalchemy import Engine, MetaData, Table, create_engine, event, func, inspect, select
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool, StaticPool
from sqlalchemy.schema import CreateIndex, CreateSchema, CreateTable, ExecutableDDLElement
from sqlalchemy.util import LRUCache

BUSY_TIMEOUT_MS: Final = 10_000
CACHE_KIB: Final = 16_384
"""Page cache of a writing connection: the right-hand edges of every index it appends to."""
WAL_PAGES_MAX: Final = 4_000
"""Pages after which SQLite copies its write-ahead log back into the database: some 16 MB, a few times a second at most."""

APPLICATION_NAME: Final = "ledger"
"""What PostgreSQL lists our connections under."""
_TABLES_LOCK: Final = 0x1ED6E2
"""Any number will do that nobody else in the database takes for a lock of theirs."""

Durability = Literal["FULL", "NORMAL"]
Opening = Callable[[], Engine]
"""Opens a database, to look at; one process may hand it to another."""


def _of_postgres() -> tuple[type[Exception], ...]:
    """PostgreSQL's driver is an extra."""
    if importlib.util.find_spec("psycopg") is None:
        return ()
    import psycopg  # noqa: PLC0415

    return (psycopg.OperationalError,)


DATABASE_FAILED: Final[tuple[type[Exception], ...]] = (OperationalError, sqlite3.OperationalError, *_of_postgres())
"""What a database raises for which the request is not to blame: its disk is full, somebody has it locked, it has gone."""
STATEMENTS_KEPT_MAX: Final = 1_000
_ASKING: Final = 1
"""The connection that is kept for questions (``Asking``), beside so many."""
STATEMENTS_PREPARED_MAX: Final = 400
"""A few of the hot statements have a text for each number of shards."""


def is_duplicate(error: Exception) -> bool:
    """Whether a driver refused a row because another has its key."""
    constraint = getattr(error, "sqlite_errorname", None) in (
        "SQLITE_CONSTRAINT_UNIQUE",
        "SQLITE_CONSTRAINT_PRIMARYKEY",
    )
    return constraint or getattr(error, "sqlstate", None) == "23505"


def is_failed_sync(error: BaseException) -> bool:
    """Whether a commit failed when all of it had been written, and only the disk's word for it was missing.

    SQLite takes such a transaction back, and writes the next one in its place; but a process that ends before that leaves
    it in the write-ahead log whole, and whoever opens the database next finds it there.
    """
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_FSYNC


def has_failed(connection: Connection) -> bool:
    """Whether a transaction takes nothing more, after a statement that failed: PostgreSQL gives up all of it at any."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return not driver.in_transaction
    return driver.info.transaction_status.name in ("INERROR", "UNKNOWN")


class _Statements(LRUCache[Any, Any]):
    """What Core has put together, for all engines of the process.

    Each would have a cache of its own, and of the time in which a process opens one more ledger, or one more build of its views,
    a third went by with putting together what others had. Engines on one kind of database are set up alike; one of another
    version may want other words.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._on_any_engine(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(self._on_any_engine(key), value)

    def _on_any_engine(self, key: Any) -> Any:
        dialect, *statement = key
        return (dialect.name, dialect.server_version_info, *statement)


_FOR_ALL_ENGINES: Final = {"compiled_cache": _Statements(STATEMENTS_KEPT_MAX)}


def open_sqlite(path: Path, *, durability: Durability, writing: bool, connections: int = 8) -> Engine:
    """An engine on one SQLite file, in WAL mode.

    SQLAlchemy's own SQLite transactions begin too late and lose updates, so they are begun here: at once and exclusively
    where we write, as a plain snapshot where we read. FULL syncs every commit before it returns; NORMAL is for what can
    be built anew. ``writing=False`` cannot change anything, whatever it is asked.
    """
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections + _ASKING,
        max_overflow=0,
        execution_options=_FOR_ALL_ENGINES,
    )

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


def open_scratch() -> Engine:
    """A database for one thread that is gone when it is closed. What is large of it SQLite keeps on disk, and not in memory."""

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect("")
        connection.execute("PRAGMA journal_mode = OFF")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=StaticPool, execution_options=_FOR_ALL_ENGINES)


def _settings(schema: str, *, durability: Durability, writing: bool) -> dict[str, str]:
    """What PostgreSQL is told of a connection of ours."""
    return {
        "application_name": APPLICATION_NAME,
        "search_path": schema,
        # All that a writer asks has an index, and plans are kept: one made while a table was empty would read all of it until it is
        # analyzed, and every group of requests would look through every key that was ever used.
        "enable_seqscan": "off" if writing else "on",
        # What has to scan all the same is thought to cost very much, and would be compiled first: for 30 ms, to find a row of ten.
        "jit": "off",
        "default_transaction_read_only": "off" if writing else "on",
        "synchronous_commit": "on" if durability == "FULL" else "off",
    }


def open_postgres(url: str, *, schema: str, durability: Durability, writing: bool, connections: int = 8) -> Engine:
    """An engine on one schema of a PostgreSQL database, made where it is missing.

    Where we write, a transaction sees what others had committed when it got the lock it asked for; where we read, it is one
    snapshot from its first question to its last, and cannot change anything. Raises ValueError for no URL of PostgreSQL's.
    """
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        raise ValueError(f"a database's URL begins with postgresql://, not {address.drivername}://")
    import psycopg.types.string  # noqa: PLC0415  # PostgreSQL's driver is an extra

    settings = _settings(schema, durability=durability, writing=writing)
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_size=connections + _ASKING,
        max_overflow=0,
        isolation_level="READ COMMITTED" if writing else "REPEATABLE READ",
        execution_options=_FOR_ALL_ENGINES,
        use_native_hstore=False,  # nobody here has a column of that type, and each engine would ask what it is called
        connect_args={
            "client_encoding": "utf8",
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
        # For a column of bytes the driver has two ways, and takes the one that is written in Python unless it is told.
        connection.adapters.register_dumper(bytes, psycopg.types.string.BytesBinaryDumper)
        connection.prepared_max = STATEMENTS_PREPARED_MAX

    @event.listens_for(engine, "checkout")
    def look(connection: Any, _record: ConnectionPoolEntry, _fairy: object) -> None:
        if says_something(connection):
            raise DisconnectionError("the database has closed the connection")  # the pool takes another

    if writing:
        with engine.begin() as connection:
            hold_tables(connection)
            connection.execute(CreateSchema(schema, if_not_exists=True))
    return engine


def has_closed(connection: Connection) -> bool:
    """Whether the database has closed a connection that is kept, as one that restarts does; SQLite never does."""
    return connection.dialect.name == "postgresql" and says_something(connection.connection.driver_connection)


def says_something(driver: Any) -> bool:
    """Whether PostgreSQL has said something though nothing was asked, as it does when it goes away. To look takes 2 µs."""
    polling = poll()
    polling.register(driver.fileno(), POLLIN)
    return bool(polling.poll(0))


def retire(engine: Engine) -> None:
    """Dispose of an engine that others may still be reading from: what they hold of it is closed once they are done with it.

    Disposing alone would leave those connections to the garbage collector, open until it comes by.
    """

    @event.listens_for(engine, "checkin")
    def close(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.close()

    engine.dispose()


def has_tables(engine: Engine) -> bool:
    """Whether there is anything in the place that an engine is of."""
    return bool(inspect(engine).get_table_names())


def has_table(connection: Connection, table: Table) -> bool:
    """Whether a database has a table by now."""
    return inspect(connection).has_table(table.name)


@cache
def _making(metadata: MetaData, dialect: str) -> list[tuple[str, list[str]]]:
    """What makes each table with its indices, in an order in which they can be made."""
    spoken = make_url(f"{dialect}://").get_dialect()()
    making: list[tuple[str, list[str]]] = []
    for table in metadata.sorted_tables:
        made: list[ExecutableDDLElement] = [CreateTable(table), *map(CreateIndex, table.indexes)]
        making.append((table.name, [str(each.compile(dialect=spoken)) for each in made]))
    return making


def make_tables(connection: Connection, metadata: MetaData) -> None:
    """Make the tables that are missing, as ``create_all`` does, in a third of its time.

    What there is is asked once and not a table at a time, and the statements are put together once: views of a past moment
    have tables of their own each time somebody asks for them.
    """
    there = set(inspect(connection).get_table_names())
    dialect = connection.dialect
    making = _making(metadata, f"{dialect.name}+{dialect.driver}")
    missing = [statement for name, statements in making if name not in there for statement in statements]
    driver: Any = connection.connection.driver_connection
    if dialect.name == "sqlite":
        for statement in missing:
            driver.execute(statement)
    elif missing:
        driver.execute(";".join(missing), prepare=False)  # one journey; and what is prepared may be one statement only


def hold_tables(connection: Connection) -> None:
    """Keep other processes from making or replacing tables until the transaction ends; on SQLite there are none."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_TABLES_LOCK)))


class CommitLostError(Exception):
    """The database went away while a transaction was committed: it alone knows whether it was."""


GONE: Final[tuple[type[Exception], ...]] = (*DATABASE_FAILED, CommitLostError)
"""What a transaction may end with through no fault of what was in it: it is tried again once the database is back."""
