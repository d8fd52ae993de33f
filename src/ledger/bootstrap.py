"""The one place that knows every room: it opens a ledger and puts its parts together."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ledger.application.keyring import Keyring
from ledger.application.ledger import Ledger
from ledger.domain.vocabulary import Vocabulary
from ledger.log.database import open_sqlite
from ledger.log.disk import make_folder
from ledger.log.eventlog import EventLog, create_log
from ledger.log.lockfile import LedgerInUseError, LockFile
from ledger.projections.runner import Runner
from ledger.projections.views import Views

LOG_FILE = "log.sqlite"
VIEWS_FILE = "views.sqlite"


class NoLedgerError(Exception):
    """There is no ledger in the directory."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"there is no ledger in {directory}; `ledger serve`, `demo` or `import` begin one")


def now_ms() -> int:
    """The server's clock: milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


@contextmanager
def open_for_writing(directory: Path, vocabulary: Vocabulary, *, url: str | None = None) -> Iterator[Ledger]:
    """An embedded ledger, made where there is none, that this process alone writes; its views are kept up to it.

    ``url`` is where it will be served, for others to be told. Raises LedgerInUseError where another process writes it.
    """
    make_folder(directory)
    with ExitStack() as closing:
        lock = LockFile(directory, url)
        closing.callback(lock.release)
        writing = open_sqlite(directory / LOG_FILE, durability="FULL", writing=True)
        closing.callback(writing.dispose)
        create_log(writing, shards=1, now_ms=now_ms())
        reading = open_sqlite(directory / LOG_FILE, durability="FULL", writing=False)
        closing.callback(reading.dispose)
        log = EventLog(writing=writing, reading=reading, clock=now_ms)
        views_writing = open_sqlite(directory / VIEWS_FILE, durability="NORMAL", writing=True)
        closing.callback(views_writing.dispose)
        views_reading = open_sqlite(directory / VIEWS_FILE, durability="NORMAL", writing=False)
        closing.callback(views_reading.dispose)
        views = Views(writing=views_writing, reading=views_reading, log=log)
        closing.callback(views.close)
        keyring = closing.enter_context(_keyring(directory))
        runner = Runner(log, views)
        runner.start()
        closing.callback(runner.stop)
        closing.callback(log.close)
        yield Ledger(log=log, views=views, runner=runner, keyring=keyring, vocabulary=vocabulary, clock=now_ms)


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
    with ExitStack() as closing:
        reading = open_sqlite(directory / LOG_FILE, durability="FULL", writing=False)
        closing.callback(reading.dispose)
        views_reading = open_sqlite(directory / VIEWS_FILE, durability="NORMAL", writing=False)
        closing.callback(views_reading.dispose)
        log = EventLog(writing=None, reading=reading, clock=now_ms)
        views = Views(writing=None, reading=views_reading, log=log)
        keyring = closing.enter_context(_keyring(directory))
        runner = Runner(log, views)
        yield Ledger(log=log, views=views, runner=runner, keyring=keyring, vocabulary=vocabulary, clock=now_ms)


@contextmanager
def _keyring(directory: Path) -> Iterator[Keyring]:
    reading = open_sqlite(directory / LOG_FILE, durability="FULL", writing=False, connections=1)
    try:
        yield Keyring(reading)
    finally:
        reading.dispose()
