"""Jobs as whoever looks after them sees them: started and leased, handed over, expired and retried. No door offers this."""

import json
import random
from typing import Annotated, Any, Final

from pydantic import Field

from ledger.application.files import url_until
from ledger.application.functions import LOG, Mutation, Query, Reading
from ledger.domain import jobs, recordings
from ledger.domain.entries import Event
from ledger.domain.ids import ThingId, parse_id
from ledger.domain.jobs import Job, JobChanged, JobCommand, Policy
from ledger.domain.jobs.refusals import JobNotFound
from ledger.domain.recordings import ScreenshotUnreadable
from ledger.domain.values import Frozen, Name
from ledger.domain.vocabulary import Vocabulary
from ledger.log.eventlog import EventLog
from ledger.log.reading import read_entity
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import jobs as view

URL_MS_MIN: Final = 60 * 60 * 1_000
"""How long after its lease a worker can have the file of its job at least: a lease that is renewed is a long one."""
CANDIDATES: Final = 50
"""How many jobs a claim tries at most: others may be faster at each of them."""


def named(job_id: str) -> ThingId:
    """Raises JobNotFound for what cannot be a job's Id."""
    thing = parse_id(job_id)
    if thing is None or thing.kind != "job":
        raise JobNotFound(job_id)
    return thing


def job_at(stream: Stream, sequence: int) -> Job | None:
    return stream.state_of(jobs.entity_of(sequence), jobs.evolve)


def job_in(stream: Stream, job_id: str) -> Job:
    """Raises JobNotFound."""
    job = job_at(stream, named(job_id).sequence)
    if job is None:
        raise JobNotFound(job_id)
    return job


def decided(command: JobCommand, job: Job, stream: Stream, vocabulary: Vocabulary) -> list[Event]:
    """What becomes of a job, and what follows from it for what it is about. Chance is drawn here."""
    events = jobs.decide(command, job, stream.now_ms, random.random())  # noqa: S311  # spreads retries, guards nothing
    return [*events, *_following(job, events, stream, vocabulary.jobs)]


def _following(job: Job, events: list[JobChanged], stream: Stream, policy: Policy) -> list[Event]:
    after = jobs.foresee(job, events, stream.now_ms)
    if job.kind != recordings.READING or job.has_ended or after.status not in ("failed", "cancelled"):
        return []
    assert job.subject is not None, "what is to be read has an Id"
    given_up = ScreenshotUnreadable(
        screenshot=recordings.require_screenshot_id(job.subject).sequence, error=after.error or "cancelled"
    )
    recording = stream.state_of(recordings.ENTITY, recordings.evolve)
    return recordings.decide_text(job.subject, given_up, recording, policy)


class Start(Frozen):
    job_id: Name
    worker: Name | None = None
    lease_ms: int | None = None


class OfKinds(Frozen):
    kinds: Annotated[tuple[Name, ...], Field(strict=False, min_length=1, max_length=100)]


class OfRunner(Frozen):
    job_id: Name
    attempt: int = 0


def _start(command: Start, stream: Stream, vocabulary: Vocabulary) -> Decision:
    job = job_in(stream, command.job_id)
    said = jobs.StartJob(worker=command.worker, lease_ms=command.lease_ms)
    return Decision(decided(said, job, stream, vocabulary), lambda _: json.dumps(job.attempt + 1))


def _expire(command: OfRunner, stream: Stream, vocabulary: Vocabulary) -> Decision:
    job = job_in(stream, command.job_id)
    return Decision(decided(jobs.ExpireLease(attempt=command.attempt), job, stream, vocabulary), lambda _: "null")


def _retry(command: OfRunner, stream: Stream, vocabulary: Vocabulary) -> Decision:
    return Decision(decided(jobs.RetryJob(), job_in(stream, command.job_id), stream, vocabulary), lambda _: "null")


def _hand_over(command: OfRunner, stream: Stream, vocabulary: Vocabulary) -> Decision:
    job = job_in(stream, command.job_id)
    return Decision(decided(jobs.HandOverJob(attempt=command.attempt), job, stream, vocabulary), lambda _: "null")


def _startable(asked: OfKinds, reading: Reading) -> str:
    return json.dumps([job_id for _, job_id in view.startable(reading.views, asked.kinds, CANDIDATES)])


def job_in_log(log: EventLog, job_id: str) -> Job:
    """The job as it is now, whatever the views show. Raises JobNotFound."""
    place, job = named(job_id), None
    with log.snapshot() as connection:
        for entry in read_entity(connection, place.partition, jobs.entity_of(place.sequence)):
            job = jobs.evolve(job, entry)
    if job is None:
        raise JobNotFound(job_id)
    return job


def url_of_input(log: EventLog, storage_id: str, lease_until: int, job: Job) -> str:
    """Where the worker of an attempt has the file that it is about: also where it begins late, or goes on with a part of it."""
    return url_until(log, storage_id, lease_until + max(job.lease_ms, URL_MS_MIN))


def _claimed(asked: OfRunner, reading: Reading) -> str:
    """What a worker needs to know of what it has claimed, with a URL of the file that it is about, for as long as it may take."""
    job = job_in_log(reading.log, asked.job_id)
    told: dict[str, Any] = {"jobId": job.id, "kind": job.kind, "attempt": job.attempt, "leaseMs": job.lease_ms}
    told |= {
        name: value
        for name, value in (("subject", job.subject), ("input", job.input), ("leaseUntil", job.lease_until))
        if value is not None
    }
    about = job.input if isinstance(job.input, dict) else {}
    if (storage_id := about.get("storageId") or about.get("fileId")) is not None:
        told["fileUrl"] = url_of_input(reading.log, storage_id, job.lease_until or job.updated_at, job)
    return json.dumps(told, ensure_ascii=False)


def _internal(name: str, arguments: type[Frozen], decide: Any) -> Mutation:
    summary = "The runner's own: no door offers it."
    place = lambda command: named(command.job_id).partition  # noqa: E731
    return Mutation(name, None, arguments, "null", decide, place, summary, scope="write:jobs", about="video")


START: Final = _internal("jobs:start", Start, _start)
EXPIRE: Final = _internal("jobs:expire", OfRunner, _expire)
RETRY: Final = _internal("jobs:retry", OfRunner, _retry)
HAND_OVER: Final = _internal("jobs:handOver", OfRunner, _hand_over)
STARTABLE: Final = Query(
    "jobs:startable",
    None,
    OfKinds,
    _startable,
    None,
    "A claim's own.",
    "Ids",
    scope="write:jobs",
    views=frozenset({"jobs"}),
)
CLAIMED: Final = Query(
    "jobs:claimed",
    None,
    OfRunner,
    _claimed,
    lambda asked: named(asked.job_id).partition,
    "A claim's own.",
    "ClaimedJob",
    scope="write:jobs",
    views=LOG,
    about="video",
)
