"""Whether the views show what the log comes to: some of its sessions are folded anew, and both compared at one position.

Nobody is held up by it. What is in the log up to a position never changes, so it is read and folded bit by bit; only the comparison
is made in one snapshot of the views, which keeps no writer waiting.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from itertools import islice
from random import Random
from typing import Final, NamedTuple, Self

from sqlalchemy import Connection, Engine, Table, select

from ledger.domain.entries import Entry
from ledger.domain.ids import parse_id
from ledger.log.database import GONE, make_tables, open_scratch
from ledger.log.eventlog import EventLog
from ledger.log.positions import Position
from ledger.log.reading import PlacedEntry, next_partition, read_placed
from ledger.projections.build import Build
from ledger.projections.comparison import ComparedTable, compare_partitions, owner_of, tables_of_partitions
from ledger.projections.drift import Drift
from ledger.projections.parked import error_of
from ledger.projections.projection import METADATA, Batch, Projection
from ledger.projections.sessions import SESSIONS
from ledger.projections.trees import TreesProjection, is_of_shard
from ledger.projections.versions import misfit
from ledger.projections.views import PROJECTIONS
from ledger.projections.witness import Witness

ENTRIES_A_BATCH: Final = 500
ALL_VIEWS: Final = "all views"
"""What is named where the events themselves cannot be folded."""
_BOTH: Final = "these are the views that are shown, those are what its events come to"
Rest = Callable[[], None]
"""Called between pieces of work, some milliseconds each: it may sleep, or raise to end the work."""


class Looked(NamedTuple):
    """What came of looking at some partitions."""

    partitions: Sequence[str]
    """Those that were compared: not those of which events are parked."""
    rows: int
    drifts: Sequence[Drift]
    skipped: str | None = None
    """Why nothing could be compared, where nothing could."""


class FoldError(Exception):
    """An event that the views are past cannot be read or applied."""


class Fold:
    """Views of some partitions, folded from the log by the projections that build all others, in a database of their own."""

    def __init__(self, log: EventLog, projections: Sequence[Projection], scratch: Engine) -> None:
        self._log = log
        self._projections = projections
        self._engine = scratch
        self.rows = self._engine.connect()
        make_tables(self.rows, METADATA)
        self._witness = Witness()
        self._reached: dict[str, int] = {}
        self.numbers: dict[str, int] = {}
        """What the views know the partitions by: where each begins."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.rows.close()
        self._engine.dispose()

    def carry(self, partitions: Sequence[str], position: Position, rest: Rest = lambda: None) -> None:
        """Bring partitions up to a position of the log, each from where it is. Raises FoldError."""
        following = self._following(partitions, dict(position.shards))
        while self._carry_next(following):
            rest()

    def _carry_next(self, following: Iterator[PlacedEntry]) -> bool:
        try:
            if placed := list(islice(following, ENTRIES_A_BATCH)):
                self._apply(placed)
        except GONE:
            raise
        except Exception as error:
            raise FoldError(error_of(error)) from error
        return bool(placed)

    def _following(self, partitions: Sequence[str], ends: dict[int, int]) -> Iterator[PlacedEntry]:
        for partition in partitions:
            up_to = ends[self._log.shard_of(partition)]
            while True:
                after = self._reached.get(partition, 0)
                with self._log.snapshot() as connection:
                    found = read_placed(connection, partition, after=after, up_to=up_to, limit=ENTRIES_A_BATCH)
                if found:
                    self._reached[partition] = found[-1].entry.sequence
                yield from found
                if len(found) < ENTRIES_A_BATCH:
                    break

    def _entry_at(self, partition: str, sequence: int) -> Entry | None:
        return next(iter(self._log.read_stream(partition, after=sequence - 1, up_to=sequence)), None)

    def _apply(self, placed: Sequence[PlacedEntry]) -> None:
        for it in placed:
            if it.entry.sequence == 1:
                shard = self._log.shard_of(it.entry.partition)
                self.numbers[it.entry.partition] = it.position * self._log.shard_count + shard
        entries = [it.entry for it in placed]
        batch = Batch(
            entries,
            self.numbers,
            shard=self._log.shard_of(entries[0].partition),
            first=placed[0].position,
            log=self._log,
            leaves=[it.leaf for it in placed],
            positions=[it.position for it in placed],
        )
        for projection in self._projections:
            if isinstance(projection, TreesProjection):
                projection.apply_to_sessions(batch, self.rows)
            else:
                projection.apply(batch, self.rows)
        self._witness.carry(entries, batch.leaves())

    def compare(self, views: Connection, partitions: Sequence[str], rest: Rest) -> tuple[int, list[Drift]]:
        """How many rows the views have of partitions, and where they differ from these."""
        found = self._compared(views, partitions, tables_of_partitions(), rest)
        names = {it.table for it in found if it.difference}
        differing = [table for table in tables_of_partitions() if table.name in names]
        drifts = [
            Drift(it.table, partition, f"{it.difference} ({_BOTH})")
            for partition in (partitions if differing else ())
            for it in self._compared(views, [partition], differing, rest)
            if it.difference
        ]
        known = {(drift.view, drift.partition) for drift in drifts}
        own = {it: self.numbers[it] for it in partitions if it in self.numbers}
        witnessed = self._witness.drifts(views, own, self._entry_at, rest)
        drifts += [drift for drift in witnessed if (drift.view, drift.partition) not in known]
        return sum(it.rows for it in found), drifts

    def _compared(
        self, views: Connection, partitions: Sequence[str], tables: Sequence[Table], rest: Rest
    ) -> list[ComparedTable]:
        numbers = [self.numbers[it] for it in partitions if it in self.numbers]
        return compare_partitions(views, self.rows, partitions, numbers, tables, rest)


