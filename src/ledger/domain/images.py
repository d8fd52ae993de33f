"""Images that are made of images: an upload, the job of generating, and what came of it, all in one partition.

How far the generation has come is what its job says: a page that shows the image shows its job.
"""

from typing import Any, ClassVar, Final, Literal, get_args

from ledger.domain import jobs
from ledger.domain.documents import Document
from ledger.domain.entries import Entry, Event
from ledger.domain.ids import make_id
from ledger.domain.jobs import (
    CompleteJob,
    FailJob,
    Failure,
    Job,
    JobChanged,
    Policy,
    RetryJob,
    StartJob,
)
from ledger.domain.refusals import Invalid, Refusal
from ledger.domain.values import Frozen, Name, Text

GenerationStatus = Literal["pending", "processing", "completed", "failed"]

ENTITY: Final = "image"
JOB_KIND: Final = "image-generation"
JOB: Final = 2
"""The sequence of the job: it is scheduled with the image, and is its only one."""
STATUSES: Final[dict[jobs.Status, GenerationStatus]] = {
    "scheduled": "pending",
    "running": "processing",
    "waiting": "failed",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "failed",
}


def entity_of_result(storage_id: str) -> str:
    """The log's entity of a result: the same file is the same result."""
    return f"result:{storage_id}"


# What has happened.


class ImageAdded(Event):
    stored_as: ClassVar[str] = "image-added.1"
    body: str
    """The storageId of its bytes."""

    def entity(self, sequence: int) -> str:
        return ENTITY


class ImageGenerated(Event):
    stored_as: ClassVar[str] = "image-generated.1"
    body: str

    def entity(self, sequence: int) -> str:
        return entity_of_result(self.body)


EVENTS: Final = (ImageAdded, ImageGenerated)


# What it amounts to.


class Image(Document):
    body: str
    created_at: int
    is_generated: bool | None = None
    original_image_id: str | None = None
    generation_status: GenerationStatus | None = None
    generation_error: str | None = None


def evolve(image: Image | None, entry: Entry) -> Image:
    """An original after its addition, or a result; nothing else happens to them. See ``with_job`` for what a page shows."""
    match entry.event:
        case ImageAdded() as added:
            facts: dict[str, Any] = {"id": entry.partition, "body": added.body, "generation_status": "pending"}
        case ImageGenerated() as generated:
            made_of = {"is_generated": True, "original_image_id": entry.partition}
            facts = {"id": make_id(entry.partition, "image", entry.sequence), "body": generated.body, **made_of}
        case event:
            raise AssertionError(f"{type(event).__name__} is no event of an image")
    return image or Image(creation_time=entry.recorded_at, created_at=entry.recorded_at, **facts)


def status_of(job: Job) -> GenerationStatus:
    """An attempt that failed shows, until the next is due."""
    return STATUSES[job.status]


def with_job(image: Image, job: Job) -> Image:
    """The original as its job has left it."""
    status = status_of(job)
    error = None
    if status == "failed":
        error = f"{job.failure}: {job.error}" if job.failure else f"permanent: {job.error or 'cancelled'}"
    return image.model_copy(update={"generation_status": status, "generation_error": error})


# Why it may not.


class ImageNotFound(Refusal):
    code = "not_found"

    def __init__(self, image_id: str, field: str = "imageId") -> None:
        super().__init__(f"{field}: there is no image {image_id!r}", field=field)


class GenerationCannotMove(Refusal):
    code = "refused"

    def __init__(self, status: str, wanted: str) -> None:
        message = f"status: an image whose generation is {status} cannot become {wanted}"
        super().__init__(message, field="status", status=status)


# What may happen.


class ScheduleGeneration(Frozen):
    storage_id: Name


class MoveGeneration(Frozen):
    image_id: Name
    status: GenerationStatus
    error: Text | None = None


class SaveGenerated(Frozen):
    storage_id: Name
    original_image_id: Name


def decide_scheduling(command: ScheduleGeneration, policy: Policy, partition: str) -> list[Event]:
    """The image, and the job that goes with it."""
    scheduled = jobs.schedule(JOB_KIND, policy, subject=partition, about={"storageId": command.storage_id})
    return [ImageAdded(body=command.storage_id), scheduled]


def decide_saving(command: SaveGenerated, image: Image | None, saved: Image | None) -> list[ImageGenerated]:
    """A result; nothing where it was saved before, as ``saved``. Raises ImageNotFound."""
    if image is None:
        raise ImageNotFound(command.original_image_id, "originalImageId")
    return [] if saved is not None else [ImageGenerated(body=command.storage_id)]


def decide_move(
    command: MoveGeneration, job: Job | None, policy: Policy, now_ms: int, jitter: float
) -> list[JobChanged]:
    """What a worker that has found the image by itself makes known of it, as events of its job.

    Raises ImageNotFound, Invalid for an error of what has not failed, or GenerationCannotMove: a generation that is completed
    stays so, and one that has begun is pending again only after it has failed.
    """
    if job is None:
        raise ImageNotFound(command.image_id)
    if command.error is not None and command.status != "failed":
        raise Invalid("error", f"goes with the status failed, not with {command.status}")
    status = status_of(job)
    if command.status == status:
        return []
    if status == "completed" or (command.status, status) == ("pending", "processing"):
        raise GenerationCannotMove(status, command.status)
    events: list[JobChanged] = []
    if status == "failed" and command.status in ("pending", "processing"):
        events, job = _followed(jobs.decide(RetryJob(anew=policy.attempts_max), job, now_ms), job, now_ms)
    if command.status != "pending" and job.status == "scheduled":
        started, job = _followed(jobs.decide(StartJob(), job, now_ms), job, now_ms)
        events += started
    match command.status:
        case "completed":
            events += jobs.decide(CompleteJob(attempt=job.attempt), job, now_ms)
        case "failed":
            failure, error = failure_of(command.error or "no reason was given")
            events += jobs.decide(FailJob(attempt=job.attempt, failure=failure, error=error), job, now_ms, jitter)
        case _:
            pass
    return events


def _followed(events: list[JobChanged], job: Job, now_ms: int) -> tuple[list[JobChanged], Job]:
    """The job once these events of it are recorded."""
    return events, jobs.foresee(job, events, now_ms)


def failure_of(error: str) -> tuple[Failure, str]:
    """An error's class, which it begins with, and the rest of it. What names none will not go away by itself."""
    named, _, rest = error.partition(":")
    for failure in get_args(Failure):
        if named.strip().lower() == failure:
            return failure, rest.strip()
    return "permanent", error
