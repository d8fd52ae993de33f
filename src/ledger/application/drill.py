"""The restore drill: a ledger is backed up, restored elsewhere, checked and built anew, and compared with the one that runs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Engine

from ledger.application.verify import verify
from ledger.log.backup import BackupError, Progress, back_up, copy_database
from ledger.log.database import open_sqlite
from ledger.log.eventlog import EventLog
from ledger.log.restore import restore
from ledger.projections.comparison import ComparedTable, compare
from ledger.projections.runner import Runner
from ledger.projections.views import Views

Watching = Callable[[str], AbstractContextManager[Progress]]
"""Begins a step by its name, and gives what to tell of its progress."""


class DrillFailedError(Exception):
    """The backup would not have become the ledger that it was taken of, and why."""


class Step(NamedTuple):
    """What was done, how long it took, and what came of it."""

    name: str
    seconds: float
    found: str


class Report(NamedTuple):
    """How a drill went. It went well where there is no fault."""

    steps: list[Step]
    tables: list[ComparedTable]
    fault: str | None


class Drill:
    """One drill on the files of a ledger, which others may be writing; whatever it makes is in ``scratch``."""

    def __init__(self, log: Path, views: Path, scratch: Path, clock: Callable[[], int], watching: Watching) -> None:
        self._log = log
        self._views = views
        self._scratch = scratch
        self._clock = clock
        self._watching = watching
        self._steps: list[Step] = []
        self._tables: list[ComparedTable] = []

    def run(self) -> Report:
        """Go through all steps, up to the first that fails."""
        fault = None
        try:
            with ExitStack() as closing:
                self._run(closing)
        except Exception as error:  # noqa: BLE001  # whatever keeps a backup from being restored is what a drill is to find
            known = isinstance(error, DrillFailedError | BackupError)
            fault = str(error) if known else f"{type(error).__name__}: {error}"
        return Report(self._steps, self._tables, fault)

    def _run(self, closing: ExitStack) -> None:
        live = self._copied_views(closing)
        restored = self._scratch / "ledger" / "log.sqlite"
        with self._step("back up") as (progress, found):
            manifest = back_up(self._log, self._scratch / "backup", self._clock(), progress=progress)
            found(f"{sum(manifest.heads)} entries, {manifest.bytes} bytes")
        with self._step("restore") as (progress, found):
            found(f"epoch {restore(self._scratch / 'backup', restored, self._clock(), progress=progress).epoch.name}")
        with self._step("verify") as (progress, found):
            found(f"{_verified(restored, progress)} entries, hashed anew")
        log = EventLog(writing=None, reading=_opened(closing, restored, writing=False), clock=self._clock)
        file = self._scratch / "ledger" / "views.sqlite"
        writing = _opened(closing, file, writing=True)
        reading = _opened(closing, file, writing=False)
        built = Views(writing=writing, reading=reading, log=log)
        closing.callback(built.close)
        runner = Runner(log, built)
        if live is not None:
            with self._step("build the views anew") as (progress, found):
                runner.catch_up(progress, live.checkpoints)
                found(f"up to {sum(live.checkpoints)} entries, as the live ones")
            with self._step("compare the views") as (_, found):
                self._compare(live, built)
                found(f"{len(self._tables)} tables, {sum(table.rows for table in self._tables)} rows, all the same")
        with self._step("build the rest") as (progress, found):
            behind = runner.lag()
            runner.catch_up(progress)
            found(f"{behind} entries")

    def _copied_views(self, closing: ExitStack) -> Views | None:
        """The live views as they stand now; None where there are none. Copied first, so that the backup has all they show."""
        with self._step("copy the live views") as (progress, found):
            if not self._views.exists():
                found("there are none yet")
                return None
            copy = self._scratch / "live-views.sqlite"
            copy_database(self._views, copy, progress)
            log = EventLog(writing=None, reading=_opened(closing, self._log, writing=False), clock=self._clock)
            views = Views(writing=None, reading=_opened(closing, copy, writing=False), log=log)
            if misfit := views.misfit():
                raise DrillFailedError(f"{misfit}; they are built anew when the ledger is next opened for writing")
            found(f"at {log.position()._replace(shards=tuple(enumerate(views.checkpoints)))}")
            return views

    def _compare(self, live: Views, built: Views) -> None:
        with live.snapshot() as of_live, built.snapshot() as of_built:
            self._tables += compare(of_live.connection, of_built.connection)
        for table in self._tables:
            if table.difference:
                raise DrillFailedError(
                    f"{table.table}: {table.difference} (these are the live views, those were built anew)"
                )

    @contextmanager
    def _step(self, name: str) -> Iterator[tuple[Progress, Callable[[str], None]]]:
        """One step of the drill: what to tell of its progress, and what to tell when it is done."""
        began = monotonic()
        found: list[str] = []
        try:
            with self._watching(name) as progress:
                yield progress, found.append
        except Exception:
            found.append("failed")
            raise
        finally:
            self._steps.append(Step(name, monotonic() - began, found[-1] if found else "stopped"))


def _opened(closing: ExitStack, file: Path, *, writing: bool) -> Engine:
    engine = open_sqlite(file, durability="NORMAL", writing=writing)
    closing.callback(engine.dispose)
    return engine


def _verified(log: Path, progress: Progress) -> int:
    """How many entries a log has. Raises DrillFailedError where anything in it is not as it was recorded."""
    verification = verify(log, progress=progress)
    if verification.faults:
        first, *more = verification.faults
        raise DrillFailedError(f"{first}" + (f", and {len(more)} more: see `ledger verify`" if more else ""))
    return verification.entries
