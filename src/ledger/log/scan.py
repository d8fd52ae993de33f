"""One stretch of a shard, row by row: all that the rows by themselves can tell, and the trees over them as far as they go.

A stretch is scanned by any process, and what is found of it is small: ``joined.py`` puts consecutive stretches together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, bindparam, select

from ledger.log import garbage
from ledger.log.codec import UnreadableEventError
from ledger.log.database import Opening
from ledger.log.direct import Direct
from ledger.log.integrity import leaf_hash
from ledger.log.merkle import CompactRange
from ledger.log.outline import entity_of
from ledger.log.tables import EVENTS

FAULTS_MAX: Final = 100
"""Told of one stretch: where everything is wrong, the first are enough."""
_e = EVENTS.c
_ROWS: Final = Direct(
    select(*[column for column in _e if column is not _e.shard])
    .where(_e.shard == bindparam("shard"), _e.position > bindparam("after"), _e.position <= bindparam("up_to"))
    .order_by(_e.position)
)
_VALID_INDEXES: Final = """
    SELECT regexp_replace(pg_get_indexdef(indexrelid), '^.* ON (.*\\.)?(\\w+) USING btree ', '\\2 ')
    FROM pg_index WHERE indisvalid AND indrelid = 'events'::regclass
"""
_INDEXES: Final = (
    'events (shard, "position")',
    "events (partition, sequence)",
    "events (partition, entity, sequence) WHERE (entity IS NOT NULL)",
)
_OTHER_TYPE: Final = "a column holds another type of value than is ever stored"
Row = tuple[Any, ...]


class Fault(NamedTuple):
    """Something in the log that is not as it was recorded."""

    rule: str
    """What is broken, in words."""
    column: str | None = None
    """Which column disagrees, where that can be told."""
    shard: int | None = None
    position: int | None = None
    partition: str | None = None
    sequence: int | None = None

    def __str__(self) -> str:
        """Where it is, as far as that can be told, and what it is."""
        places = [
            f"{name} {value}"
            for name, value in (
                ("session", self.partition),
                ("sequence", self.sequence),
                ("position", self.position),
                ("column", self.column),
            )
            if value is not None
        ]
        return f"{', '.join(places)}: {self.rule}" if places else self.rule


class Stretch(NamedTuple):
    """What to scan: positions of one shard, ``after`` excluded and ``up_to`` included."""

    shard: int
    after: int
    up_to: int
    cuts: Mapping[str, Sequence[int]]
    """Sequences of partitions, ascending, at which the range of their leaves is to be cut, for somebody wants the root there."""
    imported: Mapping[str, int]
    """Up to which sequence partitions came from another ledger, and kept its recorded times."""


@dataclass
class Found:
    """A partition's entries in a stretch."""

    first: int
    last: int
    first_recorded_at: int
    last_recorded_at: int
    ranges: list[CompactRange] = field(default_factory=list)
    """Over its leaves, one after another."""


@dataclass
class Scanned:
    """What a stretch holds."""

    stretch: Stretch
    tree: CompactRange
    partitions: dict[str, Found] = field(default_factory=dict)
    first_recorded_at: int | None = None
    """Of what was recorded here; what was imported kept the times of another ledger."""
    last_recorded_at: int | None = None
    latest: int = 0
    """The greatest recorded time, the imported ones included."""
    faults: list[Fault] = field(default_factory=list)


def scan(log: Opening, stretch: Stretch) -> Scanned:
    """Look at every row of a stretch."""
    engine = log()
    try:
        with engine.begin() as connection, garbage.paused():
            rows = _ROWS.run(connection, shard=stretch.shard, after=stretch.after, up_to=stretch.up_to)
            return _scan(rows, stretch)
    finally:
        engine.dispose()


def check_file(log: Opening) -> list[Fault]:
    """Whether the database finds itself sound: SQLite its pages, indexes and types, PostgreSQL the indexes of the log's tables.

    What PostgreSQL can say of its pages it says to ``pg_amcheck``, which only a superuser may ask.
    """
    engine = log()
    try:
        with engine.begin() as connection:
            return _unsound_file(connection) if connection.dialect.name == "sqlite" else _unsound_indexes(connection)
    finally:
        engine.dispose()


def _unsound_file(connection: Connection) -> list[Fault]:
    told = connection.exec_driver_sql(f"PRAGMA integrity_check({FAULTS_MAX})").scalars().all()
    return [] if told == ["ok"] else [Fault(f"the file is damaged: {line}") for line in told]


