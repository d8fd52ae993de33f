"""Videos that an external worker looks through: an upload, the job of processing it, and what the worker found.

How far it has come is what its job says, whether the worker was pushed to it or has told of it unasked.
"""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from ledger.domain import jobs
from ledger.domain.documents import Document
from ledger.domain.entries import Entry, Event
from ledger.domain.jobs import CompleteJob, FailJob, Job, Policy, ReportProgress, RetryJob, StartJob
from ledger.domain.refusals import Invalid, Refusal
from ledger.domain.values import INTEGER_MAX, Frozen, Json, Measure, Name, Number, Text, Whole

VideoStatus = Literal["uploaded", "processing", "completed", "failed"]

ENTITY: Final = "video"
JOB_KIND: Final = "video-processing"
JOB: Final = 2
"""The sequence of the job: the first thing that happens to a video is that it is scheduled. It is its only one."""
NOT_STARTED: Final = "Failed to start processing"
_NO_REASON: Final = "no reason was given"


# What has happened.


class VideoCreated(Event):
    stored_as: ClassVar[str] = "video-created.1"
    storage_id: str
    filename: str
    size: int

    def entity(self, sequence: int) -> str:
        return ENTITY


class VideoResultsRecorded(Event):
    stored_as: ClassVar[str] = "video-results-recorded.1"
    results: Any
    processed_video_storage_id: str | None = None

    def entity(self, sequence: int) -> str:
        return ENTITY


EVENTS: Final = (VideoCreated, VideoResultsRecorded)


# What it amounts to.


class Video(Document):
    storage_id: str
    filename: str
    size: int
    status: VideoStatus
    progress: Number | None = None
    error: str | None = None
    results: dict[str, Any] | None = None
    processed_video_storage_id: str | None = None
    created_at: int
    completed_at: int | None = None


def evolve(video: Video | None, entry: Entry) -> Video:
    """The video and its results; see ``with_job`` for how far it has come."""
    match entry.event:
        case VideoCreated() as created:
            at = entry.recorded_at
            facts = created.model_dump()
            return Video(id=entry.partition, creation_time=at, created_at=at, status="uploaded", **facts)
        case VideoResultsRecorded() as found:
            assert video is not None, f"{entry.partition} does not begin with its video"
            return video.model_copy(update=found.model_dump())
        case event:
            raise AssertionError(f"{type(event).__name__} is no event of a video")


def status_of(job: Job | None) -> VideoStatus:
    if job is None:
        return "uploaded"
    match job.status:
        case "scheduled" | "running" | "waiting":
            return "processing"
        case "completed":
            return "completed"
        case "failed" | "cancelled":
            return "failed"


def with_job(video: Video, job: Job) -> Video:
    """The video as its job has left it."""
    status = status_of(job)
    shown: dict[str, Any] = {"status": status, "progress": job.progress, "error": None, "completed_at": None}
    match status:
        case "completed":
            shown |= {"progress": jobs.PROGRESS_MAX, "completed_at": job.completed_at}
        case "failed":
            shown["error"] = job.error or "cancelled"
        case _:
            shown["progress"] = job.progress or 0
    return video.model_copy(update=shown)


# Why it may not.


class VideoNotFound(Refusal):
    code = "not_found"

    def __init__(self, video_id: str) -> None:
        super().__init__(f"videoId: there is no video {video_id!r}", field="videoId")


class VideoCannotMove(Refusal):
    code = "refused"

    def __init__(self, status: str, wanted: str) -> None:
        message = f"status: a video that is {status} cannot become {wanted}"
        super().__init__(message, field="status", status=status)


class ProcessingNotStarted(Refusal):
    """The video's worker cannot be reached, or said no."""

    code = "refused"

    def __init__(self) -> None:
        super().__init__("Modal processing failed to start")


# What may happen.


class CreateVideo(Frozen):
    storage_id: Name
    filename: Name
    size: Annotated[Whole, Field(ge=0, le=INTEGER_MAX)]


class ProcessVideo(Frozen):
    video_id: Name
    origin: Text = ""
    """Where the worker reaches this server, when it is the same as whoever asks for it does."""


class UpdateVideoStatus(Frozen):
    video_id: Name
    status: VideoStatus
    progress: Measure | None = None
    error: Text | None = None


class UpdateVideoResults(Frozen):
    video_id: Name
    results: dict[str, Json]
    processed_video_storage_id: Name | None = None


class Desk(Frozen):
    """What a decision on a video's job needs beside the command: when it is, and what this deployment allows."""

    policy: Policy
    now_ms: int
    jitter: float = 0.5


def decide_creating(command: CreateVideo) -> list[VideoCreated]:
    return [VideoCreated(**command.model_dump())]


