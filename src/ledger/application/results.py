"""What a worker's result comes to, by the kind of its job: facts about what the job is about, recorded with its end."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from ledger.application.files import require_stored
from ledger.domain import images, jobs, recordings, videos
from ledger.domain.arguments import parse_arguments
from ledger.domain.entries import Event
from ledger.domain.images import SaveGenerated
from ledger.domain.jobs import Job, Policy
from ledger.domain.recordings import ScreenshotRead, StoreDocumentation
from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen, Json, Name
from ledger.domain.videos import UpdateVideoResults
from ledger.log.stream import Stream

Result = TypeVar("Result", bound=Frozen)
Make = Callable[[Job, int, Any, Stream, Policy], list[Event]]


class ImageResult(Frozen):
    storage_id: Name


class VideoResult(Frozen):
    results: dict[str, Json]
    processed_video_storage_id: Name | None = None


class TextResult(Frozen):
    text: str


class DocumentResult(Frozen):
    content: str


def events_of(job: Job, attempt: int, result: Any, stream: Stream, policy: Policy) -> list[Event]:
    """The facts of a result; where it comes too late, only that it came.

    Raises Invalid where it is not what a job of this kind comes to, FileNotFound, or AttemptNotStarted.
    """
    make = _BY_KIND.get(job.kind)
    if make is None or attempt != job.attempt or job.has_ended:
        return list(jobs.decide(jobs.CompleteJob(attempt=attempt, result=result), job, stream.now_ms))
    return make(job, attempt, result, stream, policy)


def _read(kind: type[Result], result: object) -> Result:
    try:
        return parse_arguments(kind, result)
    except Invalid as broken:
        field, rule = broken.detail["field"], broken.detail["rule"]
        raise Invalid("result" if field == "arguments" else f"result.{field}", rule) from None


def _done(job: Job, attempt: int, stream: Stream, result: Any = None) -> list[Event]:
    return list(jobs.decide(jobs.CompleteJob(attempt=attempt, result=result), job, stream.now_ms))


def _image(job: Job, attempt: int, result: Any, stream: Stream, _: Policy) -> list[Event]:
    read = _read(ImageResult, result)
    require_stored(stream, read.storage_id, "result.storageId")
    image = stream.state_of(images.ENTITY, images.evolve)
    saved = stream.state_of(images.entity_of_result(read.storage_id), images.evolve)
    save = SaveGenerated(storage_id=read.storage_id, original_image_id=stream.partition)
    return [*images.decide_saving(save, image, saved), *_done(job, attempt, stream, result)]


def _video(job: Job, attempt: int, result: Any, stream: Stream, _: Policy) -> list[Event]:
    read = _read(VideoResult, result)
    if read.processed_video_storage_id is not None:
        require_stored(stream, read.processed_video_storage_id, "result.processedVideoStorageId")
    video = stream.state_of(videos.ENTITY, videos.evolve)
    assert video is not None, f"{stream.partition} has a job, and no video"
    said = UpdateVideoResults(video_id=stream.partition, **read.model_dump())
    return videos.decide_answer(said, video, job, attempt, stream.now_ms)


def _text(job: Job, attempt: int, result: Any, stream: Stream, policy: Policy) -> list[Event]:
    assert job.subject is not None, "what is to be read has an Id"
    screenshot = recordings.require_screenshot_id(job.subject).sequence
    read = ScreenshotRead(screenshot=screenshot, text=_read(TextResult, result).text)
    recording = stream.state_of(recordings.ENTITY, recordings.evolve)
    return [*_done(job, attempt, stream), *recordings.decide_text(job.subject, read, recording, policy)]


def _document(job: Job, attempt: int, result: Any, stream: Stream, _: Policy) -> list[Event]:
    content = _read(DocumentResult, result).content
    recording = stream.state_of(recordings.ENTITY, recordings.evolve)
    store = StoreDocumentation(session_id=stream.partition, content=content)
    return [*recordings.decide_documentation(store, recording), *_done(job, attempt, stream)]


_BY_KIND: Final[dict[str, Make]] = {
    images.JOB_KIND: _image,
    videos.JOB_KIND: _video,
    recordings.READING: _text,
    recordings.DOCUMENTING: _document,
}
