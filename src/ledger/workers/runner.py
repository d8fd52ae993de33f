"""The runner: looks after jobs whose time has come. What it finds in the views it only proposes: the log decides.

Any number of servers may run one on the same ledger; whoever is first does it, and the others are told that it is done.
"""

import logging
from collections.abc import Mapping
from threading import Event, Thread
from typing import Final

from ledger.application.functions import Caller, Mutation
from ledger.application.leases import EXPIRE, RETRY
from ledger.application.ledger import Ledger
from ledger.domain.refusals import Refusal
from ledger.projections import jobs as view
from ledger.workers.local import LocalWorkers, Work
from ledger.workers.pushing import Pushing

POLL_SECONDS: Final = 1.0
"""How long a job can be due unnoticed where nothing else happens."""
PACE_SECONDS: Final = 0.05
"""From one look to the next, at least: what happens on a busy ledger is mostly not about jobs."""
_AT_ONCE_MAX: Final = 200
_CAUGHT_UP_SECONDS: Final = 1.0
RUNNER: Final = Caller("runner")

_logger = logging.getLogger(__name__)


class JobRunner:
    """One thread that expires leases, retries, pushes and begins jobs."""

    def __init__(self, ledger: Ledger, *, pushing: Mapping[str, Pushing], works: Mapping[str, Work]) -> None:
        """``pushing`` and ``works`` say, by kind, who does a job; kinds of neither wait to be claimed."""
        self._ledger = ledger
        self._pushing = pushing
        self._woken = Event()
        self._stopping = Event()
        self._local = LocalWorkers(ledger, works, self._woken.set)
        self._thread = Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        self._ledger.log.on_append(self._woken.set)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()
        self._thread.join()
        self._local.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            wait_seconds = POLL_SECONDS
            try:
                wait_seconds = self._look()
            except Exception:  # the log or the views cannot be had for now: it is looked again
                _logger.exception("the jobs could not be looked after")
            self._stopping.wait(PACE_SECONDS)
            self._woken.wait(wait_seconds)

    def _look(self) -> float:
        """See to everything that is due now; how long until something else is."""
        now_ms = self._ledger.now_ms()
        with self._ledger.views.snapshot() as views:
            if not view.is_any_open(views.connection):
                return POLL_SECONDS
            overdue = view.overdue(views.connection, now_ms, _AT_ONCE_MAX)
            kinds = [*self._pushing, *self._local.free_kinds()]
            startable = view.startable(views.connection, kinds, _AT_ONCE_MAX)
            next_ms = view.next_time(views.connection)
        for job in overdue:
            self._write(EXPIRE if job.status == "running" else RETRY, job.id, job.attempt)
        for kind, job_id in startable:
            self._begin(kind, job_id)
        if overdue or startable:
            self._catch_up()
            return 0.0
        until_next = POLL_SECONDS if next_ms is None else (next_ms - now_ms) / 1_000
        return min(max(until_next, 0.0), POLL_SECONDS)

    def _begin(self, kind: str, job_id: str) -> None:
        try:
            if kind in self._pushing:
                self._pushing[kind].push(job_id)
            elif kind in self._local.free_kinds():
                self._local.take(kind, job_id)
        except Refusal as refusal:
            _logger.warning("the job %s could not be begun: %s", job_id, refusal)

    def _write(self, function: Mutation, job_id: str, attempt: int) -> None:
        try:
            self._ledger.write(function, {"jobId": job_id, "attempt": attempt}, RUNNER)
        except Refusal as refusal:
            _logger.warning("the job %s could not be looked after: %s", job_id, refusal)

    def _catch_up(self) -> None:
        """Wait until the views show what was just done, so that it is not proposed again."""
        for shard, head in enumerate(self._ledger.log.heads()):
            reached = Event()
            tell = reached.set
            self._ledger.runner.when_reached(shard, head, tell)
            if not reached.wait(_CAUGHT_UP_SECONDS):
                self._ledger.runner.forget(tell)
