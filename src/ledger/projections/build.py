"""One build of all views: their database, the checkpoint they share, and their replacement when it does not fit the log."""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Final, NamedTuple

from eventsourcing.persistence import Tracking
from sqlalchemy import Connection, Engine, insert, select

from ledger.domain.entries import Entry
from ledger.log import garbage
from ledger.log.asking import Asking
from ledger.log.database import hold_tables, make_tables
from ledger.log.eventlog import EventLog
from ledger.log.positions import Position
from ledger.log.sole import SoleConnection
from ledger.projections import parked, tracking
from ledger.projections.checkpoints import stored_checkpoints
from ledger.projections.drift import DRIFTS, Drift, list_drifts, note_drifts
from ledger.projections.parked import HALTS, PARKED, ParkedEntry, PoisonedEntry, error_of, parked_partitions
from ledger.projections.projection import METADATA, Batch, Place, Projection
from ledger.projections.sessions import numbers_of
from ledger.projections.tracking import CHECKPOINTS, ViewTracking, application_of
from ledger.projections.versions import OTHER_VERSION, misfit, write_versions

ENTRIES_READ_MAX: Final = 2_000
"""How many entries a process holds in memory for its views, some 2 KB each; a transaction may have several times as many."""
NUMBERS_KEPT_MAX: Final = 10_000


class Snapshot(NamedTuple):
    """The views as they stood at one position, for as long as the snapshot is open."""

    connection: Connection
    position: Position
    parked: frozenset[str]
    """The sessions that they show without what is parked of them."""


