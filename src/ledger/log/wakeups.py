"""Wake-ups between the processes that share a log on PostgreSQL: hints that there may be something to read, and no more.

They go out after the commit, and several as one: inside the append's transaction a NOTIFY would make all commits of the
database wait for each other. One that is lost costs a moment, since whoever follows the log looks for itself now and then.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, Final

from sqlalchemy import Engine

from ledger.log.database import DATABASE_FAILED
from ledger.log.eventlog import EventLog

_CHANNEL: Final = "ledger_appended"
PACE_SECONDS: Final = 0.002
"""Between two hints, at least."""
_LISTEN_SECONDS: Final = 0.5
"""How long a listener that is to stop may go on listening, where it does not hear of it."""
_AGAIN_SECONDS: Final = 1.0
_START_SECONDS: Final = 1.0
"""How long a start waits until it can hear; whoever starts without looks for itself."""

_logger = logging.getLogger(__name__)


class Wakeups:
    """Tells other processes of what this one appends, and wakes those here who follow the log when others tell."""

    def __init__(self, engine: Engine, log: EventLog) -> None:
        self._engine = engine
        self._log = log
        self._committed = Event()
        self._own: int | None = None
        """The database's number for the connection that tells: its hints are for the others."""
        self._listening = Event()
        self._stopping = Event()
        self._threads = [
            Thread(target=self._keep, args=(do,), name=name, daemon=True)
            for name, do in (("wakeups-out", self._tell), ("wakeups-in", self._listen))
        ]

    def start(self) -> None:
        self._log.on_commit(self._committed.set)
        for thread in self._threads:
            thread.start()
        self._listening.wait(_START_SECONDS)

    def stop(self) -> None:
        self._stopping.set()
        self._committed.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, do: Any) -> None:
        """Do it until told to stop, on a new connection where one has gone."""
        while not self._stopping.is_set():
            try:
                with self._connected() as driver:
                    do(driver)
            except DATABASE_FAILED:
                _logger.warning("wake-ups are interrupted: the database has gone", exc_info=True)
                self._stopping.wait(_AGAIN_SECONDS)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection.connection.driver_connection

    def _tell(self, driver: Any) -> None:
        self._own = driver.info.backend_pid
        while not self._stopping.is_set():
            self._committed.wait()
            self._committed.clear()
            if not self._stopping.is_set():
                driver.execute(f"NOTIFY {_CHANNEL}")
                self._stopping.wait(PACE_SECONDS)
        driver.execute(f"NOTIFY {_CHANNEL}")  # our own listener is to stop as well, and hears nothing else

    def _listen(self, driver: Any) -> None:
        driver.execute(f"LISTEN {_CHANNEL}")
        self._listening.set()
        while not self._stopping.is_set():
            for hint in driver.notifies(timeout=_LISTEN_SECONDS, stop_after=1):
                if hint.pid != self._own:
                    self._log.wake()