def decide_processing(command: ProcessVideo, video: Video | None, job: Job | None, desk: Desk) -> list[Event]:
    """The job, or a failed one anew; nothing where it is under way. Raises VideoNotFound, or VideoCannotMove after its end."""
    if video is None:
        raise VideoNotFound(command.video_id)
    match status_of(job):
        case "completed":
            raise VideoCannotMove("completed", "processing")
        case "processing":
            return []
        case _:
            return _scheduled(video, job, desk, command.origin)[0]


def decide_status(command: UpdateVideoStatus, video: Video | None, job: Job | None, desk: Desk) -> list[Event]:
    """What somebody says of a video who was given no callback URL: it is taken for the attempt that is under way.

    Raises VideoNotFound, Invalid for an error of what has not failed, or VideoCannotMove: a completed video stays so.
    """
    if video is None:
        raise VideoNotFound(command.video_id)
    if command.error is not None and command.status != "failed":
        raise Invalid("error", f"goes with the status failed, not with {command.status}")
    status = status_of(job)
    if command.status == status and status != "processing":
        return []
    if status == "completed" or command.status == "uploaded":
        raise VideoCannotMove(status, command.status)
    events, running = _running(video, job, desk)
    match command.status:
        case "completed":
            said: jobs.JobCommand = CompleteJob(attempt=running.attempt)
        case "failed":
            said = FailJob(attempt=running.attempt, failure="permanent", error=command.error or _NO_REASON)
        case _:
            said = ReportProgress(attempt=running.attempt, progress=command.progress)
    return [*events, *jobs.decide(said, running, desk.now_ms, desk.jitter)]


def decide_results(command: UpdateVideoResults, video: Video | None, job: Job | None, desk: Desk) -> list[Event]:
    """What was found, and that it is completed. Of a video that has its results others are kept, and change nothing.

    Raises VideoNotFound.
    """
    if video is None:
        raise VideoNotFound(command.video_id)
    if status_of(job) == "completed" and job is not None:
        if video.results is None:
            return [_results(command)]
        return list(jobs.late_answer(job, job.attempt, _said(command)))
    events, running = _running(video, job, desk)
    return [*events, _results(command), *jobs.decide(CompleteJob(attempt=running.attempt), running, desk.now_ms)]


def decide_answer(command: UpdateVideoResults, video: Video, job: Job, attempt: int, now_ms: int) -> list[Event]:
    """What the worker of one attempt has found: recorded where it is the present one, else kept as a fact of no effect."""
    if attempt != job.attempt or job.has_ended:
        if attempt == job.attempt and job.status == "completed" and video.results is None:
            return [_results(command)]
        return list(jobs.late_answer(job, attempt, _said(command)))
    return [_results(command), *jobs.decide(CompleteJob(attempt=attempt), job, now_ms)]


def decide_report(command: UpdateVideoStatus, job: Job, attempt: int, now_ms: int) -> list[Event]:
    """What the worker of one attempt says of how far it is. That it is completed only its results say."""
    if command.status == "uploaded":
        raise Invalid("status", "must be processing, completed or failed")
    if command.status == "failed":
        said: jobs.JobCommand = FailJob(attempt=attempt, failure="permanent", error=command.error or _NO_REASON)
    else:
        said = ReportProgress(attempt=attempt, progress=command.progress)
    return list(jobs.decide(said, job, now_ms))


def _results(command: UpdateVideoResults) -> VideoResultsRecorded:
    return VideoResultsRecorded(**command.model_dump(exclude={"video_id"}))


def _said(command: UpdateVideoResults) -> dict[str, Any]:
    return command.model_dump(exclude={"video_id"}, exclude_none=True, by_alias=True)


def _scheduled(video: Video, job: Job | None, desk: Desk, origin: str = "") -> tuple[list[Event], Job]:
    """What makes the video's job one that can be started, and the job as it is then."""
    if job is None:
        about = {"storageId": video.storage_id} | ({"origin": origin} if origin else {})
        event = jobs.schedule(JOB_KIND, desk.policy, subject=video.id, about=about)
        return [event], jobs.begun(event, video.id, JOB, desk.now_ms)
    if job.status == "scheduled":
        return [], job
    events = jobs.decide(RetryJob(anew=desk.policy.attempts_max), job, desk.now_ms)
    return list(events), jobs.foresee(job, events, desk.now_ms)


def _running(video: Video, job: Job | None, desk: Desk) -> tuple[list[Event], Job]:
    """What makes the video's job one that runs, and the job as it is then."""
    if job is not None and job.status == "running":
        return [], job
    events, ready = _scheduled(video, job, desk)
    started = jobs.decide(StartJob(), ready, desk.now_ms)
    return [*events, *started], jobs.foresee(ready, started, desk.now_ms)
