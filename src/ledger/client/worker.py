"""A worker: takes jobs from a ledger, one at a time, does them with decorated functions, and brings back what came of it."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Event, Thread
from time import monotonic
from typing import Any, Final, Literal, Self

import httpx2

from ledger.client.line import open_line

LOOK_SECONDS: Final = 1.0
"""How long a worker that found nothing waits before it asks again."""
AGAIN_SECONDS_MAX: Final = 30.0
HEARTBEAT_SECONDS_MAX: Final = 20.0
"""How often a job that is being done is said to be, at least; where its lease is short, four times in it."""
_AGAIN: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_logger = logging.getLogger(__name__)

Failure = Literal["quota", "rate limit", "transient", "permanent"]


class JobFailedError(Exception):
    """What a function raises that knows why it cannot do a job; anything else that it raises counts as transient."""

    def __init__(self, failure: Failure, error: str) -> None:
        super().__init__(error)
        self.failure: Failure = failure


class JobLostError(Exception):
    """The job was cancelled, or somebody else has it by now: nobody waits for what would come of going on."""


class NotAnsweredError(Exception):
    """The ledger could not be asked, or refused: the message has its words."""


class RefusedError(NotAnsweredError):
    """The ledger said no: asked again, it would say no again."""


class Job:
    """A job that this worker has."""

    def __init__(self, client: httpx2.Client, claimed: dict[str, Any]) -> None:
        self._client = client
        self.id: str = claimed["jobId"]
        self.kind: str = claimed["kind"]
        self.attempt: int = claimed["attempt"]
        self.subject: str | None = claimed.get("subject")
        """The Id of what it is about."""
        self.input: Any = claimed.get("input")
        self.lease_seconds: float = claimed["leaseMs"] / 1_000
        """How long it stays this worker's without a sign of life, which ``Worker`` gives by itself."""
        self.file_url: str | None = claimed.get("fileUrl")
        """Where the file is had that it is about, without a key, for as long as the job may take."""
        self.is_lost = False

    def progress(self, percent: float) -> None:
        """Tell how far it has come, from 0 to 100. Raises JobLostError where there is no use in going on."""
        self._tell(percent)
        if self.is_lost:
            raise JobLostError(self.id)

    def download(self) -> Iterator[bytes]:
        """The file that it is about, piece by piece. Raises NotAnsweredError."""
        assert self.file_url is not None, "this kind of job is about a file"
        try:
            with self._client.stream("GET", self.file_url) as response:
                response.raise_for_status()
                yield from response.iter_bytes()
        except httpx2.HTTPError as failure:
            raise NotAnsweredError(f"{self.file_url}: {failure}") from failure

    def upload(self, content: bytes | Iterator[bytes], content_type: str) -> str:
        """Store a file; its storageId. Raises NotAnsweredError."""
        url = _call(self._client, "/api/mutation", path="generate:generateUploadUrl", args={}, format="json")["value"]
        try:
            response = self._client.post(url, content=content, headers={"Content-Type": content_type})
            response.raise_for_status()
        except httpx2.HTTPError as failure:
            raise NotAnsweredError(f"{url.partition('?')[0]}: {failure}") from failure
        storage_id: str = response.json()["storageId"]
        return storage_id

    def _tell(self, percent: float | None = None) -> None:
        told = {} if percent is None else {"progress": percent}
        answer = _call(self._client, "/jobs/heartbeat", jobId=self.id, attempt=self.attempt, **told)
        self.is_lost = not answer["result"]["isCurrent"]


Work = Callable[[Job], object]
"""Does a job and answers with its result, as JSON can say it."""


