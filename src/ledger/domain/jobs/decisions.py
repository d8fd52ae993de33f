"""What may happen to a job, and what its worker's word comes to."""

from json import dumps
from typing import Annotated, Any, Final, Literal

from pydantic import Field

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
from ledger.domain.jobs.refusals import AttemptNotStarted, JobNotDue
from ledger.domain.jobs.state import Job, digest_of
from ledger.domain.values import Frozen, Json, Measure, Name, Text

Failure = Literal["quota", "rate limit", "transient", "permanent"]
"""What a failure is due to. Only a transient one is tried again by itself."""

PROGRESS_MAX: Final = 100
DELAY_MS_MAX: Final = 3_600_000
JITTER: Final = 0.25
"""By which part of itself a delay is longer or shorter, at most, so that what failed together is not tried again together."""
STEP_MIN: Final = 1.0
STEP_MS_MIN: Final = 1_000
"""A progress is recorded where it is a whole point further than the last, or a second later. Chatter between is dropped."""
LATE_ANSWERS_MAX: Final = 20
"""How many different late answers of one job are kept."""
LATE_LENGTH_MAX: Final = 64 * 1024
"""Of a longer one only the digest is."""


class Policy(Frozen):
    """How often a deployment tries, and how long it waits; see LEDGER_JOB_… in the settings."""

    attempts_max: Annotated[int, Field(ge=1)] = 3
    lease_ms: Annotated[int, Field(ge=1)] = 2_100_000
    backoff_ms: Annotated[int, Field(ge=0)] = 10_000


class StartJob(Frozen):
    worker: Name | None = None
    lease_ms: int | None = None
    """How long the lease is at first, where it is not the job's own."""


class _OfAttempt(Frozen):
    attempt: Annotated[int, Field(ge=1)]


class HandOverJob(_OfAttempt):
    pass


class ReportProgress(_OfAttempt):
    progress: Measure | None = None


class CompleteJob(_OfAttempt):
    result: Json = None


class FailJob(_OfAttempt):
    failure: Failure
    error: Text


class ExpireLease(_OfAttempt):
    pass


class RetryJob(Frozen):
    anew: int = 0
    """With how many attempts, where somebody asks for it; 0 where its time has come."""


class CancelJob(Frozen):
    reason: Text | None = None


JobCommand = StartJob | HandOverJob | ReportProgress | CompleteJob | FailJob | ExpireLease | RetryJob | CancelJob


def schedule(kind: str, policy: Policy, *, subject: str | None = None, about: Any = None) -> JobScheduled:
    """A new job. ``subject`` and ``about`` tell a worker what to do."""
    return JobScheduled(kind=kind, subject=subject, input=about, **policy.model_dump())


def decide(command: JobCommand, job: Job, now_ms: int, jitter: float = 0.5) -> list[JobChanged]:
    """What becomes of a job. ``jitter`` is from 0 to 1, drawn anew for every decision.

    Raises JobNotDue where it cannot be started, or AttemptNotStarted where an attempt is spoken of that never was.
    What comes too late is no refusal: it is kept, and changes nothing.
    """
    match command:
        case StartJob():
            if job.status != "scheduled":
                raise JobNotDue(job.id, job.status)
            return [
                JobStarted(
                    job=job.sequence,
                    attempt=job.attempt + 1,
                    worker=command.worker,
                    lease_ms=command.lease_ms or job.lease_ms,
                )
            ]
        case RetryJob():
            return _retry(command, job, now_ms)
        case CancelJob():
            if job.has_ended:
                return []
            return [JobCancelled(job=job.sequence, attempt=job.attempt, reason=command.reason)]
        case ExpireLease():
            is_lost = _is_running(command, job) and job.lease_until is not None and job.lease_until <= now_ms
            return [_lost(job, jitter)] if is_lost else []
        case HandOverJob():
            return [JobHandedOver(job=job.sequence, attempt=job.attempt)] if _is_running(command, job) else []
        case _:
            return _answer(command, job, now_ms, jitter)


def _is_running(command: _OfAttempt, job: Job) -> bool:
    return job.status == "running" and command.attempt == job.attempt


def _answer(command: ReportProgress | CompleteJob | FailJob, job: Job, now_ms: int, jitter: float) -> list[JobChanged]:
    """What a worker says."""
    _require_started(job, command.attempt)
    place = {"job": job.sequence, "attempt": command.attempt}
    if command.attempt == job.attempt:
        match command:
            case CompleteJob() if not job.has_ended:  # also where its lease ran out, as long as nobody else has begun
                return [JobCompleted(**place, result=command.result)]
            case FailJob() if job.status == "running":
                return [_failed(job, command, jitter)]
            case ReportProgress() if job.status == "running":
                return [JobProgressed(**place, progress=command.progress)] if _is_news(command, job, now_ms) else []
            case _:
                pass
    return late_answer(job, command.attempt, command.model_dump(exclude={"attempt"}, exclude_none=True))


def _require_started(job: Job, attempt: int) -> None:
    if attempt > job.attempt:
        raise AttemptNotStarted(job.id, attempt)


def late_answer(job: Job, attempt: int, said: dict[str, Any]) -> list[JobChanged]:
    """What was said too late, as a fact; nothing where the same was said before, or too much already.

    Raises AttemptNotStarted.
    """
    _require_started(job, attempt)
    if (length := len(dumps(said))) > LATE_LENGTH_MAX:
        said = {"sha256": digest_of(attempt, said), "length": length}
    if len(job.late) >= LATE_ANSWERS_MAX or digest_of(attempt, said) in job.late:
        return []
    return [JobAnsweredLate(job=job.sequence, attempt=attempt, said=said)]


def _is_news(command: ReportProgress, job: Job, now_ms: int) -> bool:
    """Whether a sign of life is worth a fact: it is further than the last, and not only chatter, or the lease grows old."""
    before, said = job.progress, command.progress
    if said is not None and said != before:
        if not (before or 0) <= said <= PROGRESS_MAX:
            return False
        if before is None or said == PROGRESS_MAX or said - before >= STEP_MIN or now_ms - job.seen_at >= STEP_MS_MIN:
            return True
    return now_ms - job.seen_at >= job.lease_ms / 4


def _failed(job: Job, command: FailJob, jitter: float) -> JobFailed:
    may_retry = command.failure == "transient" and job.attempt < job.attempts_max
    return JobFailed(
        job=job.sequence,
        attempt=job.attempt,
        failure=command.failure,
        error=command.error,
        retry_after_ms=delay_ms(job, jitter) if may_retry else None,
    )


def _lost(job: Job, jitter: float) -> JobLeaseLost:
    may_retry = job.attempt < job.attempts_max
    return JobLeaseLost(
        job=job.sequence, attempt=job.attempt, retry_after_ms=delay_ms(job, jitter) if may_retry else None
    )


def delay_ms(job: Job, jitter: float) -> int:
    """How long the attempt after this one waits: twice as long each time, a quarter more or less by chance."""
    doublings = min(max(job.attempt - job.asked_after, 1) - 1, 30)
    delay = min(job.backoff_ms << doublings, DELAY_MS_MAX)
    return round(delay * (1 - JITTER + 2 * JITTER * jitter))


def _retry(command: RetryJob, job: Job, now_ms: int) -> list[JobChanged]:
    place = {"job": job.sequence, "attempt": job.attempt}
    if command.anew and job.status in ("waiting", "failed", "cancelled"):
        return [JobRetried(**place, attempts_max=job.attempt + command.anew)]
    is_due = job.status == "waiting" and job.due_at is not None and job.due_at <= now_ms
    return [JobRetried(**place)] if is_due else []
