"""Where a ledger can be kept: a folder, or a PostgreSQL database. One suite of tests runs on each of them."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import psycopg
import pytest
from sqlalchemy import Engine

from ledger.log.database import open_postgres, open_sqlite
from tests.postgres import empty_database
from tests.serving import Serving

DATABASES: Final = ("sqlite", "postgresql")
POSTGRES_AS_WELL: Final = ("sqlite", pytest.param("postgresql", marks=pytest.mark.long))
"""For rooms that know no database: what they make of PostgreSQL's answers is tried in the long suite."""

OURS: Final = "FROM pg_stat_activity WHERE application_name = 'ledger' AND datname = current_database()"
"""The ledger's connections to a PostgreSQL database."""


class Place(Protocol):
    """The engines of one ledger, and a stranger's way to look into its tables."""

    is_shared: bool
    """Whether several processes may write it at once."""

    def log(self, *, writing: bool) -> Engine: ...

    def views(self, name: str, *, writing: bool) -> Engine:
        """``name`` tells views of one log apart that are built side by side."""

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a stranger's tool finds in the log, asked with ``?`` for each parameter."""

    def change(self, script: str) -> None:
        """Change the log behind its back."""

    def refuse(self, word: str, message: str) -> None:
        """Let the database refuse every event whose body holds a word."""


class Folder:
    is_shared = False

    def __init__(self, path: Path) -> None:
        """``path`` is the log's file."""
        self._path = path

    def log(self, *, writing: bool) -> Engine:
        return open_sqlite(self._path, durability="FULL", writing=writing)

    def views(self, name: str, *, writing: bool) -> Engine:
        return open_sqlite(self._path.parent / f"{name}.sqlite", durability="NORMAL", writing=writing)

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self._path)) as connection:
            return connection.execute(statement, parameters).fetchall()

    def change(self, script: str) -> None:
        with closing(sqlite3.connect(self._path)) as connection:
            connection.executescript(script)

    def refuse(self, word: str, message: str) -> None:
        self.change(
            f"CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.body LIKE '%{word}%'"
            f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


class Database:
    is_shared = True

    def __init__(self, url: str) -> None:
        self.url = url

    def log(self, *, writing: bool) -> Engine:
        return open_postgres(self.url, schema="ledger", durability="FULL", writing=writing)

    def views(self, name: str, *, writing: bool) -> Engine:
        return open_postgres(self.url, schema=f"ledger_{name.replace('-', '_')}", durability="NORMAL", writing=writing)

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._connected() as connection:
            return connection.execute(statement.replace("?", "%s").encode(), parameters or None).fetchall()

    def change(self, script: str) -> None:
        with self._connected() as connection:
            connection.execute(script.encode())

    def refuse(self, word: str, message: str) -> None:
        self.change(
            f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE '{message}'; END $$;"
            f" CREATE TRIGGER full_disk BEFORE INSERT ON events FOR EACH ROW WHEN (NEW.body LIKE '%{word}%')"
            " EXECUTE FUNCTION refuse()"
        )

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url, options="-c search_path=ledger", autocommit=True) as connection:
            yield connection


@contextmanager
def place(database: str, folder: Path) -> Iterator[Place]:
    """An empty place of one of DATABASES, for one test."""
    if database == "sqlite":
        yield Folder(folder / "log.sqlite")
        return
    with empty_database() as url:
        yield Database(url)


@contextmanager
def server_on(database: str, folder: Path) -> Iterator[Serving]:
    """A server of a ledger on ``database``, one of DATABASES."""
    with ExitStack() as kept:
        if database == "sqlite":
            server = Serving(folder)
        else:
            # One shard, so that what is said of positions is said of both.
            server = Serving(folder, LEDGER_DATABASE=kept.enter_context(empty_database()), LEDGER_SHARDS="1")
        yield server
        server.leave()
