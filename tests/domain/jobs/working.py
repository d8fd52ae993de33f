"""Jobs told as sentences: ``working(at=9).given(scheduled, started).when(CompleteJob(attempt=1)).then(…)``; times in seconds."""

from typing import Final

from ledger.domain import jobs
from ledger.domain.jobs import Job, JobScheduled, JobStarted
from tests.domain.grammar import History, Noun
from tests.recordings import RECORDED_AT

LEASE_MS: Final = 100_000
BACKOFF_MS: Final = 10_000

scheduled = JobScheduled(
    kind="video-processing",
    subject="v1",
    input={"storageId": "f1"},
    attempts_max=3,
    lease_ms=LEASE_MS,
    backoff_ms=BACKOFF_MS,
)
"""The beginning of every story: sequence 1, a second after RECORDED_AT, as each event is a second after the one before."""
started = JobStarted(job=1, attempt=1, worker="ann", lease_ms=LEASE_MS)


def started_again(attempt: int, worker: str = "ben") -> JobStarted:
    return JobStarted(job=1, attempt=attempt, worker=worker, lease_ms=LEASE_MS)


def job_after(history: History) -> Job:
    job = history.state(jobs.entity_of(1), jobs.evolve)
    assert job is not None
    return job


def working(at: float = 0, jitter: float = 0.5) -> Noun:
    """The rules of jobs, so many seconds after RECORDED_AT."""
    return Noun(
        lambda command, history: jobs.decide(command, job_after(history), RECORDED_AT + round(1_000 * at), jitter)
    )
