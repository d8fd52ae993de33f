"""Two builds of the views at one position, compared: every table, row by row."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, or_, select

from ledger.projections.projection import METADATA, OF_PLACE
from ledger.projections.sessions import SESSIONS
from ledger.projections.trees import EDGES, TILES, is_of_session

_Row = tuple[Any, ...]
_ROWS_A_PART: Final = 1_000
_IN_PARTS: Final = {"yield_per": _ROWS_A_PART}


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


def compare_partitions(
    views: Connection,
    others: Connection,
    partitions: Sequence[str],
    numbers: Sequence[int],
    tables: Iterable[Table],
    rest: Callable[[], None] = lambda: None,
) -> list[ComparedTable]:
    """The same of what belongs to some partitions, which views know by these numbers; ``rest`` is called every now and then."""
    found = []
    for table in tables:
        whole = _whole(table)
        asked = whole._replace(statement=whole.statement.where(is_of(table, partitions, numbers)))
        found.append(_compare(asked, views, others, rest))
        rest()
    return found


def tables_of_partitions() -> list[Table]:
    """The tables whose rows each belong to one partition: all but the edges of the shards' trees."""
    return [table for table in METADATA.sorted_tables if table is not EDGES]


def owner_of(table: Table) -> str:
    """The column that says to which partition a row belongs, by the partition's name, its number, or an Id of something in it."""
    return next(name for name in ("session", "tree", "partition_id", "recording_id", "id") if name in table.c)


def is_of(table: Table, partitions: Sequence[str], numbers: Sequence[int]) -> ColumnElement[bool]:
    """What of a table belongs to some partitions, which views know by these numbers."""
    name = owner_of(table)
    column = table.c[name]
    if name == "session":
        return column.in_(numbers)
    if name != "id":
        return column.in_(partitions)
    # An Id begins with its partition and a dash, which the full stop follows.
    return or_(*(or_(column == it, and_(column > f"{it}-", column < f"{it}.")) for it in partitions))


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


def _compare(
    asked: _Asked, views: Connection, others: Connection, rest: Callable[[], None] = lambda: None
) -> ComparedTable:
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
                if count % _ROWS_A_PART == 0:
                    rest()
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