def _unsound_indexes(connection: Connection) -> list[Fault]:
    """What keeps a place from being taken twice, and finds a thing's entries: all of it must be there, and valid."""
    valid = set(connection.exec_driver_sql(_VALID_INDEXES).scalars())
    return [Fault(f"the index of {columns} is gone, or is not valid") for columns in _INDEXES if columns not in valid]


def _scan(rows: Iterable[Row], stretch: Stretch) -> Scanned:
    found = Scanned(stretch, CompactRange(stretch.after))
    leaves: list[bytes] = []
    of_partition: dict[str, list[bytes]] = {}
    broken: set[str] = set()
    expected = stretch.after
    for row in rows:
        position, partition, sequence, _, recorded_at, *_ = row
        expected += 1
        if position != expected:
            _tell(found, f"position {expected} is missing", "position", row)
            expected = position
        if not (type(sequence) is type(recorded_at) is int and type(partition) is str):
            _tell(found, _OTHER_TYPE, None, row)
            continue
        if partition not in of_partition:
            of_partition[partition] = []
        if not _follows(found, row):
            broken.add(partition)
        leaf = _true_leaf(found, row)
        leaves.append(leaf)
        of_partition[partition].append(leaf)
    if expected != stretch.up_to:
        missing = f"position {expected + 1} is missing"
        found.faults.append(Fault(missing, "position", stretch.shard, expected + 1))
    if stretch.after + len(leaves) == stretch.up_to:
        found.tree.extend(leaves)
    for name in of_partition.keys() - broken:
        _build(found.partitions[name], of_partition[name], stretch.cuts.get(name, ()))
    return found


def _follows(found: Scanned, row: Row) -> bool:
    """Take up a row among those of its partition; whether its sequence is the next."""
    _, partition, sequence, _, recorded_at, *_ = row
    is_next = True
    known = found.partitions.get(partition)
    if known is None:
        found.partitions[partition] = Found(sequence, sequence, recorded_at, recorded_at)
    else:
        if sequence != known.last + 1:
            is_next = False
            _tell(found, f"sequence {known.last + 1} was expected here", "sequence", row)
        if recorded_at < known.last_recorded_at:
            _tell(found, "recorded before the session's entry before it", "recorded_at", row)
        known.last, known.last_recorded_at = sequence, recorded_at
    if sequence > found.stretch.imported.get(partition, 0):
        if found.last_recorded_at is None:
            found.first_recorded_at = recorded_at
        elif recorded_at < found.last_recorded_at:
            _tell(found, "recorded before the shard's entry before it", "recorded_at", row)
        found.last_recorded_at = recorded_at
    found.latest = max(found.latest, recorded_at)
    return is_next


def _true_leaf(found: Scanned, row: Row) -> bytes:
    """The leaf hash that a row should have."""
    _, partition, sequence, stored_name, recorded_at, actor, key, entity, salt, body, leaf = row
    if key == "":
        _tell(found, "no key is ever empty", "key", row)
    try:
        true_leaf = leaf_hash(partition, sequence, stored_name, recorded_at, actor, key, salt, body)
    except (TypeError, AttributeError):
        _tell(found, _OTHER_TYPE, None, row)
        return b""
    if true_leaf != leaf:
        _tell(found, "the leaf hash is not that of the type, recorded_at, actor, key, salt and body", None, row)
    try:
        if entity != entity_of(stored_name, body, sequence):
            _tell(found, f"the event is not about {entity!r}", "entity", row)
    except UnreadableEventError as error:
        _tell(found, f"cannot be read: {error}", None, row)
    return true_leaf


def _build(found: Found, leaves: list[bytes], cuts: Sequence[int]) -> None:
    """Put a partition's leaves into the ranges of its tree."""
    begin, end = found.first - 1, found.last
    stops = [cut for cut in cuts if begin < cut < end]
    for first, last in zip([begin, *stops], [*stops, end], strict=True):
        piece = CompactRange(first)
        piece.extend(leaves[first - begin : last - begin])
        found.ranges.append(piece)


def _tell(found: Scanned, rule: str, column: str | None, row: Row) -> None:
    if len(found.faults) < FAULTS_MAX:
        found.faults.append(Fault(rule, column, found.stretch.shard, row[0], row[1], row[2]))