def look(
    log: EventLog,
    views: Build,
    partitions: Sequence[str],
    projections: Sequence[Projection] = PROJECTIONS,
    rest: Rest = lambda: None,
    scratch: Engine | None = None,
) -> Looked:
    """Fold partitions anew, and compare what the views show of them. Raises what a database raises that has gone.

    ``scratch``: where they are folded, of ``open_scratch`` and empty before and after, for whoever looks again and again.
    """
    scratch = scratch or open_scratch()
    try:
        with Fold(log, projections, scratch) as fold:
            return _look(log, views, fold, partitions, projections, rest)
    except FoldError as failed:
        if len(partitions) == 1:
            return Looked(partitions, 0, [Drift(ALL_VIEWS, partitions[0], f"cannot be folded: {failed}")])
    apart = [look(log, views, [partition], projections, rest, scratch) for partition in partitions]
    return Looked(
        [it for looked in apart for it in looked.partitions],
        sum(looked.rows for looked in apart),
        [drift for looked in apart for drift in looked.drifts],
        next((looked.skipped for looked in apart if looked.skipped), None),
    )


def _look(
    log: EventLog,
    views: Build,
    fold: Fold,
    partitions: Sequence[str],
    projections: Sequence[Projection],
    rest: Rest,
) -> Looked:
    with views.snapshot() as snapshot:
        begun = snapshot.position
        partitions = [it for it in partitions if it not in snapshot.parked]
    fold.carry(partitions, begun, rest)
    with views.snapshot() as snapshot:
        if why := misfit(snapshot.connection, log, projections):
            return Looked((), 0, (), why)
        if any(now < then for (_, now), (_, then) in zip(snapshot.position.shards, begun.shards, strict=True)):
            return Looked((), 0, (), "other views are shown by now, which have not come as far")
        partitions = [it for it in partitions if it not in snapshot.parked]
        fold.carry(partitions, snapshot.position)
        return Looked(partitions, *fold.compare(snapshot.connection, partitions, rest))


def every_partition(log: EventLog) -> Iterator[str]:
    """All partitions of a log, those that begin meanwhile perhaps among them."""
    partition: str | None = ""
    while partition is not None:
        with log.snapshot() as connection:
            partition = next_partition(connection, partition)
        if partition is not None:
            yield partition


def sample(log: EventLog, count: int, chance: Random) -> list[str]:
    """So many partitions, or all where there are not many more; one of many entries is the likelier to be among them."""
    heads = log.heads()
    found: set[str] = set()
    for _ in range(count * 10):
        if len(found) == count or not any(heads):
            break
        (shard,) = chance.choices(range(len(heads)), heads)
        found.add(log.place_at(shard, chance.randint(1, heads[shard]))[0])
    return sorted(found)


def strays(log: EventLog, views: Build, known: Container[str]) -> list[Drift]:
    """Rows that belong to nothing in the log; ``known``: partitions that are in it."""
    with views.snapshot() as snapshot:
        numbers = set(snapshot.connection.execute(select(SESSIONS.c.number)).scalars())
        found = []
        for table in tables_of_partitions():
            column = table.c[owner_of(table)]
            owners = snapshot.connection.execute(select(column).distinct(), execution_options={"yield_per": 1_000})
            for owner in owners.scalars():
                if isinstance(owner, int):
                    is_stray, partition = owner not in numbers, f"of the number {owner}"
                else:
                    partition = thing.partition if (thing := parse_id(owner)) else owner
                    is_stray = not (partition in known or is_of_shard(owner) or log.head_of(partition).sequence)
                if is_stray:
                    found.append(Drift(table.name, partition, "there are rows of it, and nothing in the log"))
    return found
