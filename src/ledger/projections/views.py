"""All views of one ledger: the build that is shown, and the step to another."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from sqlalchemy import Connection, Engine, inspect, select

from ledger.log.database import retire
from ledger.log.eventlog import EventLog
from ledger.projections.activity import ActivityProjection
from ledger.projections.assets import AssetsProjection
from ledger.projections.build import Build, Snapshot
from ledger.projections.cameras import CamerasProjection
from ledger.projections.captures import CapturesProjection
from ledger.projections.director import DirectorEventsProjection
from ledger.projections.images import ImagesProjection
from ledger.projections.jobs import JobsProjection
from ledger.projections.music import MusicMomentsProjection
from ledger.projections.projection import Projection
from ledger.projections.recordings import RecordingsProjection
from ledger.projections.sessions import SessionsProjection
from ledger.projections.shelf import FIRST, Shelf
from ledger.projections.stills import StillsProjection
from ledger.projections.tracking import CHECKPOINTS, application_of
from ledger.projections.trees import TreesProjection
from ledger.projections.versions import OTHER_VERSION, VERSIONS, can_be_asked, misfit
from ledger.projections.videos import VideosProjection

PROJECTIONS: Final[tuple[Projection, ...]] = (
    SessionsProjection(),
    CamerasProjection(),
    DirectorEventsProjection(),
    StillsProjection(),
    MusicMomentsProjection(),
    AssetsProjection(),
    CapturesProjection(),
    ActivityProjection(),
    JobsProjection(),
    ImagesProjection(),
    VideosProjection(),
    RecordingsProjection(),
    TreesProjection(),
)
__all__ = ["PROJECTIONS", "Snapshot", "Views"]

FOLLOW_SECONDS: Final = 0.02
"""How long another process's switch to another build may go unnoticed."""
Listener = Callable[[], None]
_OF_A_BUILD: Final = (
    "number",
    "is_outdated",
    "_writing",
    "_reading",
    "_glancing",
    "_asking",
    "_sole",
    "tracking",
    "checkpoints",
    "_known_numbers",
    "_halts",
)
"""What is of one build, and goes over to whoever shows another."""


@contextmanager
def _looking(shelf: Shelf, number: int) -> Iterator[Connection]:
    engine = shelf.open(number, writing=False)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


class Views(Build):
    """What every question is asked of: one build of the views, and after a switch another."""

    def __init__(
        self,
        *,
        writing: Engine | None,
        reading: Engine,
        log: EventLog,
        projections: Sequence[Projection] = PROJECTIONS,
        shelf: Shelf | None = None,
        number: int = FIRST,
    ) -> None:
        """``shelf``: where other builds stand beside this one, of that ``number``, if there can be others."""
        self._shelf = shelf
        self.number = number
        self._unfit: set[int] = set()
        self.follows = False
        """Whether it is the shown build that is wanted, and not this one beside it."""
        self._look_again_at = 0.0
        self._listeners: list[Listener] = []
        super().__init__(writing=writing, reading=reading, log=log, projections=projections)
        if self.is_built_here and reading.dialect.name == "sqlite":
            self._glancing.open()  # an event loop must not wait for it

    @classmethod
    def open(
        cls,
        shelf: Shelf,
        number: int,
        log: EventLog,
        projections: Sequence[Projection] = PROJECTIONS,
        *,
        writing: bool = True,
        follows: bool = False,
    ) -> "Views":
        """A build on the shelf; with ``follows`` whichever is shown, wherever another process has another shown."""
        own = shelf.open(number, writing=True) if writing else None
        reading = shelf.open(number, writing=False)
        views = cls(writing=own, reading=reading, log=log, projections=projections, shelf=shelf, number=number)
        views.follows = follows
        return views

    @classmethod
    def open_shown(
        cls, shelf: Shelf, log: EventLog, projections: Sequence[Projection] = PROJECTIONS, *, writing: bool
    ) -> "Views":
        """The build that is shown; where this code could not even ask it, because its tables are others, a new one at once."""
        number = shelf.shown()
        if writing and cls._is_beyond_us(shelf, number, log, projections):
            number = max(shelf.numbers()) + 1
            shelf.show(number)
        return cls.open(shelf, number, log, projections, writing=writing, follows=True)

    @classmethod
    def _is_beyond_us(cls, shelf: Shelf, number: int, log: EventLog, projections: Sequence[Projection]) -> bool:
        if number not in shelf.numbers():
            return False
        with _looking(shelf, number) as connection:
            if not inspect(connection).has_table(VERSIONS.name):
                return False
            is_other = misfit(connection, log, projections) == OTHER_VERSION
            return is_other and not can_be_asked(connection, projections)

    @classmethod
    def fit(cls, shelf: Shelf, number: int, log: EventLog, projections: Sequence[Projection] = PROJECTIONS) -> bool:
        """Whether a build on the shelf is of this log and this version."""
        with _looking(shelf, number) as connection:
            is_one = inspect(connection).has_table(VERSIONS.name) and can_be_asked(connection, projections)
            return is_one and misfit(connection, log, projections) is None

    def on_switched(self, listener: Listener) -> None:
        """Call ``listener`` when another build is shown than before, or ``tell_switched`` is called; it must not block."""
        self._listeners.append(listener)

    def tell_switched(self) -> None:
        """All that is shown may be different from what it was, at the same checkpoint."""
        for listener in self._listeners:
            listener()

    def switch_with(self, other: "Views") -> None:
        """Show what another build shows from here on, and let the other have this one. What is being read is read to its end."""
        with self._moving:
            for name in _OF_A_BUILD:
                ours, theirs = getattr(self, name), getattr(other, name)
                setattr(self, name, theirs)
                setattr(other, name, ours)
        self.tell_switched()

    @contextmanager
    def held(self) -> Iterator[list[int]]:
        """Nobody, in any process, brings these views further meanwhile; where they are."""
        with self._moving, self._sole.transaction() as connection:
            rows = connection.execute(select(CHECKPOINTS.c.application, CHECKPOINTS.c.position).with_for_update())
            known: dict[str, int] = {row[0]: row[1] for row in rows}
            self.checkpoints = [known.get(application_of(shard), 0) for shard in range(self._log.shard_count)]
            yield list(self.checkpoints)

    def _follow(self) -> None:
        """Where another process has another build shown, and it is one of this version, show that here as well."""
        if self._shelf is None or not self.follows or self._log.is_alone or monotonic() < self._look_again_at:
            return
        self._look_again_at = monotonic() + FOLLOW_SECONDS
        number = self._shelf.shown()
        if number == self.number or number in self._unfit:
            return
        with self._moving:
            if not self.fit(self._shelf, number, self._log, self._projections):
                self._unfit.add(number)
            elif number != self.number:
                other = Views.open(self._shelf, number, self._log, self._projections, writing=self._writing is not None)
                self.switch_with(other)
                other.close()

    def _keeps_outdated(self) -> bool:
        return self._shelf is not None

    def close(self) -> None:
        super().close()
        if self._shelf is not None:
            for engine in (self._writing, self._reading):
                if engine is not None:
                    retire(engine)
