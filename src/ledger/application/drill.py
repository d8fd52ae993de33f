"""The restore drill: a ledger is backed up, restored elsewhere, checked and built anew, and compared with the one that runs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from ledger.application.kept_files import missing_files
from ledger.application.verify import verify
from ledger.log.backup import BackupError, Progress, back_up, copy_database
from ledger.log.database import Opening, open_sqlite
from ledger.log.eventlog import EventLog
from ledger.log.restore import restore
from ledger.projections.comparison import ComparedTable, compare
from ledger.projections.runner import Runner
from ledger.projections.views import Snapshot, Views
from ledger.storage.store import FileStore

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


class Restored(NamedTuple):
    """The restored log, and the place of views that are built anew, to be opened."""

    log: Path | Opening
    log_reading: Callable[[], Engine]
    views: Callable[[bool], Engine]
    """To write, or to read."""


class Drill:
    """One drill on a ledger which others may be writing; whatever it makes is gone, or in a folder for it, in the end."""

    def __init__(self, clock: Callable[[], int], watching: Watching) -> None:
        self._clock = clock
        self._watching = watching
        self._steps: list[Step] = []
        self._tables: list[ComparedTable] = []

    def _live_views(self, closing: ExitStack, progress: Progress) -> Snapshot | None:
        """The live views as they stand now; None where there are none. Taken first, so that the backup has all they show."""
        raise NotImplementedError

    def _back_up(self, progress: Progress) -> str:
        """What the backup came to."""
        raise NotImplementedError

    def _restore(self, closing: ExitStack, progress: Progress) -> tuple[Restored, str]:
        """What was restored, and its epoch."""
        raise NotImplementedError

    def run(self, store: FileStore | None = None) -> Report:
        """Go through all steps, up to the first that fails. ``store`` is where the bytes of stored files are looked for."""
        fault = None
        try:
            with ExitStack() as closing:
                self._run(closing, store)
        except Exception as error:  # noqa: BLE001  # whatever keeps a backup from being restored is what a drill is to find
            known = isinstance(error, DrillFailedError | BackupError)
            fault = str(error) if known else f"{type(error).__name__}: {error}"
        return Report(self._steps, self._tables, fault)

    def _run(self, closing: ExitStack, store: FileStore | None) -> None:
        with self._step("copy the live views") as (progress, found):
            live = self._live_views(closing, progress)
            found(f"at {live.position}" if live else "there are none yet")
        with self._step("back up") as (progress, found):
            found(self._back_up(progress))
        with self._step("restore") as (progress, found):
            restored, epoch = self._restore(closing, progress)
            found(f"epoch {epoch}")
        with self._step("verify") as (progress, found):
            found(f"{_verified(restored.log, progress)} entries, hashed anew")
        engines = [restored.log_reading(), restored.views(True), restored.views(False)]
        for engine in engines:
            closing.callback(engine.dispose)
        if store is not None:
            with self._step("look for the files") as (_, found), engines[0].begin() as connection:
                found(f"{_all_there(connection, store)} files, all there; `ledger verify --files` hashes them")
        log = EventLog(writing=None, reading=engines[0], clock=self._clock)
        built = Views(writing=engines[1], reading=engines[2], log=log)
        closing.callback(built.close)
        runner = Runner(log, built)
        if live is not None:
            with self._step("build the views anew") as (progress, found):
                shown = [position for _, position in live.position.shards]
                runner.catch_up(progress, shown)
                found(f"up to {sum(shown)} entries, as the live ones")
            with self._step("compare the views") as (_, found):
                self._compare(live, built)
                found(f"{len(self._tables)} tables, {sum(table.rows for table in self._tables)} rows, all the same")
        with self._step("build the rest") as (progress, found):
            behind = runner.lag()
            runner.catch_up(progress)
            found(f"{behind} entries")

    def _compare(self, live: Snapshot, built: Views) -> None:
        with built.snapshot() as of_built:
            self._tables += compare(live.connection, of_built.connection)
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


class FolderDrill(Drill):
    """A drill on the files of a ledger, in the folder ``scratch``."""

    def __init__(self, log: Path, views: Path, scratch: Path, clock: Callable[[], int], watching: Watching) -> None:
        super().__init__(clock, watching)
        self._log = log
        self._views = views
        self._scratch = scratch

    def _live_views(self, closing: ExitStack, progress: Progress) -> Snapshot | None:
        if not self._views.exists():
            return None
        copy = self._scratch / "live-views.sqlite"
        copy_database(self._views, copy, progress)
        return live_snapshot(closing, _file(self._log)(False), _file(copy)(False), self._clock)

    def _back_up(self, progress: Progress) -> str:
        manifest = back_up(self._log, self._scratch / "backup", self._clock(), progress=progress)
        return f"{sum(manifest.heads)} entries, {manifest.bytes} bytes"

    def _restore(self, closing: ExitStack, progress: Progress) -> tuple[Restored, str]:
        log, views = self._scratch / "ledger" / "log.sqlite", self._scratch / "ledger" / "views.sqlite"
        epoch = restore(self._scratch / "backup", log, self._clock(), progress=progress).epoch
        return Restored(log, partial(_file(log), False), _file(views)), epoch.name


def live_snapshot(closing: ExitStack, log: Engine, views: Engine, clock: Callable[[], int]) -> Snapshot:
    """The views that are shown, held as they are until ``closing``. Raises DrillFailedError where they do not fit the log."""
    for engine in (log, views):
        closing.callback(engine.dispose)
    live = Views(writing=None, reading=views, log=EventLog(writing=None, reading=log, clock=clock))
    if misfit := live.misfit():
        raise DrillFailedError(f"{misfit}; they are built anew when the ledger is next opened for writing")
    return closing.enter_context(live.snapshot())


def _all_there(connection: Connection, store: FileStore) -> int:
    """How many files the log names. Raises DrillFailedError where the bytes of one are not in the store."""
    count, missing = missing_files(connection, store)
    if missing:
        raise DrillFailedError(f"{missing[0].rule} in {store}, and so are those of {len(missing) - 1} others")
    return count


def _file(file: Path) -> Callable[[bool], Engine]:
    return lambda writing: open_sqlite(file, durability="NORMAL", writing=writing)


def _verified(log: Path | Opening, progress: Progress) -> int:
    """How many entries a log has. Raises DrillFailedError where anything in it is not as it was recorded."""
    verification = verify(log, progress=progress)
    if verification.faults:
        first, *more = verification.faults
        raise DrillFailedError(f"{first}" + (f", and {len(more)} more: see `ledger verify`" if more else ""))
    return verification.entries
