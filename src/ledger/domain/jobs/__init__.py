"""Jobs: work that takes its time, done by somebody else, who may be lost on the way.

scheduled → started, leased to a worker → progressed → completed | failed | its lease lost → retried, a while later → …

A job stands in the partition of what it is about, so that what it comes to is recorded with it. How long a lease lasts and a
retry waits is in the events, counted from when they were recorded: a history needs no settings, and a decision no clock but the
time at which it will be recorded. Chance (the jitter of a retry) is drawn outside, and comes in as a number.
"""

from ledger.domain.jobs.decisions import (
    PROGRESS_MAX,
    CancelJob,
    CompleteJob,
    ExpireLease,
    FailJob,
    Failure,
    HandOverJob,
    JobCommand,
    Policy,
    ReportProgress,
    RetryJob,
    StartJob,
    decide,
    late_answer,
    schedule,
)
from ledger.domain.jobs.events import (
    CHANGES,
    EVENTS,
    JobAnsweredLate,
    JobCancelled,
    JobChanged,
    JobCompleted,
    JobEvent,
    JobFailed,
    JobHandedOver,
    JobLeaseLost,
    JobProgressed,
    JobRetried,
    JobScheduled,
    JobStarted,
    entity_of,
)
from ledger.domain.jobs.state import LOST, Job, Status, begun, evolve, foresee

__all__ = [
    "CHANGES",
    "EVENTS",
    "LOST",
    "PROGRESS_MAX",
    "CancelJob",
    "CompleteJob",
    "ExpireLease",
    "FailJob",
    "Failure",
    "HandOverJob",
    "Job",
    "JobAnsweredLate",
    "JobCancelled",
    "JobChanged",
    "JobCommand",
    "JobCompleted",
    "JobEvent",
    "JobFailed",
    "JobHandedOver",
    "JobLeaseLost",
    "JobProgressed",
    "JobRetried",
    "JobScheduled",
    "JobStarted",
    "Policy",
    "ReportProgress",
    "RetryJob",
    "StartJob",
    "Status",
    "begun",
    "decide",
    "entity_of",
    "evolve",
    "foresee",
    "late_answer",
    "schedule",
]
