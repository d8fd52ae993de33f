"""Moving house: a log is carried into another database as it was recorded, from one snapshot, and gone on with where it stopped.

Sequences, Ids, times, writers, salts and leaf hashes travel. Positions do where both have equally many shards; else every entry
gets the next one of its new shard, in the order of recorded time. What is carried is hashed on its way.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from heapq import merge
from itertools import groupby, islice, zip_longest
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, tuple_, update

from ledger.domain.refusals import Refusal
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG
from ledger.log.database import has_table, hold_tables
from ledger.log.direct import Direct
from ledger.log.epochs import Epoch, Epochs, Heads, Origin, add_epoch, new_name, read_epochs
from ledger.log.integrity import leaf_hash
from ledger.log.merkle import CompactRange
from ledger.log.positions import shard_of
from ledger.log.standing import shard_rows
from ledger.log.stored import StoredRow
from ledger.log.tables import COPIES, EPOCH_ORIGINS, EPOCHS, EVENTS, IMPORTED, METADATA, REQUESTS, SECRETS, SHARDS

BATCH_ENTRIES: Final = 5_000
"""Carried in one transaction, together with how far that is."""
_PAGE: Final = 1_000
_e, _r = EVENTS.c, REQUESTS.c
_ROWS: Final = Direct(
    select(*_e)
    .where(_e.shard == bindparam("shard"), _e.position > bindparam("after"), _e.position <= bindparam("up_to"))
    .order_by(_e.position)
    .limit(bindparam("limit", type_=BIG))
)
_LEAVES: Final = select(_e.partition, _e.sequence, _e.leaf).order_by(_e.partition, _e.sequence)
_IN_PARTS: Final = {"yield_per": _PAGE}
_recorded_at = itemgetter(5)


class CopyError(Exception):
    """A ledger cannot be copied, or a place holds something else than a copy of it, and why."""


class UnfinishedCopy(Refusal):
    """A copy of another ledger that has not been carried whole is none to write, or to read."""

    code = "conflict"

    def __init__(self, epoch: str) -> None:
        super().__init__(
            f"this is an unfinished copy of another ledger, of epoch {epoch}; `ledger copy`, called again, goes on with it"
        )


class ComparedPartition(NamedTuple):
    """A session in both logs, or another partition: how much there is of it, and the root of its tree in the first."""

    partition: str
    entries: int
    root: bytes
    is_same: bool


def require_whole(connection: Connection) -> None:
    """Raises UnfinishedCopy where a log is one."""
    if not has_table(connection, COPIES):  # no version with copies has written it
        return
    unfinished = select(COPIES.c.epoch).where(COPIES.c.finished_at.is_(None)).limit(1)
    epoch = connection.execute(unfinished).scalar()
    if epoch is not None:
        raise UnfinishedCopy(epoch)


def begin_copy(source: Connection, target: Engine, shards: int, now_ms: int) -> None:
    """Make a log that is to be a copy, or take up one that was begun, also one that was finished and is only behind by now.

    ``shards`` counts when it is made. Raises CopyError where the target holds anything else.
    """
    epochs = read_epochs(source)
    with target.begin() as connection:
        hold_tables(connection)
        METADATA.create_all(connection)
        if connection.execute(select(func.count()).select_from(EPOCHS)).scalar_one():
            _require_copy(connection, source, epochs.present.name)
            connection.execute(update(COPIES).values(finished_at=None))
            return
        origin = None
        if (
            shards == epochs.shard_count
        ):  # every entry keeps its position: tokens of all lives can be told where they are
            for epoch in epochs:
                add_epoch(connection, epoch, shards)
            origin = Origin(epochs.present.name, (0,) * shards)
        add_epoch(connection, Epoch(new_name(), now_ms, origin), shards)
        connection.execute(insert(SHARDS), [{"shard": n, "position": 0, "recorded_at": 0} for n in range(shards)])
        rows = [{"shard": n, "position": 0, "epoch": epochs.present.name} for n in range(epochs.shard_count)]
        connection.execute(insert(COPIES), rows)


def _require_copy(connection: Connection, source: Connection, epoch: str) -> None:
    carried = _carried(connection)
    if not carried:
        raise CopyError("there is a ledger already, which is no copy of this one; copy to a place that holds none")
    theirs: set[str] = set(connection.execute(select(COPIES.c.epoch)).scalars())
    if theirs != {epoch}:
        raise CopyError(f"there is a copy of a ledger of epoch {theirs.pop()}; this one is in epoch {epoch}")
    if sum(row.position for row in shard_rows(connection)) != sum(carried.values()):
        raise CopyError("the copy has facts of its own by now: it is a ledger that goes on by itself")
    if any(row.position < carried[row.shard] for row in shard_rows(source)):
        raise CopyError("the copy has more than this ledger: facts were removed from it")


def _carried(connection: Connection) -> dict[int, int]:
    """How far each of the source's shards was carried."""
    rows: Any = connection.execute(select(COPIES.c.shard, COPIES.c.position))
    return dict(rows.all())


