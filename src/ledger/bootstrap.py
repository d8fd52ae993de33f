"""The one place that knows every room: it opens a ledger and puts its parts together."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Engine, make_url

from ledger.application.keyring import Keyring
from ledger.application.ledger import Ledger
from ledger.domain.vocabulary import Vocabulary
from ledger.log import files as files_in_log
from ledger.log.database import has_tables, open_postgres, open_sqlite
from ledger.log.disk import make_folder
from ledger.log.eventlog import EventLog, create_log
from ledger.log.lockfile import LedgerInUseError, LockFile
from ledger.log.wakeups import Wakeups
from ledger.projections.patrol import Patrol
from ledger.projections.rebuild import Rebuilding
from ledger.projections.runner import Runner
from ledger.projections.shelf import DatabaseShelf, FolderShelf, Shelf
from ledger.projections.views import Views
from ledger.storage.opening import open_store
from ledger.storage.store import FileStore, StoreError

LOG_FILE = "log.sqlite"
VIEWS_FILE = "views.sqlite"
FILES_FOLDER: Final = "files"
LOG_SCHEMA: Final = "ledger"
VIEWS_SCHEMA: Final = "ledger_views"

_logger = logging.getLogger(__name__)


class NoLedgerError(Exception):
    """There is no ledger at the place."""

    def __init__(self, place: Path | str) -> None:
        super().__init__(f"there is no ledger in {place}; `ledger serve`, `demo` or `import` begin one")


def now_ms() -> int:
    """The server's clock: milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


Clock = Callable[[], int]


def views_file(directory: Path) -> Path:
    """The file of the views that are shown; there need not be one yet."""
    shelf = FolderShelf(directory)
    return shelf.path(shelf.shown())


class _Engines(NamedTuple):
    """The engines of one ledger; what is only read has none to write with."""

    log_writing: Engine | None
    log_reading: Engine
    keys: Engine
    shelf: Shelf
    """Where its views are."""

    def dispose(self) -> None:
        for engine in (self.log_writing, self.log_reading, self.keys):
            if engine is not None:
                engine.dispose()
        self.shelf.close()


def _engines_of_folder(directory: Path, *, writing: bool) -> _Engines:
    def log(*, writing: bool, connections: int = 8) -> Engine:
        return open_sqlite(directory / LOG_FILE, durability="FULL", writing=writing, connections=connections)

    return _Engines(
        log(writing=True) if writing else None,
        log(writing=False),
        log(writing=False, connections=1),
        FolderShelf(directory),
    )


def _engines_of_database(url: str, *, writing: bool) -> _Engines:
    log = partial(open_postgres, url, schema=LOG_SCHEMA, durability="FULL")
    return _Engines(
        log(writing=True) if writing else None,
        log(writing=False),
        log(writing=False, connections=1),
        DatabaseShelf(url, VIEWS_SCHEMA),
    )


@contextmanager
def _running(
    engines: _Engines,
    vocabulary: Vocabulary,
    *,
    files: str | None,
    is_alone: bool,
    is_building: bool = True,
    is_parking: bool = False,
    patrol_seconds: int = 0,
    clock: Clock = now_ms,
) -> Iterator[Ledger]:
    """A ledger that this process writes, and whose views it builds; ``is_alone`` where no other process does.

    ``files`` is where its files are kept, None where it keeps none.
    """
    assert engines.log_writing is not None
    with ExitStack() as closing:
        log = EventLog(writing=engines.log_writing, reading=engines.log_reading, clock=clock, is_alone=is_alone)
        views = Views.open_shown(engines.shelf, log, writing=True)
        closing.callback(views.close)
        runner = Runner(log, views, is_building=is_building, is_parking=is_parking)
        runner.start()
        closing.callback(runner.stop)
        rebuilding = Rebuilding(engines.shelf, log, views, runner)
        closing.callback(rebuilding.stop)
        patrol = Patrol(log, views, patrol_seconds if is_building else 0)
        if is_building:
            rebuilding.resume()
        patrol.start()
        closing.callback(patrol.stop)
        if not is_alone:
            wakeups = Wakeups(engines.log_writing, log)
            wakeups.start()
            closing.callback(wakeups.stop)
        closing.callback(log.close)
        keyring = Keyring(engines.keys)
        store = open_store(files) if files is not None else None
        if store is not None:
            _sweep(store, log, is_alone=is_alone)
        yield Ledger(
            log=log,
            views=views,
            runner=runner,
            keyring=keyring,
            vocabulary=vocabulary,
            clock=clock,
            store=store,
            rebuilding=rebuilding,
            patrol=patrol,
        )


