"""What a job amounts to."""

from collections.abc import Iterable
from hashlib import sha256
from json import dumps
from typing import Any, Final, Literal

from pydantic import Field

from ledger.domain.documents import Document
from ledger.domain.entries import Entry
from ledger.domain.ids import make_id
from ledger.domain.jobs.events import (
    JobAnsweredLate,
    JobCancelled,
    JobChanged,
    JobCompleted,
    JobFailed,
    JobHandedOver,
    JobLeaseLost,
    JobProgressed,
    JobRetried,
    JobScheduled,
    JobStarted,
)
from ledger.domain.values import Number

Status = Literal["scheduled", "running", "waiting", "completed", "failed", "cancelled"]
"""``waiting`` is for the next attempt; ``failed`` is for good."""

LOST: Final = "the worker was lost"


class Job(Document):
    kind: str
    subject: str | None = None
    input: Any = None
    status: Status
    attempt: int = 0
    attempts_max: int
    worker: str | None = None
    progress: Number | None = None
    due_at: int | None = None
    """From when on it may be started, or where it waits, retried."""
    lease_until: int | None = None
    failure: str | None = None
    error: str | None = None
    result: Any = None
    created_at: int
    updated_at: int
    lease_ms: int
    backoff_ms: int
    completed_at: int | None = None
    asked_after: int = 0
    """After which attempt somebody asked for it, last: 0 for the first time."""
    seen_at: int = 0
    """When the worker last gave a sign of life that was recorded."""
    is_taken: bool = Field(default=False, exclude=True)
    """Whether the worker of the present attempt has been heard of."""
    late: tuple[str, ...] = Field(default=(), exclude=True)
    """Digests of the late answers that are kept."""

    @property
    def sequence(self) -> int:
        """The sequence at which it was scheduled."""
        return int(self.id.rpartition("-")[2][1:])

    @property
    def has_ended(self) -> bool:
        return self.status in ("completed", "failed", "cancelled")


def evolve(job: Job | None, entry: Entry) -> Job:
    """The job after one more entry. The first must be its JobScheduled."""
    event, at = entry.event, entry.recorded_at
    if isinstance(event, JobScheduled):
        return begun(event, entry.partition, entry.sequence, at)
    assert job is not None, f"{entry.entity} does not begin with its scheduling"
    assert isinstance(event, JobChanged), f"{type(event).__name__} is no event of a job"
    return foresee(job, [event], at, entry.actor)


def begun(event: JobScheduled, partition: str, sequence: int, at: int) -> Job:
    """The job that is, or will be, scheduled at a sequence."""
    return Job(
        id=make_id(partition, "job", sequence),
        creation_time=at,
        status="scheduled",
        due_at=at,
        created_at=at,
        updated_at=at,
        **event.model_dump(),
    )


def foresee(job: Job, events: Iterable[JobChanged], at: int, actor: str | None = None) -> Job:
    """The job once these events are recorded at that time: what a decision that has more to say goes on from."""
    for event in events:
        job = job.model_copy(update={"updated_at": at, **_changed(job, event, at, actor)})
    return job


_AT_REST: Final[dict[str, Any]] = {"lease_until": None, "due_at": None, "worker": None}


def _changed(job: Job, event: JobChanged, at: int, actor: str | None) -> dict[str, Any]:
    match event:
        case JobStarted():
            started = {"status": "running", "attempt": event.attempt, "worker": event.worker or actor}
            afresh = dict.fromkeys(("progress", "failure", "error", "due_at"))
            return started | afresh | {"lease_until": at + event.lease_ms, "seen_at": at, "is_taken": False}
        case JobHandedOver():
            return {"lease_until": at + job.lease_ms, "seen_at": at, "is_taken": True}
        case JobProgressed():
            progress = job.progress if event.progress is None else event.progress
            return {"progress": progress, "lease_until": at + job.lease_ms, "seen_at": at, "is_taken": True}
        case JobCompleted():
            done = {"status": "completed", "result": event.result, "completed_at": at}
            return _AT_REST | done | {"worker": job.worker, "failure": None, "error": None}
        case JobFailed():
            return _AT_REST | _ended(event.retry_after_ms, at, event.failure, event.error)
        case JobLeaseLost():
            return _AT_REST | _ended(event.retry_after_ms, at, "transient", LOST)
        case JobRetried():
            due = {"status": "scheduled", "due_at": at}
            return due if event.attempts_max is None else due | _anew(event.attempts_max, event.attempt)
        case JobCancelled():
            return _AT_REST | {"status": "cancelled"}
        case JobAnsweredLate():
            return {"late": (*job.late, digest_of(event.attempt, event.said))}
        case _:
            raise AssertionError(f"{type(event).__name__} is no event of a job")


def _anew(attempts_max: int, attempt: int) -> dict[str, Any]:
    return {"attempts_max": attempts_max, "asked_after": attempt, "progress": None, "failure": None, "error": None}


def _ended(retry_after_ms: int | None, at: int, failure: str, error: str) -> dict[str, Any]:
    """What an attempt that came to nothing leaves behind."""
    told = {"failure": failure, "error": error}
    return (
        {"status": "failed", **told}
        if retry_after_ms is None
        else {"status": "waiting", "due_at": at + retry_after_ms, **told}
    )


def digest_of(attempt: int, said: object) -> str:
    """What tells one late answer from another."""
    return sha256(dumps([attempt, said], sort_keys=True).encode()).hexdigest()[:16]
