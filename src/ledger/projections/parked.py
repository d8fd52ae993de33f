"""Events that could not be applied: where the views stand still at one, and those that were set aside with all that follows.

Once an entry is parked, the later ones of its partition are parked behind it, so that a session's events are only ever applied in
their order. Every other session goes on.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Integer, PrimaryKeyConstraint, Table, bindparam, func, select

from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.log.direct import Direct
from ledger.projections.tracking import METADATA

ERROR_LENGTH_MAX: Final = 1_000

PARKED: Final = Table(
    "parked",
    METADATA,
    Column("shard", Integer, nullable=False),
    Column("position", BIG, nullable=False),
    Column("partition", TEXT, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("error", TEXT),
    Column("parked_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("shard", "position"),
    comment="Entries that the views have gone past and do not show: one that cannot be applied, and what follows in its session.",
)
HALTS: Final = Table(
    "halts",
    METADATA,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("position", BIG, nullable=False),
    Column("partition", TEXT, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("error", TEXT, nullable=False),
    comment="Where a shard's views stand still: as long as their checkpoint is the position before.",
)
_p, _h = PARKED.c, HALTS.c
_HALTS: Final = Direct(select(*HALTS.c))
_PARTITIONS: Final = Direct(select(_p.partition).distinct().where(_p.shard == bindparam("shard")))
_ALL_PARTITIONS: Final = Direct(select(_p.partition).distinct())
_COUNT: Final = Direct(select(func.count()).select_from(PARKED))
_FIRST_OF_PARTITION: Final = Direct(
    select(_p.position, _p.sequence)
    .where(_p.shard == bindparam("shard"), _p.partition == bindparam("partition"))
    .order_by(_p.position)
    .limit(bindparam("limit", type_=BIG))
)


class PoisonedEntry(NamedTuple):
    """An entry that could not be applied."""

    shard: int
    position: int
    partition: str
    sequence: int
    error: str

    def __str__(self) -> str:
        return f"session {self.partition}, sequence {self.sequence}, position {self.position}: {self.error}"


class ParkedSession(NamedTuple):
    """A session, or another partition, whose entries are parked from one on."""

    partition: str
    sequence: int
    """Of the entry that could not be applied."""
    error: str
    entries: int
    """How many are parked, that one among them."""
    parked_at: int


class Replayed(NamedTuple):
    """What came of applying what was parked of a session."""

    partition: str
    applied: int
    error: str | None
    """Why the rest is still parked, if it is."""


class ParkedEntry(NamedTuple):
    position: int
    sequence: int


def error_of(failure: BaseException) -> str:
    """What went wrong, as it is kept and told."""
    return f"{type(failure).__name__}: {failure}"[:ERROR_LENGTH_MAX]


def parked_partitions(connection: Connection, shard: int | None = None) -> frozenset[str]:
    """The partitions that have entries parked: all of them, or those of one shard."""
    rows = _ALL_PARTITIONS.rows(connection) if shard is None else _PARTITIONS.rows(connection, shard=shard)
    return frozenset(partition for (partition,) in rows)


def count_parked(connection: Connection) -> int:
    """How many entries are parked."""
    count: int = _COUNT.rows(connection)[0][0]
    return count


def park(connection: Connection, poisoned: PoisonedEntry, now_ms: int) -> None:
    """Set an entry aside; whoever does so moves the checkpoint past it in the same transaction."""
    insert_rows(connection, PARKED, [(*poisoned, now_ms)])


def park_behind(connection: Connection, shard: int, entries: Iterable[tuple[int, str, int]], now_ms: int) -> None:
    """Set aside what follows in sessions that have entries parked: positions, partitions, sequences."""
    insert_rows(connection, PARKED, [(shard, *entry, None, now_ms) for entry in entries])


def parked_entries(connection: Connection, shard: int, partition: str, limit: int) -> list[ParkedEntry]:
    """The first entries of a partition that are parked, in order."""
    rows = _FIRST_OF_PARTITION.rows(connection, shard=shard, partition=partition, limit=limit)
    return list(map(ParkedEntry._make, rows))


def take_out(connection: Connection, shard: int, partition: str, up_to: int) -> None:
    """A partition's entries up to a sequence are parked no longer."""
    connection.execute(PARKED.delete().where(_p.shard == shard, _p.partition == partition, _p.sequence <= up_to))


def name_poison(connection: Connection, poisoned: PoisonedEntry) -> None:
    """Say of a parked entry why it cannot be applied now."""
    found = PARKED.update().where(_p.shard == poisoned.shard, _p.position == poisoned.position)
    connection.execute(found.values(error=poisoned.error))


def list_parked(connection: Connection) -> list[ParkedSession]:
    """All sessions that have entries parked, those first that have been so for longest."""
    grouped = select(_p.shard, func.min(_p.position), func.count()).group_by(_p.shard, _p.partition)
    counts = {(shard, first): count for shard, first, count in connection.execute(grouped)}
    place = (_p.shard, _p.position, _p.partition, _p.sequence, _p.error, _p.parked_at)
    firsts = select(*place).where(_p.error.is_not(None)).order_by(_p.parked_at, _p.shard, _p.position)
    return [
        ParkedSession(partition, sequence, error, counts[shard, position], parked_at)
        for shard, position, partition, sequence, error, parked_at in connection.execute(firsts)
        if (shard, position) in counts
    ]


def halt(connection: Connection, poisoned: PoisonedEntry) -> None:
    """Write down where a shard's views stand still, for every process to see."""
    insert_rows(connection, HALTS, [poisoned], replacing=("shard",))


def halts_at(connection: Connection, checkpoints: Sequence[int]) -> Mapping[int, PoisonedEntry]:
    """The shards whose views stand still where they are; what was written down of places that they have passed is over."""
    halts = (PoisonedEntry(*row) for row in _HALTS.rows(connection))
    return {at.shard: at for at in halts if at.shard < len(checkpoints) and checkpoints[at.shard] == at.position - 1}
