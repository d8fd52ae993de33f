"""Workers in this process: a callable for each kind of job, given the job and what it needs of the ledger."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any, Final, NamedTuple

from ledger.application.functions import Caller, Query
from ledger.application.jobs import COMPLETE, FAIL, HEARTBEAT
from ledger.application.leases import CLAIMED, START
from ledger.application.ledger import Ledger
from ledger.domain.jobs import Failure
from ledger.domain.jobs.refusals import JobNotDue
from ledger.domain.refusals import Refusal

HEARTBEAT_SECONDS_MAX: Final = 20.0
"""How often a job that is being done is said to be, at least; where its lease is short, four times in it."""
ACTOR: Final = Caller("local-worker")

_logger = logging.getLogger(__name__)


class WorkFailedError(Exception):
    """What a worker raises where it knows why it cannot do a job. Anything else that it raises counts as transient."""

    def __init__(self, failure: Failure, error: str) -> None:
        super().__init__(error)
        self.failure = failure


class LocalJob(NamedTuple):
    """A job as its worker in this process sees it."""

    ledger: Ledger
    id: str
    attempt: int
    subject: str | None
    """The Id of what it is about."""
    input: dict[str, Any]
    lease_ms: int

    def read_file(self, storage_id: str) -> Iterator[bytes]:
        """The bytes of a stored file, piece by piece. Raises FileNotFound, FileLost or StoreError."""
        file = self.ledger.files.find(storage_id)
        return self.ledger.files.read(file, 0, file.size)

    def ask(self, function: Query, **arguments: Any) -> Any:
        """What a query answers."""
        return json.loads(self.ledger.read(function, arguments, caller=ACTOR).json)

    def tell(self, progress: float | None = None) -> bool:
        """Give a sign of life; whether there is still any use in going on."""
        said = {"jobId": self.id, "attempt": self.attempt, "progress": progress}
        alive: bool = json.loads(self.ledger.write(HEARTBEAT, said, ACTOR).json)["isCurrent"]
        return alive


Work = Callable[[LocalJob], object]
"""Does a job and answers with its result, as ``jobs:complete`` takes it."""


class LocalWorkers:
    """Does jobs on threads of its own, one of a kind at a time: they are hard work, and there are few processors."""

    def __init__(self, ledger: Ledger, works: Mapping[str, Work], on_free: Callable[[], None]) -> None:
        """``on_free`` is told when a kind may be given the next job."""
        self._ledger = ledger
        self._works = works
        self._on_free = on_free
        self._busy: set[str] = set()
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(max(1, len(works)), thread_name_prefix="worker")

    def free_kinds(self) -> list[str]:
        with self._lock:
            return sorted(self._works.keys() - self._busy)

    def take(self, kind: str, job_id: str) -> None:
        """Begin a job of a kind that is free, unless somebody else has."""
        try:
            self._ledger.write(START, {"jobId": job_id}, ACTOR)
        except JobNotDue:
            return
        with self._lock:
            self._busy.add(kind)
        self._threads.submit(self._do, kind, job_id)

    def stop(self) -> None:
        """Take nothing more. What is being done is left: its lease runs out, and it is done after the next start."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _do(self, kind: str, job_id: str) -> None:
        try:
            claimed = json.loads(self._ledger.read(CLAIMED, {"jobId": job_id}, caller=ACTOR).json)
            about = claimed.get("subject"), claimed.get("input") or {}
            job = LocalJob(self._ledger, job_id, claimed["attempt"], *about, claimed["leaseMs"])
            with _alive(job):
                self._finish(job, self._works[kind])
        except Exception:
            _logger.exception("the job %s was left", job_id)  # its lease runs out, and it is tried again
        finally:
            with self._lock:
                self._busy.discard(kind)
            self._on_free()

    def _finish(self, job: LocalJob, work: Work) -> None:
        place = {"jobId": job.id, "attempt": job.attempt}
        try:
            self._ledger.write(COMPLETE, {**place, "result": work(job)}, ACTOR)
        except WorkFailedError as failed:
            said = {"failure": failed.failure, "error": str(failed)}
            self._ledger.write(FAIL, place | said, ACTOR)
        except Refusal as refusal:  # asking again would be refused again
            self._ledger.write(FAIL, place | {"failure": "permanent", "error": refusal.message}, ACTOR)
        except Exception as fault:
            _logger.exception("the job %s failed", job.id)
            said = {"failure": "transient", "error": f"{type(fault).__name__}: {fault}"[:1_000].replace("\x00", "")}
            self._ledger.write(FAIL, place | said, ACTOR)


class _alive:  # noqa: N801  # used as a function is
    """Gives signs of life for a job for as long as it is done."""

    def __init__(self, job: LocalJob) -> None:
        self._job = job
        self._done = Event()
        self._thread = Thread(target=self._tell, name=f"alive-{job.id}", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _tell(self) -> None:
        while not self._done.wait(min(self._job.lease_ms / 4_000, HEARTBEAT_SECONDS_MAX)):
            with suppress(Exception):  # the next sign will do
                self._job.tell()