class Carrying:
    """The entries of a source, as they are carried into a target that nobody else writes."""

    def __init__(self, source: Connection, target: Engine) -> None:
        self._source = source
        self._target = target
        self._ends = {row.shard: row.position for row in shard_rows(source)}
        with target.begin() as connection:
            self._carried = _carried(connection)
            self._heads = {row.shard: (row.position, row.recorded_at) for row in shard_rows(connection)}

    @property
    def done(self) -> int:
        return sum(self._carried.values())

    @property
    def total(self) -> int:
        return sum(self._ends.values())

    def batches(self) -> Iterator[int]:
        """Carry a batch at a time; answers how many entries are there by then. Raises CopyError at one that is not sound."""
        rows = merge(*(self._rows(shard) for shard in self._ends), key=_recorded_at)
        while batch := list(islice(rows, BATCH_ENTRIES)):
            self._carry(batch)
            yield self.done

    def _rows(self, shard: int) -> Iterator[StoredRow]:
        """What is still to be carried of a shard of the source, in order of position."""
        after = self._carried[shard]
        while after < self._ends[shard]:
            found = _ROWS.rows(self._source, shard=shard, after=after, up_to=self._ends[shard], limit=_PAGE)
            for row in map(StoredRow._make, found):
                after += 1
                if row.position != after:
                    raise CopyError(f"position {after} of shard {shard} is missing; see `ledger verify`")
                if _true_leaf(row) != row.leaf:
                    place = f"session {row.partition}, sequence {row.sequence}"
                    raise CopyError(f"{place}: is not what was recorded; see `ledger verify`")
                yield row
            if not found:
                raise CopyError(f"position {after + 1} of shard {shard} is missing; see `ledger verify`")

    def _carry(self, rows: list[StoredRow]) -> None:
        heads, carried = dict(self._heads), dict(self._carried)
        own: list[tuple[Any, ...]] = []
        for row in rows:
            shard = shard_of(row.partition, len(heads))
            position, recorded_at = heads[shard]
            heads[shard] = (position + 1, max(recorded_at, row.recorded_at))
            own.append((shard, position + 1, *row[2:]))
            carried[row.shard] = row.position
        with self._target.begin() as connection:
            insert_rows(connection, EVENTS, own)
            moved = [(n, *head) for n, head in heads.items() if head != self._heads[n]]
            insert_rows(connection, SHARDS, moved, replacing=("shard",))
            for shard, position in carried.items():
                if position != self._carried[shard]:
                    connection.execute(update(COPIES).where(COPIES.c.shard == shard).values(position=position))
        self._heads, self._carried = heads, carried


def _true_leaf(row: StoredRow) -> bytes:
    _, _, partition, sequence, stored_name, recorded_at, actor, key, _, salt, body, _ = row
    return leaf_hash(partition, sequence, stored_name, recorded_at, actor, key, salt, body)


def carry_requests(source: Connection, target: Engine) -> int:
    """Carry what was answered under idempotency keys; answers how many. An answer goes on naming the place of its facts."""
    count = 0
    with source.execute(select(REQUESTS), execution_options=_IN_PARTS) as answered:
        for found in answered.partitions():
            with target.begin() as connection:
                positions = _positions(connection, {(row.partition, row.sequence) for row in found})
                rows = [(*row[:-1], positions.get((row.partition, row.sequence), 0)) for row in found]
                insert_rows(connection, REQUESTS, rows, replacing=("partition", "actor", "key"))
            count += len(found)
    return count


def _positions(connection: Connection, places: set[tuple[str, int]]) -> dict[tuple[str, int], int]:
    asked = select(_e.partition, _e.sequence, _e.position).where(tuple_(_e.partition, _e.sequence).in_(sorted(places)))
    return {(partition, sequence): position for partition, sequence, position in connection.execute(asked)}


def compare_partitions(source: Connection, target: Connection) -> Iterator[ComparedPartition]:
    """Every partition of both logs, leaf by leaf: a leaf stands for all that is recorded of an entry."""
    with closing(_partitions(source)) as all_ours, closing(_partitions(target)) as all_theirs:
        for ours, theirs in zip_longest(all_ours, all_theirs):
            if ours is None or theirs is None or ours[0] != theirs[0]:
                name, leaves = ours or theirs
                yield ComparedPartition(name, len(leaves), _root(leaves), is_same=False)
                return  # what follows is out of step
            yield ComparedPartition(ours[0], len(ours[1]), _root(ours[1]), is_same=ours[1] == theirs[1])


def _partitions(connection: Connection) -> Generator[tuple[str, list[bytes]], None, None]:
    with connection.execute(_LEAVES, execution_options=_IN_PARTS) as rows:
        for partition, of_partition in groupby(rows, key=itemgetter(0)):
            yield partition, [bytes(leaf) for _, _, leaf in of_partition]


def _root(leaves: list[bytes]) -> bytes:
    tree = CompactRange()
    tree.extend(leaves)
    return tree.root()


def finish_copy(source: Connection, target: Engine, compared: Iterable[ComparedPartition], now_ms: int) -> Epochs:
    """The copy is whole: from here on it is a ledger, in an epoch of its own. Answers its lives."""
    epochs = read_epochs(source)
    heads: Heads = tuple(row.position for row in shard_rows(source))
    # What was signed by the other ledger, a file's URL on a page, is good here as well.
    signing = source.execute(select(SECRETS)).all() if has_table(source, SECRETS) else []
    came = [(it.partition, it.entries, it.root, epochs.present.name, now_ms) for it in compared]
    with target.begin() as connection:
        insert_rows(connection, IMPORTED, came, replacing=("partition",))
        insert_rows(connection, SECRETS, [tuple(row) for row in signing], replacing=("name",))
        theirs = select(EPOCHS.c.number).where(EPOCHS.c.epoch == epochs.present.name).scalar_subquery()
        for shard, position in enumerate(heads):
            at = (EPOCH_ORIGINS.c.origin == theirs, EPOCH_ORIGINS.c.shard == shard)
            connection.execute(update(EPOCH_ORIGINS).where(*at).values(position=position))
        connection.execute(update(COPIES).values(finished_at=now_ms))
        return read_epochs(connection)
