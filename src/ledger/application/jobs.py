"""Functions on jobs: what workers take, tell of and bring back, and what becomes of it in the ledger."""

import json
from typing import Annotated, Any, Final

from pydantic import Field

from ledger.application.functions import Acting, Action, Mutation, Query, Reading, array, on_origin
from ledger.application.leases import CLAIMED, START, STARTABLE, OfKinds, decided, job_in, named
from ledger.application.pages import Limit
from ledger.application.results import events_of
from ledger.domain import jobs
from ledger.domain.entries import Event
from ledger.domain.jobs import Failure, Job
from ledger.domain.jobs.refusals import JobNotDue
from ledger.domain.values import INTEGER_MAX, Frozen, Json, Measure, Name, Text, Whole
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import jobs as view
from ledger.projections.projection import ANSWER_LENGTH_DEFAULT

Attempt = Annotated[Whole, Field(ge=1, le=INTEGER_MAX)]


def _standing(job: Job, attempt: int, events: list[Event]) -> str:
    """Whether the attempt was still the one that counts."""
    is_current = attempt == job.attempt and not any(isinstance(event, jobs.JobAnsweredLate) for event in events)
    return json.dumps({"isCurrent": is_current and not job.has_ended})


# What workers ask for.


class _OfAttempt(Frozen):
    job_id: Name
    attempt: Attempt


class Heartbeat(_OfAttempt):
    progress: Measure | None = None


class Complete(_OfAttempt):
    result: Json = None


class Fail(_OfAttempt):
    failure: Failure
    error: Text


class Cancel(Frozen):
    job_id: Name
    reason: Text | None = None


class ListJobs(Frozen):
    kind: Name | None = None
    status: jobs.Status | None = None
    limit: Limit = ANSWER_LENGTH_DEFAULT


class GetJob(Frozen):
    job_id: Name


def _heartbeat(command: Heartbeat, stream: Stream, vocabulary: Vocabulary) -> Decision:
    job = job_in(stream, command.job_id)
    said = jobs.ReportProgress(attempt=command.attempt, progress=command.progress)
    events = decided(said, job, stream, vocabulary)
    alive = job.status == "running" and command.attempt == job.attempt
    return Decision(events, lambda _: json.dumps({"isCurrent": alive}))


def _complete(command: Complete, stream: Stream, vocabulary: Vocabulary) -> Decision:
    job = job_in(stream, command.job_id)
    events = events_of(job, command.attempt, command.result, stream, vocabulary.jobs)
    return Decision(events, lambda _: _standing(job, command.attempt, events))


def _fail(command: Fail, stream: Stream, vocabulary: Vocabulary) -> Decision:
    job = job_in(stream, command.job_id)
    said = jobs.FailJob(attempt=command.attempt, failure=command.failure, error=command.error)
    events = decided(said, job, stream, vocabulary)
    return Decision(events, lambda _: _standing(job, command.attempt, events))


def _cancel(command: Cancel, stream: Stream, vocabulary: Vocabulary) -> Decision:
    job = job_in(stream, command.job_id)
    return Decision(decided(jobs.CancelJob(reason=command.reason), job, stream, vocabulary), lambda _: "null")


def _claim(asked: OfKinds, acting: Acting) -> str:
    for job_id in json.loads(acting.read(STARTABLE, {"kinds": list(asked.kinds)})):
        try:
            acting.write(START, {"jobId": job_id, "worker": acting.caller.actor})
        except JobNotDue:
            continue  # somebody else was faster
        return on_origin(acting.read(CLAIMED, {"jobId": job_id}), acting.caller.origin)
    return "null"


def _list(asked: ListJobs, reading: Reading) -> str:
    return array(view.list_newest(reading.views, limit=asked.limit, kind=asked.kind, status=asked.status))


def _get(asked: GetJob, reading: Reading) -> str:
    job = view.get(reading.views, asked.job_id)
    return job.to_json() if job else "null"


def _of_worker(name: str, arguments: type[Frozen], decide: Any, summary: str) -> Mutation:
    return Mutation(
        f"jobs:{name}",
        f"/jobs/{name}",
        arguments,
        "null" if arguments is Cancel else "attempt",
        decide,
        lambda command: named(command.job_id).partition,
        summary,
        scope="write:jobs",
        about="video",
    )


HEARTBEAT: Final = _of_worker(
    "heartbeat",
    Heartbeat,
    _heartbeat,
    "A sign of life, perhaps with progress from 0 to 100: renews the lease, and tells whether the attempt still counts.",
)
COMPLETE: Final = _of_worker(
    "complete",
    Complete,
    _complete,
    "Brings a result, which is recorded with the end of the job; of an attempt that was replaced it is only kept.",
)
FAIL: Final = _of_worker(
    "fail",
    Fail,
    _fail,
    "Ends an attempt with an error and its class; a transient one is tried again, a while later, up to the limit.",
)
CANCEL: Final = _of_worker(
    "cancel", Cancel, _cancel, "Calls a job off for good. Its worker is told with its next heartbeat."
)

FUNCTIONS: Final = (
    Action(
        "jobs:claim",
        "/jobs/claim",
        OfKinds,
        _claim,
        None,
        "Takes the oldest job of these kinds that waits for a worker, leased to the caller; null where there is none.",
        "ClaimedJob",
        scope="write:jobs",
    ),
    HEARTBEAT,
    COMPLETE,
    FAIL,
    CANCEL,
    Query(
        "jobs:list",
        "/jobs",
        ListJobs,
        _list,
        None,
        "Jobs, newest first.",
        "Jobs",
        scope="read",
        views=frozenset({"jobs"}),
    ),
    Query(
        "jobs:get",
        "/jobs/job",
        GetJob,
        _get,
        lambda asked: named(asked.job_id).partition,
        "The job, or null.",
        "Job",
        scope="read",
        views=frozenset({"jobs"}),
        about="video",
        is_brief=True,
    ),
)
