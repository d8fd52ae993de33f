"""Functions on videos, and the word of the worker that was given one."""

import json
import random
from time import monotonic, sleep
from typing import Final

from ledger.application.files import require_stored
from ledger.application.functions import LOG, Acting, Action, Mutation, Query, Reading
from ledger.application.leases import job_at, job_in_log
from ledger.domain import videos
from ledger.domain.ids import make_id, partition_kind
from ledger.domain.values import Frozen, Name
from ledger.domain.videos import (
    CreateVideo,
    Desk,
    ProcessingNotStarted,
    ProcessVideo,
    UpdateVideoResults,
    UpdateVideoStatus,
    Video,
    VideoNotFound,
)
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import videos as view

START_SECONDS_MAX: Final = 15.0
"""How long ``processVideo`` waits to hear whether its worker takes the video; one that says nothing has taken it."""
_LOOK_SECONDS: Final = 0.05


def place(video_id: str) -> str:
    """The partition of a video. Raises VideoNotFound for what cannot be its Id."""
    if partition_kind(video_id) != "video":
        raise VideoNotFound(video_id)
    return video_id


def video_of(stream: Stream) -> Video | None:
    return stream.state_of(videos.ENTITY, videos.evolve)


def _desk(stream: Stream, vocabulary: Vocabulary) -> Desk:
    jitter = random.random()  # noqa: S311  # spreads retries, guards nothing
    return Desk(policy=vocabulary.jobs, now_ms=stream.now_ms, jitter=jitter)


def _create(command: CreateVideo, stream: Stream, _: Vocabulary) -> Decision:
    require_stored(stream, command.storage_id, "storageId")
    return Decision(videos.decide_creating(command), lambda _: json.dumps(stream.partition))


def _begin(command: ProcessVideo, stream: Stream, vocabulary: Vocabulary) -> Decision:
    job = job_at(stream, videos.JOB)
    events = videos.decide_processing(command, video_of(stream), job, _desk(stream, vocabulary))
    attempt = (job.attempt if job else 0) + 1
    return Decision(events, lambda _: json.dumps(attempt if events else None))


def _update_status(command: UpdateVideoStatus, stream: Stream, vocabulary: Vocabulary) -> Decision:
    desk = _desk(stream, vocabulary)
    return Decision(videos.decide_status(command, video_of(stream), job_at(stream, videos.JOB), desk), lambda _: "null")


def _update_results(command: UpdateVideoResults, stream: Stream, vocabulary: Vocabulary) -> Decision:
    if command.processed_video_storage_id is not None:
        require_stored(stream, command.processed_video_storage_id, "processedVideoStorageId")
    desk = _desk(stream, vocabulary)
    return Decision(
        videos.decide_results(command, video_of(stream), job_at(stream, videos.JOB), desk), lambda _: "null"
    )


class GetVideo(Frozen):
    video_id: Name


class AskForProcessing(Frozen):
    video_id: Name


class GetStart(Frozen):
    video_id: Name
    attempt: int


def _get(asked: GetVideo, reading: Reading) -> str:
    video = view.get(reading.views, asked.video_id)
    return video.to_json() if video else "null"


def _start_of(asked: GetStart, reading: Reading) -> str:
    """Whether the worker of an attempt has taken it; null where that is not known yet."""
    job = job_in_log(reading.log, make_id(asked.video_id, "job", videos.JOB))
    if job.attempt < asked.attempt or (job.status == "running" and job.attempt == asked.attempt and not job.is_taken):
        return "null"
    return json.dumps(not (job.attempt == asked.attempt and job.error == videos.NOT_STARTED))


def _process(asked: AskForProcessing, acting: Acting) -> str:
    """Schedules the work, which the runner pushes, and waits to hear whether the worker takes it."""
    attempt = json.loads(acting.write(BEGIN, {"videoId": asked.video_id, "origin": acting.caller.origin}))
    deadline = monotonic() + START_SECONDS_MAX
    while attempt is not None and monotonic() < deadline:
        has_started = json.loads(acting.read(START_OF, {"videoId": asked.video_id, "attempt": attempt}))
        if has_started is False:
            raise ProcessingNotStarted()
        if has_started:
            break
        sleep(_LOOK_SECONDS)
    return "null"


BEGIN: Final = Mutation(
    "videos:beginProcessing",
    None,
    ProcessVideo,
    "null",
    _begin,
    lambda command: place(command.video_id),
    "An action's own: no door offers it.",
    scope="write:videos",
    about="video",
)
START_OF: Final = Query(
    "videos:startOf",
    None,
    GetStart,
    _start_of,
    lambda asked: asked.video_id,
    "An action's own: no door offers it.",
    "Start",
    scope="write:videos",
    views=LOG,
    about="video",
)
GET: Final = Query(
    "videos:getVideo",
    None,
    GetVideo,
    _get,
    lambda asked: asked.video_id,
    "The video, or null.",
    "Video",
    scope="read",
    views=frozenset({"videos", "jobs"}),
    about="video",
)

FUNCTIONS: Final = (
    Mutation(
        "videos:createVideo",
        None,
        CreateVideo,
        "id",
        _create,
        None,
        "Records an uploaded video and answers its Id.",
        scope="write:videos",
        about="video",
    ),
    GET,
    Action(
        "videos:processVideo",
        None,
        AskForProcessing,
        _process,
        lambda asked: place(asked.video_id),
        "Has the configured worker process a video; fails where the worker cannot be reached, or refuses it.",
        "Nothing",
        scope="write:videos",
        about="video",
    ),
    Mutation(
        "videos:updateStatus",
        None,
        UpdateVideoStatus,
        "null",
        _update_status,
        lambda command: place(command.video_id),
        "Says how far the processing of a video is, or that it failed.",
        scope="write:videos",
        about="video",
    ),
    Mutation(
        "videos:updateResults",
        None,
        UpdateVideoResults,
        "null",
        _update_results,
        lambda command: place(command.video_id),
        "Records what was found in a video, which completes it.",
        scope="write:videos",
        about="video",
    ),
)
