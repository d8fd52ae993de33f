"""Functions on recording sessions: screenshots, what is read on them, and the document of it."""

import json
import uuid
from typing import Final

from ledger.application.files import require_stored
from ledger.application.functions import Mutation, Query, Reading, array
from ledger.domain import recordings
from ledger.domain.ids import make_id, partition_kind
from ledger.domain.recordings import (
    CompleteRecording,
    CreateRecording,
    CreateScreenshot,
    Recording,
    ScreenshotRead,
    StoreDocumentation,
    StoreOcrResult,
    require_screenshot_id,
)
from ledger.domain.refusals import SessionNotFound
from ledger.domain.values import Frozen, Name
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import recordings as view
from ledger.projections.projection import ANSWER_LENGTH_MAX


def _place(session_id: str) -> str:
    """The partition of a recording. Raises SessionNotFound for what cannot be its Id."""
    if partition_kind(session_id) != "recording":
        raise SessionNotFound(session_id)
    return session_id


def _recording(stream: Stream) -> Recording | None:
    return stream.state_of(recordings.ENTITY, recordings.evolve)


def _create(command: CreateRecording, stream: Stream, _: Vocabulary) -> Decision:
    return Decision(recordings.decide_start(command, str(uuid.uuid4())), lambda _: json.dumps(stream.partition))


def _complete(command: CompleteRecording, stream: Stream, vocabulary: Vocabulary) -> Decision:
    return Decision(recordings.decide_completion(command, _recording(stream), vocabulary.jobs), lambda _: "null")


def _add(command: CreateScreenshot, stream: Stream, vocabulary: Vocabulary) -> Decision:
    recording = recordings.require_recording(_recording(stream), command.session_id)
    require_stored(stream, command.file_id, "fileId")
    events = recordings.decide_screenshot(command, recording, vocabulary.jobs, stream.sequence + 1)
    return Decision(events, lambda first: json.dumps(make_id(stream.partition, "screenshot", first)))


def _store_text(command: StoreOcrResult, stream: Stream, vocabulary: Vocabulary) -> Decision:
    screenshot = require_screenshot_id(command.screenshot_id).sequence
    read = ScreenshotRead(screenshot=screenshot, text=command.text)
    events = recordings.decide_text(command.screenshot_id, read, _recording(stream), vocabulary.jobs)
    return Decision(events, lambda _: json.dumps(make_id(stream.partition, "ocr", screenshot)))


def _store_document(command: StoreDocumentation, stream: Stream, _: Vocabulary) -> Decision:
    events = recordings.decide_documentation(command, _recording(stream))
    return Decision(events, lambda first: json.dumps(make_id(stream.partition, "documentation", first)))


class ListRecordings(Frozen):
    pass


class OfRecording(Frozen):
    session_id: Name


def _require(asked: OfRecording, reading: Reading) -> None:
    """Raises SessionNotFound where there is none; the log decides, for the views may be behind."""
    if view.get(reading.views, asked.session_id) is None and not reading.has_begun(asked.session_id):
        raise SessionNotFound(asked.session_id)


def _list(_: ListRecordings, reading: Reading) -> str:
    return array(view.list_newest(reading.views, ANSWER_LENGTH_MAX))


def _list_screenshots(asked: OfRecording, reading: Reading) -> str:
    _require(asked, reading)
    return array(view.list_screenshots(reading.views, asked.session_id, ANSWER_LENGTH_MAX))


def _list_results(asked: OfRecording, reading: Reading) -> str:
    _require(asked, reading)
    return array(view.list_results(reading.views, asked.session_id, ANSWER_LENGTH_MAX))


def _get_documentation(asked: OfRecording, reading: Reading) -> str:
    return view.get_documentation(reading.views, asked.session_id) or "null"


def _pages(asked: OfRecording, reading: Reading) -> str:
    """What a document is made of."""
    found = [page.model_dump(by_alias=True, exclude_none=True) for page in view.pages(reading.views, asked.session_id)]
    recording = view.get(reading.views, asked.session_id)
    return f'{{"recording":{recording or "null"},"pages":{json.dumps(found, ensure_ascii=False)}}}'


def _mutation(name: str, arguments: type[Frozen], decide: object, summary: str) -> Mutation:
    return Mutation(
        name,
        None,
        arguments,
        "null" if arguments is CompleteRecording else "id",
        decide,  # type: ignore[arg-type]  # each takes its own kind of arguments
        lambda command: _place(command.session_id),
        summary,
        scope="write:recordings",
        about="recording",
    )


def _of_recording(name: str, answer: object, summary: str, example: str) -> Query:
    return Query(
        name,
        None,
        OfRecording,
        answer,  # type: ignore[arg-type]  # as above
        lambda asked: _place(asked.session_id),
        summary,
        example,
        scope="read",
        views=frozenset({"recordings"}),
        about="recording",
    )


PAGES: Final = _of_recording("recordings:pages", _pages, "A writer's own: no door offers it.", "Pages")

FUNCTIONS: Final = (
    Mutation(
        "sessions:createSession",
        None,
        CreateRecording,
        "id",
        _create,
        None,
        "Records a new recording session and answers its Id.",
        scope="write:recordings",
        about="recording",
    ),
    _mutation(
        "sessions:completeSession",
        CompleteRecording,
        _complete,
        "Ends a recording session; its document is written once every screenshot is read.",
    ),
    Query(
        "sessions:listSessions",
        None,
        ListRecordings,
        _list,
        None,
        "All recording sessions, newest first.",
        "Recordings",
        scope="read",
        views=frozenset({"recordings"}),
        about="recording",
    ),
    _mutation(
        "screenshots:createScreenshot",
        CreateScreenshot,
        _add,
        "Records a screenshot, schedules reading it, and answers its Id.",
    ),
    _of_recording(
        "screenshots:listScreenshots",
        _list_screenshots,
        "A recording session's screenshots, in the order in which they were added.",
        "Screenshots",
    ),
    Mutation(
        "ocrResults:storeResult",
        None,
        StoreOcrResult,
        "id",
        _store_text,
        lambda command: require_screenshot_id(command.screenshot_id).partition,
        "Records what was read on a screenshot; the newest text is its result.",
        scope="write:recordings",
        about="recording",
    ),
    _of_recording(
        "ocrResults:listResults",
        _list_results,
        "What was read in a recording session, in the order of its screenshots.",
        "OcrResults",
    ),
    _mutation(
        "documentation:storeDocumentation",
        StoreDocumentation,
        _store_document,
        "Records a document of a recording session; the newest is its documentation.",
    ),
    _of_recording(
        "documentation:getDocumentation", _get_documentation, "The newest document, or null.", "Documentation"
    ),
)
