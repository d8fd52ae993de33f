"""The spool's file: an SQLite database of its own, durable before a commit returns, whole again after any crash."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ledger.client.failures import SpoolDeviceError, SpoolError, SpoolFailedError

FILE: Final = "spool.sqlite"
VERSION: Final = 1
SYNCED: Final = "PRAGMA synchronous = FULL"
"""The write-ahead log is synced before a commit returns."""
LOG_PAGES: Final = 256
"""So many pages the write-ahead log holds before they are brought to their places and it begins anew."""
_TABLES: Final = """
CREATE TABLE spool (device TEXT NOT NULL, name TEXT NOT NULL, protected INTEGER NOT NULL, doubts INTEGER NOT NULL);
CREATE TABLE facts (
    number INTEGER PRIMARY KEY, batch INTEGER NOT NULL, function TEXT NOT NULL, session TEXT NOT NULL, kind TEXT NOT NULL,
    refers INTEGER NOT NULL, arguments TEXT NOT NULL, checksum INTEGER NOT NULL
);
CREATE TABLE aside (
    number INTEGER PRIMARY KEY, function TEXT NOT NULL, session TEXT NOT NULL, kind TEXT NOT NULL, refers INTEGER NOT NULL,
    arguments TEXT NOT NULL, checksum INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL
);
CREATE TABLE acknowledged (last INTEGER PRIMARY KEY, first INTEGER NOT NULL, id TEXT);
"""
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"


def open_store(folder: Path, device: str | None) -> tuple[sqlite3.Connection, str, str]:
    """The spool in a folder, made for ``device`` where there is none, the device that it belongs to, and its own name.

    The name is drawn anew for every spool that is made, so that one which begins at 1 again is not taken for one that was lost.
    Raises SpoolError.
    """
    made = not (folder / FILE).exists()
    try:
        # Whoever uses it has the spool's lock: SQLite's own check that one thread does would be in the way.
        connection = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise SpoolFailedError(f"{folder / FILE}: {error}") from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(SYNCED)
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            _make(connection, device)
        elif version != VERSION:
            raise SpoolError(f"{folder / FILE} was made by a later version of the client")
        owner, name = connection.execute("SELECT device, name FROM spool").fetchone()
        if device not in (None, owner):
            raise SpoolDeviceError(f"{folder} is the spool of {owner!r}, not of {device!r}; every device has its own")
        _lengthen_log(connection, folder / f"{FILE}-wal")
    except sqlite3.Error as error:
        connection.close()
        raise SpoolFailedError(f"{folder / FILE} cannot be used: {error}") from error
    except BaseException:
        connection.close()
        raise
    if made:
        _sync(folder)
        _sync(folder.parent)
    return connection, owner, name


def _make(connection: sqlite3.Connection, device: str | None) -> None:
    if device is None:
        raise SpoolError("there is no spool here yet")
    name = "".join(_ALPHABET[byte % 32] for byte in os.urandom(8))
    with transaction(connection):
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute("INSERT INTO spool VALUES (?, ?, 0, 0)", (device, name))
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _lengthen_log(connection: sqlite3.Connection, log: Path) -> None:
    """Have the write-ahead log as long as it will get, so that a call syncs what it has written and not the new length of a file.

    By a transaction that is taken back: what does not fit into the memory that it is given is written to the log meanwhile.
    """
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
    if log.exists() and log.stat().st_size > LOG_PAGES * page_bytes:
        return
    (memory,) = connection.execute("PRAGMA cache_size").fetchone()
    connection.execute("PRAGMA cache_size = 10")
    with suppress(sqlite3.Error):  # a disk that has no room for this may have room for facts
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO acknowledged VALUES (0, 0, zeroblob(?))", ((LOG_PAGES + 16) * page_bytes,))
    connection.rollback()
    with suppress(sqlite3.Error):  # what is new to the disk is synced here, and not by the first call
        connection.execute("UPDATE spool SET doubts = doubts")
    connection.execute(f"PRAGMA cache_size = {memory}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it, synced, or nothing. Raises sqlite3.Error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def failure(error: sqlite3.Error) -> SpoolFailedError:
    """What a caller is told whose fact could not be written."""
    if error.sqlite_errorname in ("SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC"):
        return SpoolFailedError(
            f"the disk failed while this was made durable, and whether it was recorded is not known: {error}"
        )
    return SpoolFailedError(f"nothing was recorded: {error}")


def _sync(folder: Path) -> None:
    """Have a folder remember what was made in it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
