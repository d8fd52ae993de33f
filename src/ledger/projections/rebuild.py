"""A new build of the views beside the one that is shown, and the step from the one to the other.

The one that is shown goes on serving, and being built, until the other has come as far; then, while neither moves, the other is
shown in its place. What was shown before stays as it is, so that going back to it is the same step.
"""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from threading import Event, Lock, Thread
from typing import Final, Literal, NamedTuple

from ledger.log.eventlog import EventLog
from ledger.projections.build import ENTRIES_READ_MAX
from ledger.projections.comparison import ComparedTable, compare
from ledger.projections.parked import error_of
from ledger.projections.projection import Projection
from ledger.projections.runner import Runner
from ledger.projections.shelf import Shelf
from ledger.projections.views import PROJECTIONS, Views

State = Literal["building", "comparing", "done", "failed"]
_logger = logging.getLogger(__name__)
_IDLE: Final = "no other build of the views is there that this version could show"


class RebuildStanding(NamedTuple):
    """How far a rebuild has come."""

    state: State
    number: int
    done: int = 0
    total: int = 0
    """Entries that the build has taken up, of those that it needs to be shown."""
    error: str | None = None
    tables: Sequence[ComparedTable] = ()
    """What was shown (``these``) beside what is (``those``), at the position of the switch."""


class CannotRebuildError(Exception):
    """There is a rebuild under way, or nothing to go back to."""


class _StoppedError(Exception):
    """This process is to end."""


class Rebuilding:
    """The rebuilds of one process, one at a time."""

    def __init__(
        self,
        shelf: Shelf,
        log: EventLog,
        views: Views,
        runner: Runner,
        projections: Sequence[Projection] = PROJECTIONS,
    ) -> None:
        self._shelf = shelf
        self._log = log
        self._views = views
        self._runner = runner
        self._projections = projections
        self._lock = Lock()
        self._stopping = Event()
        self._thread: Thread | None = None
        self.standing: RebuildStanding | None = None
        """Of the one that is under way, or was last; None where there was none."""

    def begin(self, *, back: bool = False) -> None:
        """Have new views built, or with ``back`` those brought up that were shown before. Raises CannotRebuildError."""
        with self._lock:
            if self.is_under_way:
                raise CannotRebuildError("the views are being rebuilt already; `ledger status` tells how far that is")
            number = self._fitting() if back else self._next()
            if number is None:
                raise CannotRebuildError(_IDLE)
            self._start(number)

    def resume(self) -> None:
        """Where views of another version are shown: build those of this one, or bring up such as are there."""
        if self._views.is_outdated:
            with self._lock:
                self._start(self._fitting() or self._next())

    @property
    def is_under_way(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def wait(self, seconds_max: float | None = None) -> None:
        """Until the rebuild under way has ended."""
        if self._thread is not None:
            self._thread.join(seconds_max)

    def stop(self) -> None:
        """Give up what is under way; its build can be gone on with."""
        self._stopping.set()
        self.wait()

    def _start(self, number: int) -> None:
        self.standing = RebuildStanding("building", number)
        self._thread = Thread(target=self._run, args=(number,), name="rebuild", daemon=True)
        self._thread.start()

    def _next(self) -> int:
        return max(self._shelf.numbers(), default=self._views.number) + 1

    def _fitting(self) -> int | None:
        """The newest build beside the one that is shown that is of this version and of this log."""
        for number in sorted(self._shelf.numbers(), reverse=True):
            if number != self._views.number and self._fits(number):
                return number
        return None

    def _fits(self, number: int) -> bool:
        return Views.fit(self._shelf, number, self._log, self._projections)

    def _run(self, number: int) -> None:
        assert self.standing is not None
        try:
            tables = self._build(number)
            self.standing = self.standing._replace(state="done", tables=tables)
        except _StoppedError:
            self.standing = self.standing._replace(state="failed", error="the process ended")
        except Exception as error:
            # What is shown goes on being shown; whoever asked for another is told why it is not.
            _logger.exception("the views cannot be rebuilt")
            self.standing = self.standing._replace(state="failed", error=error_of(error))

    def _build(self, number: int) -> list[ComparedTable]:
        with ExitStack() as closing:
            building = Views.open(self._shelf, number, self._log, self._projections)
            closing.callback(building.close)
            builder = Runner(self._log, building, is_parking=self._runner.is_parking)
            while self._behind(building) > ENTRIES_READ_MAX:
                builder.catch_up(self._tell, up_to=list(self._views.checkpoints))
            with self._runner.resting(), self._views.held() as checkpoints:
                builder.catch_up(self._tell, up_to=checkpoints)
                before = closing.enter_context(self._views.snapshot())
                after = closing.enter_context(building.snapshot())
                self._shelf.show(number)
                self._views.switch_with(building)
            assert self.standing is not None
            self.standing = self.standing._replace(state="comparing")
            tables = compare(before.connection, after.connection)
        self._clear({number, building.number})
        return tables

    def _behind(self, building: Views) -> int:
        return sum(self._views.checkpoints) - sum(building.checkpoints)

    def _tell(self, _done: int, _total: int) -> None:
        if self._stopping.is_set():
            raise _StoppedError
        assert self.standing is not None
        total = sum(self._views.checkpoints)
        self.standing = self.standing._replace(done=total - max(0, _total - _done), total=total)

    def _clear(self, kept: set[int]) -> None:
        """Remove older builds of this version; what another version built, another process may be showing."""
        for number in self._shelf.numbers():
            if number not in kept and (self._log.is_alone or self._fits(number)):
                self._shelf.remove(number)