def _sweep(store: FileStore, log: EventLog, *, is_alone: bool) -> None:
    """Clear away what interrupted uploads have left. A bucket that is away keeps nobody from recording facts."""

    def is_recorded(sha256: str) -> bool:
        with log.snapshot() as connection:
            return files_in_log.is_recorded(connection, sha256)

    try:
        store.sweep(is_recorded if is_alone else None)
    except (StoreError, OSError) as failure:
        _logger.warning("what interrupted uploads have left in %s stays for now: %s", store, failure)


@contextmanager
def _looking_on(engines: _Engines, vocabulary: Vocabulary) -> Iterator[Ledger]:
    """A ledger that this process only reads: it shows what others have built."""
    log = EventLog(writing=None, reading=engines.log_reading, clock=now_ms)
    views = Views.open_shown(engines.shelf, log, writing=False)
    runner, keyring = Runner(log, views), Keyring(engines.keys)
    with closing(views):
        yield Ledger(log=log, views=views, runner=runner, keyring=keyring, vocabulary=vocabulary, clock=now_ms)


@contextmanager
def open_database(
    url: str,
    vocabulary: Vocabulary,
    *,
    shards: int,
    files: str | None = None,
    is_building: bool = True,
    is_parking: bool = False,
    patrol_seconds: int = 0,
    clock: Clock = now_ms,
) -> Iterator[Ledger]:
    """A ledger in a PostgreSQL database, made where there is none, that this process writes beside any others.

    ``shards`` counts when it is made: for ever. ``files`` is a folder that all of them share, or a bucket. Without ``is_building``
    the views are left to other processes. ``clock`` as below. Raises ValueError for no URL of PostgreSQL's.
    """
    engines = _engines_of_database(url, writing=True)
    with ExitStack() as closing:
        closing.callback(engines.dispose)
        assert engines.log_writing is not None
        create_log(engines.log_writing, shards=shards, now_ms=now_ms())
        running = _running(
            engines,
            vocabulary,
            files=files,
            is_alone=False,
            is_building=is_building,
            is_parking=is_parking,
            patrol_seconds=patrol_seconds,
            clock=clock,
        )
        yield closing.enter_context(running)


@contextmanager
def open_database_for_following(url: str, vocabulary: Vocabulary) -> Iterator[Ledger]:
    """A ledger in a PostgreSQL database to look at; one that was restored without its views is given them. Raises NoLedgerError."""
    engines = _engines_of_database(url, writing=False)
    with ExitStack() as stack:
        stack.callback(engines.dispose)
        if not has_tables(engines.log_reading):
            raise NoLedgerError(make_url(url).render_as_string())
        if not engines.shelf.has_any():
            with open_database(url, vocabulary, shards=1):
                pass
        yield stack.enter_context(_looking_on(engines, vocabulary))


@contextmanager
def open_for_writing(
    directory: Path,
    vocabulary: Vocabulary,
    *,
    url: str | None = None,
    files: str | None = None,
    is_parking: bool = False,
    patrol_seconds: int = 0,
    clock: Clock = now_ms,
) -> Iterator[Ledger]:
    """An embedded ledger, made where there is none, that this process alone writes; its views are kept up to it.

    ``url`` is where it will be served, for others to be told; ``files`` where its files are kept, if not in it. ``clock`` gives
    milliseconds since the epoch.

    Raises LedgerInUseError where another process writes it.
    """
    make_folder(directory)
    with ExitStack() as closing:
        lock = LockFile(directory, url)
        closing.callback(lock.release)
        engines = _engines_of_folder(directory, writing=True)
        closing.callback(engines.dispose)
        assert engines.log_writing is not None
        create_log(engines.log_writing, shards=1, now_ms=now_ms())
        kept = files or str(directory / FILES_FOLDER)
        yield closing.enter_context(
            _running(
                engines,
                vocabulary,
                files=kept,
                is_alone=True,
                is_parking=is_parking,
                patrol_seconds=patrol_seconds,
                clock=clock,
            )
        )


@contextmanager
def open_for_reading(directory: Path, vocabulary: Vocabulary) -> Iterator[Ledger]:
    """An embedded ledger to look at. Where nobody writes it, its views are first brought up to its log.

    Raises NoLedgerError.
    """
    if not (directory / LOG_FILE).exists():
        raise NoLedgerError(directory)
    try:
        with open_for_writing(directory, vocabulary) as ledger:
            yield ledger
            return
    except LedgerInUseError:
        pass
    with open_for_following(directory, vocabulary) as ledger:
        yield ledger


@contextmanager
def open_for_following(directory: Path, vocabulary: Vocabulary) -> Iterator[Ledger]:
    """An embedded ledger to look at for as long as one likes: it keeps nobody from writing, and shows what others have built.

    Its views may never have been built: whoever wants those opens it for reading once before. Raises NoLedgerError.
    """
    if not (directory / LOG_FILE).exists():
        raise NoLedgerError(directory)
    engines = _engines_of_folder(directory, writing=False)
    try:
        with _looking_on(engines, vocabulary) as ledger:
            yield ledger
    finally:
        engines.dispose()
