"""A ledger moved into another database: carried, compared session by session, built anew there, and compared view by view."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from time import monotonic, sleep
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine

from ledger.application.drill import Step, Watching
from ledger.application.ledger import Ledger
from ledger.log.backup import Progress
from ledger.log.copying import (
    Carrying,
    ComparedPartition,
    CopyError,
    begin_copy,
    carry_requests,
    compare_partitions,
    finish_copy,
)
from ledger.log.database import Opening
from ledger.log.eventlog import EventLog
from ledger.log.files import kept_files
from ledger.log.standing import shard_rows
from ledger.projections.comparison import ComparedTable, compare_moved
from ledger.projections.views import Views

_POLL_SECONDS: Final = 0.01


class From(NamedTuple):
    """The ledger that is copied, to look at."""

    log: Opening
    views: Opening


class To(NamedTuple):
    """Where it is copied to."""

    log: Callable[[], AbstractContextManager[Engine]]
    """Opens the log for this process alone."""
    ledger: Callable[[], AbstractContextManager[Ledger]]
    """Opens the ledger that it is once it is whole."""
    shards: int


class Report(NamedTuple):
    """How a copy went. It is whole, and the same, where it was made at all; views that were not compared are not told."""

    steps: list[Step]
    epoch: str
    entries: int
    partitions: int
    sha256: str
    """Of every session's Id and the root of its tree."""
    tables: list[ComparedTable]
    files: int
    """Stored files: facts that were carried, whose bytes lie beside the ledger and were not."""
    came_since: int
    """Entries that the other ledger has recorded since the copy was begun."""


class Copying:
    """One copy; called again after whatever ended it, it goes on."""

    def __init__(self, source: From, target: To, clock: Callable[[], int], watching: Watching) -> None:
        self._source = source
        self._target = target
        self._clock = clock
        self._watching = watching
        self._steps: list[Step] = []
        self._tables: list[ComparedTable] = []

    def run(self) -> Report:
        """Raises CopyError where the two are not the same in the end, or where nothing can be copied; what was carried stays."""
        source = self._source.log()
        try:
            with source.connect() as connection, connection.begin():
                heads = [row.position for row in shard_rows(connection)]
                files = sum(1 for _ in kept_files(connection))
                compared = self._carry(connection)
                with self._target.ledger() as ledger:
                    self._build(ledger)
                    self._compare_views(ledger, source, heads)
                    epoch = ledger.log.epoch
            with source.begin() as connection:
                came_since = sum(row.position for row in shard_rows(connection)) - sum(heads)
        finally:
            source.dispose()
        digest = sha256(b"".join(it.partition.encode() + it.root for it in compared)).hexdigest()
        entries = sum(it.entries for it in compared)
        return Report(self._steps, epoch, entries, len(compared), digest, self._tables, files, came_since)

    def _carry(self, source: Connection) -> list[ComparedPartition]:
        with self._target.log() as target:
            begin_copy(source, target, self._target.shards, self._clock())
            carrying = Carrying(source, target)
            with self._step("carry the entries") as (progress, found):
                was_there = carrying.done
                progress(was_there, carrying.total)
                for done in carrying.batches():
                    progress(done, carrying.total)
                found(f"{carrying.done - was_there} entries" + (f", {was_there} were there" if was_there else ""))
            with self._step("carry the answers under keys") as (_, found):
                found(f"{carry_requests(source, target)} answers")
            with self._step("compare the sessions") as (progress, found), target.begin() as connection:
                compared = _compared(compare_partitions(source, connection), carrying.total, progress)
                found(f"{len(compared)} sessions and other partitions, root by root, all the same")
            finish_copy(source, target, compared, self._clock())
        return compared

    def _build(self, ledger: Ledger) -> None:
        with self._step("build the views") as (progress, found):
            while ledger.runner.lag():
                if ledger.runner.halted:
                    raise CopyError(f"the copy is whole, but its views stand still: {ledger.runner.halted}")
                ledger.runner.catch_up(progress)
                sleep(_POLL_SECONDS)
            found("up to the log")

    def _compare_views(self, ledger: Ledger, source: Engine, heads: list[int]) -> None:
        with self._step("compare the views") as (_, found):
            reading = self._source.views()
            try:
                log = EventLog(writing=None, reading=source, clock=self._clock)
                theirs = Views(writing=None, reading=reading, log=log)
                with theirs.snapshot() as before, ledger.views.snapshot() as after:
                    if theirs.misfit() or [position for _, position in before.position.shards] != heads:
                        found("not compared: those of the other ledger show another moment of it")
                        return
                    self._tables += compare_moved(before.connection, after.connection)
            finally:
                reading.dispose()
            for table in self._tables:
                if table.difference:
                    raise CopyError(
                        f"{table.table}: {table.difference} (these are the other ledger's, those the copy's)"
                    )
            found(f"{len(self._tables)} tables, {sum(table.rows for table in self._tables)} rows, all the same")

    @contextmanager
    def _step(self, name: str) -> Iterator[tuple[Progress, Callable[[str], None]]]:
        """One step: what to tell of its progress, and what to tell when it is done."""
        began = monotonic()
        found: list[str] = []
        with self._watching(name) as progress:
            yield progress, found.append
        self._steps.append(Step(name, monotonic() - began, found[-1]))


def _compared(found: Iterator[ComparedPartition], total: int, progress: Progress) -> list[ComparedPartition]:
    compared: list[ComparedPartition] = []
    done = 0
    for partition in found:
        if not partition.is_same:
            raise CopyError(f"session {partition.partition}: is another in the copy")
        compared.append(partition)
        done += partition.entries
        progress(done, total)
    return compared
