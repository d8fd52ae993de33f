"""The word of a worker that was pushed a video, by the callback URL of its attempt.

The URL's last part is all that lets it in: it names the attempt, and is signed, so that nobody can make one up, and every server
of this ledger knows it again after any restart. What an attempt says that was replaced is heard, kept, and changes nothing.
"""

from hmac import compare_digest
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field

from ledger.application.files import FUNCTIONS as FILE_FUNCTIONS
from ledger.application.files import require_stored
from ledger.application.functions import Caller, Mutation
from ledger.application.leases import job_in, named
from ledger.application.videos import place, video_of
from ledger.domain import videos
from ledger.domain.jobs.refusals import CallbackUnknown, JobNotFound
from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen, Measure, Name, Text
from ledger.domain.videos import UpdateVideoResults, UpdateVideoStatus, VideoStatus
from ledger.domain.vocabulary import Vocabulary
from ledger.log.eventlog import EventLog
from ledger.log.requests import Decision
from ledger.log.stream import Stream

PATH: Final = "/updateResults"
STATUS: Final = "updateStatus"
UPLOAD: Final = "generateUploadUrl"
WORKER: Final = Caller("video-worker")
_PURPOSE: Final = "callback"


class Calling(NamedTuple):
    """Who calls back: an attempt at a job."""

    job_id: str
    attempt: int

    @property
    def video_id(self) -> str:
        return named(self.job_id).partition


def token_of(log: EventLog, job_id: str, attempt: int) -> str:
    """The last part of an attempt's callback URL."""
    return f"{job_id}.{attempt}.{log.signer.sign(_PURPOSE, job_id, attempt)}"


def calling(log: EventLog, token: str) -> Calling:
    """Whose callback URL ends with this. Raises CallbackUnknown."""
    job_id, _, rest = token.partition(".")
    attempt, _, signature = rest.partition(".")
    if "\x00" in job_id or not (attempt.isascii() and attempt.isdecimal() and len(attempt) < 10):
        raise CallbackUnknown()
    good = log.signer.sign(_PURPOSE, job_id, int(attempt))
    if not compare_digest(good.encode(), signature.encode()):
        raise CallbackUnknown()
    return Calling(job_id, int(attempt))


class _Called(Frozen):
    job_id: Name
    attempt: Annotated[int, Field(ge=1)]
    video_id: Name


class Report(_Called):
    status: VideoStatus
    progress: Measure | None = None
    error: Text | None = None


class Results(_Called):
    results: dict[str, Any]
    processed_video_storage_id: Name | None = None


def _require_own(command: _Called, stream: Stream) -> None:
    if command.video_id != stream.partition:
        raise Invalid("videoId", "is not the video that this callback URL was given for")


def _report(command: Report, stream: Stream, _: Vocabulary) -> Decision:
    _require_own(command, stream)
    said = UpdateVideoStatus(**command.model_dump(exclude={"job_id", "attempt"}))
    job = job_in(stream, command.job_id)
    return Decision(videos.decide_report(said, job, command.attempt, stream.now_ms), lambda _: "null")


def _answer(command: Results, stream: Stream, _: Vocabulary) -> Decision:
    _require_own(command, stream)
    if command.processed_video_storage_id is not None:
        require_stored(stream, command.processed_video_storage_id, "processedVideoStorageId")
    job, video = job_in(stream, command.job_id), video_of(stream)
    if video is None:
        raise JobNotFound(command.job_id)
    said = UpdateVideoResults(**command.model_dump(exclude={"job_id", "attempt"}))
    return Decision(videos.decide_answer(said, video, job, command.attempt, stream.now_ms), lambda _: "null")


def _own(name: str, arguments: type[Frozen], decide: Any) -> Mutation:
    return Mutation(
        name,
        None,
        arguments,
        "null",
        decide,
        lambda command: place(named(command.job_id).partition),
        "A callback's own: no other door offers it.",
        scope="write:videos",
        about="video",
    )


REPORT: Final = _own("videos:report", Report, _report)
ANSWER: Final = _own("videos:answer", Results, _answer)
(GRANT,) = (function for function in FILE_FUNCTIONS if function.name == "videos:generateUploadUrl")


def arguments_of(caller: Calling, said: object) -> dict[str, Any]:
    """What a worker says, with whose word it is. Raises Invalid where it is no object, or speaks for another."""
    if not isinstance(said, dict):
        raise Invalid("body", "must be a JSON object")
    for field in ("jobId", "attempt"):
        if field in said:
            raise Invalid(field, "is not a known field")
    return said | {"jobId": caller.job_id, "attempt": caller.attempt}
