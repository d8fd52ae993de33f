"""Two builds of the views at one position, compared: every table, row by row."""

from hashlib import sha256
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, Table, select

from ledger.projections.projection import METADATA, OF_PLACE
from ledger.projections.sessions import SESSIONS
from ledger.projections.trees import EDGES, TILES, is_of_session

_Row = tuple[Any, ...]
_IN_PARTS: Final = {"yield_per": 1_000}


class ComparedTable(NamedTuple):
    """One table of the views, and the first row that is not the same in both builds."""

    table: str
    rows: int
    """In the first build."""
    sha256: str
    """Of the first build's rows, in the order of their key."""
    difference: str | None


class _Asked(NamedTuple):
    """What is compared of a table: rows in the order of their key, whose columns are so called."""

    table: str
    statement: Select[Any]
    columns: list[str]
    key: list[str]


def compare(views: Connection, others: Connection) -> list[ComparedTable]:
    """Compare two databases of views; in a difference the first is ``these`` and the second ``those``."""
    return [_compare(_whole(table), views, others) for table in METADATA.sorted_tables]


def compare_moved(views: Connection, others: Connection) -> list[ComparedTable]:
    """The same, of two logs that hold the same sessions at other places: what only says where something stands is left out."""
    return [_compare(_moved(table), views, others) for table in METADATA.sorted_tables if table is not EDGES]


def _whole(table: Table) -> _Asked:
    key = [column.name for column in table.primary_key] or table.c.keys()
    return _Asked(table.name, select(table).order_by(*(table.c[name] for name in key)), table.c.keys(), key)


def _moved(table: Table) -> _Asked:
    """A table whose sessions go by their Ids, and not by the numbers that they have from where they begin."""
    columns = [column for column in table.c if not column.info.get(OF_PLACE) and column.name != "session"]
    primary = [column for column in table.primary_key if column in columns]
    if "session" in table.c:
        own = select(SESSIONS.c.id, *columns).join(SESSIONS, SESSIONS.c.number == table.c.session)
        key = [SESSIONS.c.id, *primary]
        columns.insert(0, SESSIONS.c.id)
    else:
        own = select(*columns)
        key = primary or [SESSIONS.c.id if table is SESSIONS else columns[0]]
    if table is TILES:
        own = own.where(is_of_session(TILES.c.tree))
    return _Asked(table.name, own.order_by(*key), [it.name for it in columns], [it.name for it in key])


def _compare(asked: _Asked, views: Connection, others: Connection) -> ComparedTable:
    digest, count = sha256(), 0
    difference: str | None = None
    with (
        views.execute(asked.statement, execution_options=_IN_PARTS) as these,
        others.execute(asked.statement, execution_options=_IN_PARTS) as those,
    ):
        for this, that in zip_longest(map(tuple, these), map(tuple, those)):
            if this is not None:
                count += 1
                digest.update(repr(this).encode())
            if difference is None and this != that:
                difference = _difference(asked, this, that)
    return ComparedTable(asked.table, count, digest.hexdigest(), difference)


def _difference(asked: _Asked, this: _Row | None, that: _Row | None) -> str:
    columns, key = asked.columns, asked.key

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
