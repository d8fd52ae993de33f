"""The one connection by which a process writes a database; or asks it, where a pool's would cost as much as the question."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Engine

from ledger.log.database import DATABASE_FAILED, CommitLostError
from ledger.log.kept import Kept

COMMITS_UNSETTLED_MAX: Final = 64
"""Commits after which a quiet moment is used for that: a few milliseconds then, and not tens of them inside somebody's commit."""


class SoleConnection:
    """One connection for one transaction after another, begun and ended on the driver: that by which a process writes a database,
    or one that is kept for questions which are asked on the spot.
    """

    def __init__(self, engine: Engine, *, writing: bool = True) -> None:
        self._kept = Kept(engine)
        self._begin = "BEGIN IMMEDIATE" if writing else "BEGIN"
        self._lock = Lock()
        self._unsettled = 0

    def open(self) -> None:
        """Have the connection, before anybody waits for what is asked by it."""
        with self._lock:
            self._kept.connected()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All that is done in it is committed when it ends, or none of it."""
        with self._lock:
            connection = self._kept.connected()
            driver: Any = connection.connection.driver_connection
            if connection.dialect.name == "sqlite":  # PostgreSQL's driver begins by itself
                driver.execute(self._begin)
            try:
                yield connection
                self._commit(driver)
            except BaseException:
                self._roll_back(connection)
                raise
            self._unsettled += 1
            self._let_go(connection)

    def settle(self) -> None:
        """Where SQLite has written many a commit ahead, have it copy them into the database: for a moment in which nobody waits.

        Otherwise it does so inside the commit with which there are too many. What it cannot do now is left to that.
        """
        with self._lock:
            connection = self._kept.connection
            if connection is None or self._unsettled < COMMITS_UNSETTLED_MAX:
                return
            self._unsettled = 0
            if connection.dialect.name == "sqlite":
                driver: Any = connection.connection.driver_connection
                with suppress(sqlite3.Error):
                    driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _commit(self, driver: Any) -> None:
        try:
            driver.commit()
        except DATABASE_FAILED as failure:
            if getattr(driver, "broken", False):
                raise CommitLostError(str(failure)) from failure
            raise

    def _roll_back(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        try:
            driver.rollback()
        except DATABASE_FAILED:
            self._kept.drop()  # the next transaction connects anew
        else:
            self._let_go(connection)

    def _let_go(self, connection: Connection) -> None:
        """Whatever ran by way of Core has made it believe that it is in a transaction of its own, which is over."""
        try:
            connection.rollback()
        except DATABASE_FAILED:
            self._kept.drop()

    def close(self) -> None:
        with self._lock:
            self._kept.close()
