"""What happens to a job."""

from typing import Any, ClassVar, Final

from ledger.domain.entries import Event
from ledger.domain.values import Number


def entity_of(sequence: int) -> str:
    """The log's entity of the job that was scheduled at ``sequence``."""
    return f"job:{sequence}"


class JobScheduled(Event):
    stored_as: ClassVar[str] = "job-scheduled.1"
    kind: str
    subject: str | None = None
    """The Id of what it is about."""
    input: Any = None
    attempts_max: int
    lease_ms: int
    backoff_ms: int

    def entity(self, sequence: int) -> str:
        return entity_of(sequence)


class JobChanged(Event):
    """Anything that happens to a job after it was scheduled. ``job`` is the sequence at which that was."""

    job: int
    attempt: int
    """The attempt that it concerns, from 1; 0 before the first."""

    def entity(self, sequence: int) -> str:
        return entity_of(self.job)


class JobStarted(JobChanged):
    stored_as: ClassVar[str] = "job-started.1"
    worker: str | None = None
    """Who has it, where that is not who recorded this."""
    lease_ms: int


class JobHandedOver(JobChanged):
    """The worker has taken a job that was pushed to it, or has not said no: from here on the lease is a whole one."""

    stored_as: ClassVar[str] = "job-handed-over.1"


class JobProgressed(JobChanged):
    """A sign of life: the lease begins anew."""

    stored_as: ClassVar[str] = "job-progressed.1"
    progress: Number | None = None


class JobCompleted(JobChanged):
    stored_as: ClassVar[str] = "job-completed.1"
    result: Any = None


class JobFailed(JobChanged):
    stored_as: ClassVar[str] = "job-failed.1"
    failure: str
    error: str
    retry_after_ms: int | None = None
    """How long the next attempt waits; absent where there is none."""


class JobLeaseLost(JobChanged):
    stored_as: ClassVar[str] = "job-lease-lost.1"
    retry_after_ms: int | None = None


class JobRetried(JobChanged):
    """It may be started again. With ``attempts_max`` somebody asked for it anew, and that is the last attempt from now on."""

    stored_as: ClassVar[str] = "job-retried.1"
    attempts_max: int | None = None


class JobCancelled(JobChanged):
    stored_as: ClassVar[str] = "job-cancelled.1"
    reason: str | None = None


class JobAnsweredLate(JobChanged):
    """What an attempt said that had been replaced, or a job's worker after its end. It changes nothing."""

    stored_as: ClassVar[str] = "job-answered-late.1"
    said: Any = None


CHANGES: Final = (
    JobStarted,
    JobHandedOver,
    JobProgressed,
    JobCompleted,
    JobFailed,
    JobLeaseLost,
    JobRetried,
    JobCancelled,
    JobAnsweredLate,
)
EVENTS: Final = (JobScheduled, *CHANGES)
JobEvent = JobScheduled | JobChanged
