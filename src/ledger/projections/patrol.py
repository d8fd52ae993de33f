"""A slow round through the views: now and then a session is folded anew, and what the views show of it compared.

It takes a tenth of one processor's time while it is about a session, and none between two of them.
"""

import logging
from collections.abc import Sequence
from random import Random
from threading import Event, Thread
from time import monotonic
from typing import Final

from ledger.log.database import GONE, open_scratch
from ledger.log.eventlog import EventLog
from ledger.projections.projection import Projection
from ledger.projections.refold import look, sample
from ledger.projections.views import PROJECTIONS, Views

SHARE_MAX: Final = 0.1
"""Of the time that a look takes, the part in which it does anything."""
FOUND_AGAIN_MAX: Final = 10
"""How many sessions that had drifted are looked at again in one round: somebody may have mended them."""

_logger = logging.getLogger(__name__)


class _StoppedError(Exception):
    """This process is to end."""


class Patrol:
    """One thread that looks at a session that chance picks, again and again, and writes down what it finds."""

    def __init__(
        self,
        log: EventLog,
        views: Views,
        seconds: float,
        projections: Sequence[Projection] = PROJECTIONS,
        share: float = SHARE_MAX,
        chance: Random | None = None,
    ) -> None:
        """``seconds`` pass between two rounds; with none it never goes. ``share``: see SHARE_MAX."""
        self._log = log
        self._views = views
        self._seconds = seconds
        self._projections = projections
        self._share = share
        self._chance = chance or Random()  # noqa: S311  # nothing is kept secret by it
        self._scratch = open_scratch()
        """One for all looks: each engine takes half a megabyte with it, and a server's collector is in no hurry."""
        self.looked = 0
        """How many sessions it has compared."""
        self._stopping = Event()
        self._rested_at = 0.0
        self._thread = Thread(target=self._run, name="patrol", daemon=True)

    def start(self) -> None:
        if self._seconds:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def go_round(self) -> None:
        """Look at what had drifted, and at one session more."""
        drifted = {it.partition for it in self._views.list_drifts()}
        again = self._chance.sample(sorted(drifted), min(len(drifted), FOUND_AGAIN_MAX))
        for partition in {*again, *sample(self._log, 1, self._chance)}:
            self._look(partition, was_found=partition in drifted)

    def _look(self, partition: str, *, was_found: bool) -> None:
        number = self._views.number
        self._rested_at = monotonic()
        found = look(self._log, self._views, [partition], self._projections, self._rest, self._scratch)
        if number != self._views.number:
            return  # what was found may be of views that are no longer shown
        self.looked += len(found.partitions)
        for drift in found.drifts if not was_found else ():
            _logger.error("the views show something else than the log comes to: %s", drift)
        if found.drifts or (was_found and found.partitions):
            self._views.note_drifts([partition], found.drifts)

    def _rest(self) -> None:
        worked = monotonic() - self._rested_at
        if self._stopping.wait(worked * (1 / self._share - 1)):
            raise _StoppedError
        self._rested_at = monotonic()

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                self.go_round()
            except _StoppedError:
                return
            except GONE as error:
                _logger.warning("the views are not looked at for now: %s", error)
            except Exception:
                _logger.exception("the views cannot be looked at")
