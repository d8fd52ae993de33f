"""Jobs that are pushed: an HTTP POST to the worker's URL, signed, with a callback URL of the attempt's own.

A worker may answer that POST at once, or only when it has finished, half an hour later. One that has not said no in a few seconds
has taken the job; from then on only its callbacks count, and its lease.
"""

import asyncio
import base64
import hmac
import json
import logging
import ssl
from functools import cache
from threading import Thread
from typing import Any, Final

import httpx2

from ledger.application.callbacks import PATH, token_of
from ledger.application.functions import Caller, on_origin
from ledger.application.jobs import FAIL
from ledger.application.leases import HAND_OVER, START, job_in_log, url_of_input
from ledger.application.ledger import Ledger
from ledger.domain.jobs import Job
from ledger.domain.jobs.refusals import JobNotDue
from ledger.domain.videos import NOT_STARTED
from ledger.settings import Workers
from ledger.workers.origins import Origins

HAND_OVER_MS: Final = 60_000
"""How long an attempt is leased until its worker is known to have it: a server that dies in between is found out soon."""
REFUSE_SECONDS: Final = 3.0
"""How long a worker has to say no."""
_CONNECT_SECONDS: Final = 5.0
_WRITE_SECONDS: Final = 30.0
ACTOR: Final = Caller("video-worker")

_logger = logging.getLogger(__name__)


def signed(secret: str, message_id: str, at_seconds: int, body: bytes) -> dict[str, str]:
    """Headers by which a worker knows who calls, and that it is no old call: those of Standard Webhooks."""
    told = f"{message_id}.{at_seconds}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret.encode(), told, "sha256")).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_seconds),
        "webhook-signature": f"v1,{signature}",
    }


@cache
def _authorities() -> ssl.SSLContext:
    """Whose word a worker's certificate is taken on: a file of hundreds, read once."""
    return httpx2.create_ssl_context(trust_env=False)


class Pushing:
    """Hands jobs to an external worker, any number at a time, on a thread with an event loop of its own."""

    def __init__(self, ledger: Ledger, workers: Workers, origins: Origins) -> None:
        self._ledger = ledger
        self._workers = workers
        self._origins = origins
        self._loop = asyncio.new_event_loop()
        self._calls: set[asyncio.Task[Any]] = set()
        timeout = httpx2.Timeout(connect=_CONNECT_SECONDS, write=_WRITE_SECONDS, read=None, pool=None)
        limits = httpx2.Limits(max_connections=None)
        # The worker's address is the deployment's, and a redirect could lead anywhere: none is followed.
        self._client = httpx2.AsyncClient(
            timeout=timeout, limits=limits, follow_redirects=False, trust_env=False, verify=_authorities()
        )
        self._thread = Thread(target=self._loop.run_forever, name="pushing", daemon=True)
        self._thread.start()

    def push(self, job_id: str) -> None:
        """Begin the next attempt at a job, unless somebody else has, and have it handed to the worker."""
        try:
            start = {"jobId": job_id, "worker": self._workers.video_url or "nobody", "leaseMs": HAND_OVER_MS}
            attempt = json.loads(self._ledger.write(START, start, ACTOR).json)
        except JobNotDue:
            return
        asyncio.run_coroutine_threadsafe(self._hand_over(job_id, attempt), self._loop)

    def stop(self) -> None:
        """End the calls that are open: the workers have their jobs, and call back whichever server is there then."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self._client.aclose()

    async def _hand_over(self, job_id: str, attempt: int) -> None:
        try:
            job = await asyncio.to_thread(job_in_log, self._ledger.log, job_id)
            body = await asyncio.to_thread(self._body, job, attempt)
            is_taken = await self._is_taken(job, attempt, body)
            await asyncio.to_thread(self._tell, job, attempt, is_taken)
        except Exception:
            _logger.exception("the job %s was left", job_id)  # its short lease runs out, and it is tried again

    async def _is_taken(self, job: Job, attempt: int, body: bytes) -> bool:
        """Whether the worker takes it, or has at least not said no."""
        if self._workers.video_url is None:
            return False
        call = self._loop.create_task(self._call(job, attempt, body))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        done, _ = await asyncio.wait({call}, timeout=REFUSE_SECONDS)
        return call.result() if done else True

    async def _call(self, job: Job, attempt: int, body: bytes) -> bool:
        headers = {"content-type": "application/json"}
        if self._workers.secret is not None:
            now_seconds = self._ledger.now_ms() // 1_000
            headers |= signed(self._workers.secret, f"{job.id}.{attempt}", now_seconds, body)
        try:
            answer = await self._client.post(f"{self._workers.video_url}/process", content=body, headers=headers)
        except httpx2.HTTPError as error:
            _logger.warning("the worker of %s cannot be reached: %r", job.id, error)
            return False
        return answer.is_success

    def _body(self, job: Job, attempt: int) -> bytes:
        about = job.input if isinstance(job.input, dict) else {}
        origin = self._origins.for_worker(about.get("origin"))
        url = url_of_input(self._ledger.log, about["storageId"], self._ledger.now_ms() + job.lease_ms, job)
        told = {
            "videoId": job.subject,
            "videoUrl": url,
            "callbackUrl": f"{origin}{PATH}/{token_of(self._ledger.log, job.id, attempt)}",
        }
        return on_origin(json.dumps(told), origin).encode()

    def _tell(self, job: Job, attempt: int, is_taken: bool) -> None:
        place = {"jobId": job.id, "attempt": attempt}
        if is_taken:
            self._ledger.write(HAND_OVER, place, ACTOR)
            return
        # Whoever has just asked for it hears that it cannot be done now; an attempt that replaces a lost one is tried again.
        is_first = attempt == job.asked_after + 1
        failure = {"failure": "permanent" if is_first else "transient", "error": NOT_STARTED}
        self._ledger.write(FAIL, place | failure, ACTOR)
