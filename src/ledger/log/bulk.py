"""Many rows in few statements, on a connection's own driver.

One statement for many rows lets the driver release the interpreter once a statement instead of once a row, which
under load is the difference between a writer that shares the machine and one that waits for it row by row.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Table

_CHUNKS: Final = (1_000, 100)
"""Statements of these many rows, then one of what remains: few enough texts for the driver to keep them all prepared."""
PARAMETERS_MAX: Final = 32_000
"""SQLite takes 32,766 parameters a statement."""


@cache
def _statement(table: Table, rows: int, key: tuple[str, ...]) -> str:
    columns = table.c.keys()
    row = f"({', '.join('?' * len(columns))})"
    # Names of our own tables and columns only; every value is a parameter.
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {', '.join([row] * rows)}"  # noqa: S608
    if key:
        others = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in key)
        statement += f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {others}"
    return statement


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], *, replacing: tuple[str, ...] = ()
) -> None:
    """Insert rows whose values stand in the table's column order; ``replacing`` names the key whose old row gives way."""
    execute = connection.connection.driver_connection.execute  # type: ignore[union-attr]
    done = 0
    for size in _CHUNKS:
        if size * len(table.c) <= PARAMETERS_MAX:
            while len(rows) - done >= size:
                execute(_statement(table, size, replacing), list(chain.from_iterable(rows[done : done + size])))
                done += size
    if done < len(rows):
        execute(_statement(table, len(rows) - done, replacing), list(chain.from_iterable(rows[done:])))
