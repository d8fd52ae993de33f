"""Two builds of the views at one position, compared: every table, row by row."""

from hashlib import sha256
from itertools import zip_longest
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select

from ledger.projections.projection import METADATA

_Row = tuple[Any, ...]


class ComparedTable(NamedTuple):
    """One table of the views, and the first row that is not the same in both builds."""

    table: str
    rows: int
    """In the first build."""
    sha256: str
    """Of the first build's rows, in the order of their key."""
    difference: str | None


def compare(views: Connection, others: Connection) -> list[ComparedTable]:
    """Compare two databases of views; in a difference the first is ``these`` and the second ``those``."""
    return [_compare(table, views, others) for table in METADATA.sorted_tables]


def _compare(table: Table, views: Connection, others: Connection) -> ComparedTable:
    key = [column.name for column in table.primary_key] or table.c.keys()
    rows = select(table).order_by(*(table.c[name] for name in key))
    digest, count = sha256(), 0
    difference: str | None = None
    for this, that in zip_longest(map(tuple, views.execute(rows)), map(tuple, others.execute(rows))):
        if this is not None:
            count += 1
            digest.update(repr(this).encode())
        if difference is None and this != that:
            difference = _difference(table, key, this, that)
    return ComparedTable(table.name, count, digest.hexdigest(), difference)


def _difference(table: Table, key: list[str], this: _Row | None, that: _Row | None) -> str:
    columns = table.c.keys()

    def place(row: _Row) -> _Row:
        return tuple(row[columns.index(name)] for name in key)

    def named(row: _Row) -> str:
        return ", ".join(f"{name} {value!r}" for name, value in zip(key, place(row), strict=True))

    if that is None or (this is not None and place(this) < place(that)):
        assert this is not None, "one of the two is a row"
        return f"the row of {named(this)} is in these views only"
    if this is None or place(that) < place(this):
        return f"the row of {named(that)} is in those views only"
    differing = [name for name, old, new in zip(columns, this, that, strict=True) if old != new]
    return f"the row of {named(this)} differs in {', '.join(differing)}"