class Worker:
    """Give it functions with ``job``, then ``run``. ``key`` needs the scopes that the kinds of jobs ask for: ``write:jobs``."""

    def __init__(self, url: str, key: str | None = None, *, name: str = "worker") -> None:
        """``name`` is who the facts are recorded under where no key says so."""
        headers = {"Authorization": f"Bearer {key}"} if key else {"Ledger-Actor": name}
        self._client = open_line(url, headers)
        self._works: dict[str, Work] = {}
        self._stopping = Event()

    def job(self, kind: str) -> Callable[[Work], Work]:
        """Decorates the function that does jobs of a kind."""

        def registered(work: Work) -> Work:
            self._works[kind] = work
            return work

        return registered

    def run(self) -> None:
        """Do jobs as they come, until ``stop``, through whatever happens to the line or the server."""
        again = LOOK_SECONDS
        while not self._stopping.is_set():
            try:
                found = self.run_once()
                again = 0.0 if found else LOOK_SECONDS
            except NotAnsweredError as failure:
                again = min(max(2 * again, LOOK_SECONDS), AGAIN_SECONDS_MAX)
                _logger.warning("%s; asking again in %.0f s", failure, again)
            self._stopping.wait(again)

    def stop(self) -> None:
        """End ``run`` after the job that is being done. On any thread."""
        self._stopping.set()

    def close(self) -> None:
        """Let go of the line to the ledger."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run_once(self) -> bool:
        """Take a job, where there is one, and do it; whether there was one. Raises NotAnsweredError.

        What came of it is told again where the line is down, for as long as the job can still be this worker's.
        """
        claimed = _call(self._client, "/jobs/claim", kinds=sorted(self._works))["result"]
        if claimed is None:
            return False
        job = Job(self._client, claimed)
        path, told = self._done(job)
        try:
            self._answer(job, path, told)
        except RefusedError as refusal:  # of a result that is none for this kind of job
            self._answer(job, "/jobs/fail", {"failure": "permanent", "error": str(refusal)[:1_000]})
        return True

    def _answer(self, job: Job, path: str, told: dict[str, Any]) -> None:
        until, again = monotonic() + job.lease_seconds, LOOK_SECONDS
        while not job.is_lost:
            try:
                _call(self._client, path, jobId=job.id, attempt=job.attempt, **told)
                return
            except RefusedError:
                raise
            except NotAnsweredError:
                if monotonic() > until or self._stopping.wait(again):
                    raise
                again = min(2 * again, AGAIN_SECONDS_MAX)

    def _done(self, job: Job) -> tuple[str, dict[str, Any]]:
        """How a job ends: what is told of it, and where."""
        try:
            with _alive(job):
                result = self._works[job.kind](job)
            json.dumps(result, allow_nan=False)  # what JSON cannot say is a fault of the function's
            return "/jobs/complete", {"result": result}
        except JobLostError:
            job.is_lost = True
            return "", {}
        except JobFailedError as failed:
            return "/jobs/fail", {"failure": failed.failure, "error": str(failed)}
        except Exception as fault:
            _logger.exception("the job %s failed", job.id)
            return "/jobs/fail", {"failure": "transient", "error": f"{type(fault).__name__}: {fault}"[:1_000]}


@contextmanager
def _alive(job: Job) -> Iterator[None]:
    """Signs of life for as long as a job is done; one that cannot be given is followed by the next."""
    done = Event()

    def tell() -> None:
        while not done.wait(min(job.lease_seconds / 4, HEARTBEAT_SECONDS_MAX)):
            try:
                job._tell()  # noqa: SLF001  # the sign without progress is the worker's own business
            except NotAnsweredError as failure:
                _logger.warning("%s", failure)

    telling = Thread(target=tell, name=f"alive-{job.id}", daemon=True)
    telling.start()
    try:
        yield
    finally:
        done.set()
        telling.join()


def _call(client: httpx2.Client, address: str, /, **arguments: Any) -> dict[str, Any]:
    try:
        response = client.post(address, json=arguments)
        answer = response.json()
    except (httpx2.HTTPError, ValueError) as failure:
        raise NotAnsweredError(f"{address}: {failure}") from failure
    if response.status_code != HTTPStatus.OK or not isinstance(answer, dict) or answer.get("status") == "error":
        is_refused = 400 <= response.status_code < 500 and response.status_code not in _AGAIN
        failure_kind = RefusedError if is_refused else NotAnsweredError
        raise failure_kind(f"{address}: status {response.status_code}: {response.text[:500]}")
    return answer
