"""What a spool holds, for whoever looks in from outside, also while a writer has it: looking takes no lock and changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from ledger.client.failures import SpoolError, SpoolFailedError
from ledger.client.leftovers import waiting_from
from ledger.client.room import ROW_BYTES
from ledger.client.store import FILE

_NAMES: Final = "SELECT device, name FROM spool"
_PENDING: Final = (
    "SELECT count(*), coalesce(sum(length(CAST(arguments AS BLOB)) + length(CAST(session AS BLOB)) + ?), 0) FROM facts"
    " WHERE number >= ?"
)
_BYTES_ASIDE: Final = (
    "SELECT coalesce(sum(length(CAST(arguments AS BLOB)) + length(CAST(session AS BLOB)) + ?), 0) FROM aside"
)
_ASIDE: Final = "SELECT number, function, session, CAST(arguments AS BLOB), code, message FROM aside ORDER BY number"
_LAST: Final = (
    "SELECT max((SELECT coalesce(max(number), 0) FROM facts), (SELECT coalesce(max(number), 0) FROM aside),"
    " (SELECT coalesce(max(last), 0) FROM acknowledged))"
)


class Aside(NamedTuple):
    """A fact that the ledger refused, and in which words."""

    number: int
    function: str
    session: str
    arguments: str
    code: str
    message: str


class Counted(NamedTuple):
    """How many facts there are."""

    last: int
    """The number that was given last."""
    pending: int
    size: int
    """What those that wait take, and those that were set aside."""


class Contents(NamedTuple):
    """A spool at one moment."""

    device: str
    name: str
    counted: Counted
    aside: list[Aside]


def counted(connection: sqlite3.Connection) -> Counted:
    pending, waiting = connection.execute(_PENDING, (ROW_BYTES, waiting_from(connection))).fetchone()
    (aside,) = connection.execute(_BYTES_ASIDE, (ROW_BYTES,)).fetchone()
    (last,) = connection.execute(_LAST).fetchone()
    return Counted(last, pending, waiting + aside)


def asides_in(connection: sqlite3.Connection) -> list[Aside]:
    """What was set aside, by number."""
    return [
        Aside(number, function, session, readable(arguments), code, message)
        for number, function, session, arguments, code, message in connection.execute(_ASIDE)
    ]


def readable(arguments: bytes) -> str:
    """Arguments for people to look at, also where the disk has made something else of them."""
    return arguments.decode(errors="replace")


def look_into(folder: Path) -> Contents:
    """The spool in a folder, whoever has it. Raises SpoolError."""
    if not (folder / FILE).exists():
        raise SpoolError(f"there is no spool in {folder}")
    try:
        with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")  # all that is read is of one moment
            device, name = connection.execute(_NAMES).fetchone()
            return Contents(device, name, counted(connection), asides_in(connection))
    except sqlite3.Error as error:
        raise SpoolFailedError(f"{folder / FILE} cannot be read: {error}") from error
