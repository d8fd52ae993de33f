"""All views of one ledger: their database, the checkpoint they share, and their replacement when it does not fit the log."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from eventsourcing.persistence import Tracking
from sqlalchemy import Column, Connection, Engine, Integer, Table, Text, insert, select

from ledger.domain.entries import Entry
from ledger.log.database import SoleConnection, hold_tables
from ledger.log.direct import Direct
from ledger.log.eventlog import EventLog
from ledger.log.positions import Position
from ledger.projections import tracking
from ledger.projections.assets import AssetsProjection
from ledger.projections.cameras import CamerasProjection
from ledger.projections.director import DirectorEventsProjection
from ledger.projections.music import MusicMomentsProjection
from ledger.projections.projection import METADATA, Batch, Projection
from ledger.projections.sessions import SessionsProjection, numbers_of
from ledger.projections.stills import StillsProjection
from ledger.projections.tracking import CHECKPOINTS, ViewTracking, application_of
from ledger.projections.trees import TreesProjection

PROJECTIONS: Final[tuple[Projection, ...]] = (
    SessionsProjection(),
    CamerasProjection(),
    DirectorEventsProjection(),
    StillsProjection(),
    MusicMomentsProjection(),
    AssetsProjection(),
    TreesProjection(),
)
_CHECKPOINTS: Final = Direct(select(CHECKPOINTS.c.application, CHECKPOINTS.c.position))
NUMBERS_KEPT_MAX: Final = 10_000
VERSIONS: Final = Table(
    "view_versions",
    tracking.METADATA,
    Column("name", Text, primary_key=True),
    Column("version", Integer, nullable=False),
)


class Snapshot(NamedTuple):
    """The views as they stood at one position, for as long as the snapshot is open."""

    connection: Connection
    position: Position


class Views:
    """The views' database. Everything in it can be built anew from the log, and is where it does not fit it."""

    def __init__(
        self,
        *,
        writing: Engine | None,
        reading: Engine,
        log: EventLog,
        projections: Sequence[Projection] = PROJECTIONS,
    ) -> None:
        self._writing = writing
        self._reading = reading
        self._log = log
        self._projections = projections
        self._known_numbers: dict[str, int] = {}
        self.discarded: str | None = None
        """Why the views that were found at opening had to be built anew, if they were."""
        if writing is not None:
            self.tracking = ViewTracking(writing)
            self._prepare(writing)
            self._sole = SoleConnection(writing)
        self.checkpoints = [0] * log.shard_count
        """How far the views have come in each shard, as this process knows."""
        self.refresh()

    @property
    def is_built_here(self) -> bool:
        """Whether this process builds them, and does not only look at what another builds."""
        return self._writing is not None

    def advance(self, shard: int, entries_max: int) -> int:
        """Carry so many of the entries that follow a shard's checkpoint into all views: rows and checkpoint, or neither.

        Answers how many there were; none where another process is about it, which keeps the shard's row locked meanwhile.
        """
        assert self._writing is not None, "these views are only read"
        with self._sole.transaction() as connection:
            position = self.tracking.claim(connection, application_of(shard))
            if position is None:
                return 0
            entries = self._log.read(shard, position, entries_max)
            if entries:
                self._apply(shard, position + 1, entries, connection)
        self.checkpoints[shard] = position + len(entries)
        return len(entries)

    def _apply(self, shard: int, first: int, entries: Sequence[Entry], connection: Connection) -> None:
        last = first + len(entries) - 1
        leaf = self._log.leaf_at(shard, last)
        assert leaf is not None, f"position {last} of shard {shard} was read"
        numbers = self._numbers(shard, first, entries, connection)
        batch = Batch(entries, numbers, shard=shard, first=first, log=self._log)
        for projection in self._projections:
            projection.apply(batch, connection)
        self.tracking.advance(connection, Tracking(application_of(shard), last), self._log.epoch, leaf)

    def close(self) -> None:
        """Let go of the database; the last to do so leaves it in one file."""
        if self._writing is not None:
            self._sole.close()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """One coherent state of all views, with the position it shows."""
        with self._reading.begin() as connection:
            shards = tuple(enumerate(self._stored_checkpoints(connection)))
            yield Snapshot(connection, Position(self._log.epoch, shards))

    def has_reached(self, shard: int, position: int) -> bool:
        """Whether the views show everything up to a position; asks the database where other processes build them, too."""
        if not self._log.is_alone and self.checkpoints[shard] < position:
            self.refresh()
        return self.checkpoints[shard] >= position

    def refresh(self) -> None:
        """Learn how far other processes have brought the views."""
        with self._reading.begin() as connection:
            self.checkpoints = self._stored_checkpoints(connection)

    def _numbers(self, shard: int, first: int, entries: Sequence[Entry], connection: Connection) -> dict[str, int]:
        """The numbers of all sessions that a batch speaks of; one that begins in it is numbered by where it does."""
        known = self._known_numbers
        if len(known) > NUMBERS_KEPT_MAX:
            known.clear()
        begun: dict[str, int] = {}
        for position, entry in enumerate(entries, first):
            if entry.partition not in known and entry.partition not in begun:
                begun[entry.partition] = position * self._log.shard_count + shard
        if begun:
            known |= begun | numbers_of(connection, begun)
        return known

    def _stored_checkpoints(self, connection: Connection) -> list[int]:
        known = dict(_CHECKPOINTS.rows(connection))
        return [known.get(application_of(shard), 0) for shard in range(self._log.shard_count)]

    def _prepare(self, writing: Engine) -> None:
        with writing.begin() as connection:
            hold_tables(connection)
            tracking.METADATA.create_all(connection)
            METADATA.create_all(connection)
            self.discarded = self._misfit(connection)
            if self.discarded:
                METADATA.drop_all(connection)
                METADATA.create_all(connection)
                connection.execute(CHECKPOINTS.delete())
            connection.execute(VERSIONS.delete())
            connection.execute(insert(VERSIONS), [{"name": p.name, "version": p.version} for p in self._projections])
            known = set(connection.execute(select(CHECKPOINTS.c.application)).scalars())
            missing = {application_of(shard) for shard in range(self._log.shard_count)} - known
            if missing:  # a row to claim, before there is anything to say in it
                rows = [{"application": application, "position": 0} for application in sorted(missing)]
                connection.execute(insert(CHECKPOINTS), rows)

    def misfit(self) -> str | None:
        """Why the stored views are not views of this log by this code; None where they are, or where there are none yet."""
        with self._reading.begin() as connection:
            return self._misfit(connection)

    def _misfit(self, connection: Connection) -> str | None:
        checkpoints = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.position > 0)).all()
        versions = {row[0]: row[1] for row in connection.execute(select(VERSIONS.c.name, VERSIONS.c.version))}
        if not checkpoints:
            return None
        if versions != {projection.name: projection.version for projection in self._projections}:
            return "the views are of another version"
        shards = {application_of(shard): shard for shard in range(self._log.shard_count)}
        for application, position, epoch, leaf in checkpoints:
            if epoch != self._log.epoch:
                return "the views are of another epoch of the log"
            if application not in shards or self._log.leaf_at(shards[application], position) != leaf:
                return "the views were built from other events than the log holds"
        return None