class Build:
    """One database of views. Everything in it can be built anew from the log, and is where it does not fit it."""

    def __init__(
        self, *, writing: Engine | None, reading: Engine, log: EventLog, projections: Sequence[Projection]
    ) -> None:
        self._moving = RLock()
        """Held while this build is brought further, and while another takes its place."""
        self.is_outdated = False
        """Whether they are of another version: they are shown as they are until others are built, and brought no further."""
        self._writing = writing
        self._reading = reading
        self._glancing = SoleConnection(reading, writing=False)
        self._asking = Asking(reading)
        self._log = log
        self._projections = projections
        self._known_numbers: dict[str, int] = {}
        self._halts: Mapping[int, PoisonedEntry] = {}
        self.discarded: str | None = None
        """Why the views that were found at opening had to be built anew, if they were."""
        if writing is not None:
            self.tracking = ViewTracking(writing)
            self._prepare(writing)
            self._sole = SoleConnection(writing)
        self.checkpoints = [0] * log.shard_count
        """How far the views have come in each shard, as this process knows."""
        self.refresh()

    def _keeps_outdated(self) -> bool:
        """Whether views of another version stay, since others can be built beside them."""
        return False

    def _follow(self) -> None:
        """Look whether another build is shown by now."""

    @property
    def is_built_here(self) -> bool:
        """Whether this process builds them, and does not only look at what another builds."""
        return self._writing is not None

    def advance(self, shard: int, entries_max: int) -> int:
        """Carry so many of the entries that follow a shard's checkpoint into all views: rows and checkpoint, or neither.

        Answers how many there were; none where another process is about it, which keeps the shard's row locked meanwhile.
        """
        assert self._writing is not None, "these views are only read"
        with self._moving:
            with garbage.paused(), self._sole.transaction() as connection:
                begun = self._claim(shard, connection)
                if begun is None:
                    return 0
                position, wanted, carried = begun, 0, 0
                while carried == wanted and (wanted := min(ENTRIES_READ_MAX, begun + entries_max - position)):
                    carried = self._carry_next(shard, position, wanted, connection)
                    position += carried
            self.checkpoints[shard] = position
        return position - begun

    def settle(self) -> None:
        """Use a moment in which there is nothing to carry for what else would hold up a commit."""
        self._sole.settle()

    def _carry_next(self, shard: int, position: int, entries_max: int, connection: Connection) -> int:
        """Take the entries that follow a position into all views; how many there were."""
        entries, leaves = self._log.read_with_leaves(shard, position, entries_max)
        if entries:
            self._apply(shard, position + 1, entries, leaves, connection)
        return len(entries)

    def _claim(self, shard: int, connection: Connection) -> int | None:
        if (position := self.tracking.claim(connection, application_of(shard))) is not None:
            self.checkpoints[shard] = position
        return position

    def _apply(
        self, shard: int, first: int, entries: Sequence[Entry], leaves: Sequence[bytes], connection: Connection
    ) -> None:
        places = [(entry.partition, entry.sequence) for entry in entries]
        aside = parked_partitions(connection, shard)
        positions = None
        if aside:
            behind = [(at, *place) for at, place in enumerate(places, first) if place[0] in aside]
            parked.park_behind(connection, shard, behind, self._log.clock())
            positions = [at for at, entry in enumerate(entries, first) if entry.partition not in aside]
            entries = [entry for entry in entries if entry.partition not in aside]
        numbers = self._numbers(shard, first, places, aside, connection)
        batch = Batch(
            entries, numbers, shard=shard, first=first, log=self._log, places=places, leaves=leaves, positions=positions
        )
        self._carry(batch, connection)

    def _carry(self, batch: Batch, connection: Connection) -> None:
        """Take a batch into all views, and the shard's checkpoint past it."""
        reached = Tracking(application_of(batch.shard), batch.first + len(batch.places) - 1)
        for projection in self._projections:
            if batch.concerns(projection.events):
                projection.apply(batch, connection)
        self.tracking.advance(connection, reached, self._log.epoch, batch.leaves()[-1])

    def park(self, shard: int, failure: Exception) -> int:
        """Set aside the entry that follows a shard's checkpoint, which cannot be applied, and go past it; its failure is kept.

        Answers 1; 0 where another process has taken the shard further meanwhile.
        """
        poisoned = self._poisoned(shard, failure)
        with self._moving, self._sole.transaction() as connection:
            if self._claim(shard, connection) != poisoned.position - 1:
                return 0
            parked.park(connection, poisoned, self._log.clock())
            place = (poisoned.partition, poisoned.sequence)
            self._carry(Batch([], {}, shard=shard, first=poisoned.position, log=self._log, places=[place]), connection)
        self.checkpoints[shard] = poisoned.position
        return 1

    def halt(self, shard: int, failure: Exception) -> None:
        """Write down that a shard stands still at the entry that follows its checkpoint, for every process to see."""
        poisoned = self._poisoned(shard, failure)
        self._halts = {**self._halts, shard: poisoned}
        with self._sole.transaction() as connection:
            parked.halt(connection, poisoned)

    def _poisoned(self, shard: int, failure: Exception) -> PoisonedEntry:
        position = self.checkpoints[shard] + 1
        return PoisonedEntry(shard, position, *self._log.place_at(shard, position), error_of(failure))

    @property
    def halts(self) -> Mapping[int, PoisonedEntry]:
        """Where the views of a shard stand still, as this process knows."""
        return {shard: at for shard, at in self._halts.items() if self.checkpoints[shard] == at.position - 1}

    def replay(self, partition: str, entries_max: int) -> int | None:
        """Take up to so many of a partition's parked entries into all views, in their order: rows and list, or neither.

        Answers how many; None where another process is about the shard, and it is to be tried again.
        """
        shard = self._log.shard_of(partition)
        with self._moving, self._sole.transaction() as connection:
            if self._claim(shard, connection) is None:
                return None
            if waiting := parked.parked_entries(connection, shard, partition, entries_max):
                self._replay(shard, partition, waiting, connection)
        return len(waiting)

    def _replay(self, shard: int, partition: str, waiting: Sequence[ParkedEntry], connection: Connection) -> None:
        first, last = waiting[0], waiting[-1]
        entries = self._log.read_stream(partition, after=first.sequence - 1, up_to=last.sequence)
        begun = {partition: first.position * self._log.shard_count + shard}
        numbers = begun | numbers_of(connection, begun)
        positions = [it.position for it in waiting]
        batch = Batch(
            entries, numbers, shard=shard, first=first.position, log=self._log, places=(), positions=positions
        )
        for projection in self._projections:
            projection.apply(batch, connection)
        parked.take_out(connection, shard, partition, last.sequence)

    def count_parked(self) -> int:
        """How many entries are parked."""
        with self._reading.begin() as connection:
            return parked.count_parked(connection)

    def list_drifts(self) -> list[Drift]:
        """Where these views were found to show something else than the log comes to."""
        with self._reading.begin() as connection:
            return list_drifts(connection)

    def note_drifts(self, partitions: Sequence[str], drifts: Sequence[Drift]) -> None:
        """Keep what was found of partitions, for every process to see, in the place of what was known of them."""
        with self._sole.transaction() as connection:
            note_drifts(connection, partitions, drifts, self._log.clock())

    def name_poison(self, partition: str, failure: Exception) -> str:
        """Say why the first of a partition's parked entries cannot be applied now, and answer it."""
        shard = self._log.shard_of(partition)
        with self._sole.transaction() as connection:
            (first,) = parked.parked_entries(connection, shard, partition, 1)
            poisoned = PoisonedEntry(shard, first.position, partition, first.sequence, error_of(failure))
            parked.name_poison(connection, poisoned)
        return str(poisoned)

    def close(self) -> None:
        """Let go of the database; the last to do so leaves it in one file."""
        if self._writing is not None:
            self._sole.close()
        kept, self._glancing = self._glancing, SoleConnection(self._reading, writing=False)
        kept.close()

    @contextmanager
    def snapshot(self, *, at_a_glance: bool = False) -> Iterator[Snapshot]:
        """One coherent state of all views, with the position it shows.

        ``at_a_glance``: by a connection that is kept for it, one caller at a time; to get one costs as much as a small answer.
        """
        self._follow()
        kept = self._glancing
        with kept.transaction() if at_a_glance else self._reading.begin() as connection:
            stored = stored_checkpoints(connection, self._log.shard_count)
            aside = parked_partitions(connection) if stored.is_any_parked else frozenset[str]()
            yield Snapshot(connection, Position(self._log.epoch, tuple(enumerate(stored.positions))), aside)
        if at_a_glance and kept is not self._glancing:  # it was let go of as this began: nobody else will
            kept.close()

    def has_reached(self, shard: int, position: int) -> bool:
        """Whether the views show everything up to a position; asks the database where other processes build them, too."""
        if not self._log.is_alone and self.checkpoints[shard] < position:
            self.refresh()
        return self.checkpoints[shard] >= position

    def refresh(self) -> None:
        """Learn how far other processes have brought the views, and where they stand still."""
        self._follow()
        with self._asking.connection() as connection:
            stored = stored_checkpoints(connection, self._log.shard_count)
            self.checkpoints = stored.positions
            self._halts = parked.halts_at(connection, self.checkpoints) if stored.is_any_halted else {}

    def _numbers(
        self, shard: int, first: int, places: Sequence[Place], aside: Container[str], connection: Connection
    ) -> dict[str, int]:
        """The numbers of all sessions that a batch speaks of; one that begins in it is numbered by where it does."""
        known = self._known_numbers
        if len(known) > NUMBERS_KEPT_MAX:
            known.clear()
        begun: dict[str, int] = {}
        for position, (partition, _) in enumerate(places, first):
            if partition not in known and partition not in begun and partition not in aside:
                begun[partition] = position * self._log.shard_count + shard
        if begun:
            known |= begun | numbers_of(connection, begun)
        return known

    def _prepare(self, writing: Engine) -> None:
        with writing.begin() as connection:
            hold_tables(connection)
            make_tables(connection, tracking.METADATA)
            make_tables(connection, METADATA)
            self.discarded = misfit(connection, self._log, self._projections)
            if self.discarded == OTHER_VERSION and self._keeps_outdated():
                self.discarded, self.is_outdated = None, True
                return
            if self.discarded:
                METADATA.drop_all(connection)
                make_tables(connection, METADATA)
                for table in (CHECKPOINTS, PARKED, HALTS, DRIFTS):
                    connection.execute(table.delete())
            write_versions(connection, self._projections)
            known = set(connection.execute(select(CHECKPOINTS.c.application)).scalars())
            # A row to claim, before there is anything to say in it.
            if missing := {application_of(shard) for shard in range(self._log.shard_count)} - known:
                connection.execute(insert(CHECKPOINTS), [{"application": it, "position": 0} for it in sorted(missing)])

    def misfit(self) -> str | None:
        """Why the stored views are not views of this log by this code; None where they are, or where there are none yet."""
        with self._reading.begin() as connection:
            return misfit(connection, self._log, self._projections)
