"""Recording sessions: a desktop's screenshots, what is read on them, and what is written of that.

All of a recording is one fold, so that its end and its last text, whichever comes later, are known to call for the document.
"""

from typing import ClassVar, Final, Literal

from pydantic import Field

from ledger.domain.documents import Document
from ledger.domain.entries import EVENT_LENGTH_MAX, Entry, Event
from ledger.domain.ids import ThingId, make_id, parse_id
from ledger.domain.jobs import JobScheduled, Policy, schedule
from ledger.domain.refusals import Refusal, SessionNotFound
from ledger.domain.values import Frozen, Name, Text

ENTITY: Final = "recording"
READING: Final = "screenshot-reading"
DOCUMENTING: Final = "documentation"
"""The kinds of its jobs."""


# What has happened.


class RecordingEvent(Event):
    def entity(self, sequence: int) -> str:
        return ENTITY


class RecordingStarted(RecordingEvent):
    stored_as: ClassVar[str] = "recording-started.1"
    session_id: str
    """A UUID of its own: what other systems know it by."""
    pc_name: str | None = None


class RecordingCompleted(RecordingEvent):
    stored_as: ClassVar[str] = "recording-completed.1"


class ScreenshotAdded(RecordingEvent):
    stored_as: ClassVar[str] = "screenshot-added.1"
    filename: str
    file_id: str


class ScreenshotRead(RecordingEvent):
    """``screenshot`` is the sequence at which it was added."""

    stored_as: ClassVar[str] = "screenshot-read.1"
    screenshot: int
    text: str


class ScreenshotUnreadable(RecordingEvent):
    """Reading it was given up: nothing waits for its text any longer."""

    stored_as: ClassVar[str] = "screenshot-unreadable.1"
    screenshot: int
    error: str


class DocumentationWritten(RecordingEvent):
    stored_as: ClassVar[str] = "documentation-written.1"
    content: str


EVENTS: Final = (
    RecordingStarted,
    RecordingCompleted,
    ScreenshotAdded,
    ScreenshotRead,
    ScreenshotUnreadable,
    DocumentationWritten,
)


# What it amounts to.


class Recording(Document):
    session_id: str
    start_time: int
    pc_name: str | None = None
    status: Literal["active", "completed"] = "active"
    screenshots: dict[int, bool] = Field(default_factory=dict, exclude=True)
    """By the sequences at which they were added: whether nothing is to be waited for."""

    @property
    def is_to_be_documented(self) -> bool:
        return self.status == "completed" and all(self.screenshots.values())


class Screenshot(Document):
    session_id: str
    filename: str
    file_id: str
    uploaded_at: int


class OcrResult(Document):
    screenshot_id: str
    text: str
    processed_at: int


class Documentation(Document):
    session_id: str
    content: str
    generated_at: int


def evolve(recording: Recording | None, entry: Entry) -> Recording:
    """The recording after one more entry. The first must be its RecordingStarted."""
    event = entry.event
    if isinstance(event, RecordingStarted):
        at = entry.recorded_at
        return Recording(id=entry.partition, creation_time=at, start_time=at, **event.model_dump())
    assert recording is not None, f"{entry.partition} does not begin with its start"
    match event:
        case RecordingCompleted():
            return recording.model_copy(update={"status": "completed"})
        case ScreenshotAdded():
            return recording.model_copy(update={"screenshots": recording.screenshots | {entry.sequence: False}})
        case ScreenshotRead() | ScreenshotUnreadable():
            return recording.model_copy(update={"screenshots": recording.screenshots | {event.screenshot: True}})
        case DocumentationWritten():
            return recording
        case _:
            raise AssertionError(f"{type(event).__name__} is no event of a recording")


def screenshot_of(entry: Entry) -> Screenshot:
    """The screenshot that an entry adds."""
    assert isinstance(entry.event, ScreenshotAdded)
    return Screenshot(
        id=make_id(entry.partition, "screenshot", entry.sequence),
        creation_time=entry.recorded_at,
        session_id=entry.partition,
        uploaded_at=entry.recorded_at,
        **entry.event.model_dump(),
    )


def ocr_result_of(entry: Entry, before: OcrResult | None) -> OcrResult:
    """The one result of a screenshot, with its newest text."""
    assert isinstance(entry.event, ScreenshotRead)
    screenshot = entry.event.screenshot
    return OcrResult(
        id=make_id(entry.partition, "ocr", screenshot),
        creation_time=before.creation_time if before else entry.recorded_at,
        screenshot_id=make_id(entry.partition, "screenshot", screenshot),
        text=entry.event.text,
        processed_at=entry.recorded_at,
    )


def documentation_of(entry: Entry) -> Documentation:
    assert isinstance(entry.event, DocumentationWritten)
    return Documentation(
        id=make_id(entry.partition, "documentation", entry.sequence),
        creation_time=entry.recorded_at,
        session_id=entry.partition,
        content=entry.event.content,
        generated_at=entry.recorded_at,
    )


# Why it may not.


class ScreenshotNotFound(Refusal):
    code = "not_found"

    def __init__(self, screenshot_id: str) -> None:
        super().__init__(f"screenshotId: there is no screenshot {screenshot_id!r}", field="screenshotId")


# What may happen.


class CreateRecording(Frozen):
    pc_name: Text | None = None


class CompleteRecording(Frozen):
    session_id: Name


class CreateScreenshot(Frozen):
    session_id: Name
    filename: Name
    file_id: Name


class StoreOcrResult(Frozen):
    screenshot_id: Name
    text: str = Field(max_length=EVENT_LENGTH_MAX)


class StoreDocumentation(Frozen):
    session_id: Name
    content: str = Field(max_length=EVENT_LENGTH_MAX)


def require_recording(recording: Recording | None, session_id: str) -> Recording:
    """Raises SessionNotFound."""
    if recording is None:
        raise SessionNotFound(session_id)
    return recording


def require_screenshot_id(screenshot_id: str) -> ThingId:
    """Raises ScreenshotNotFound for what cannot be one's Id."""
    named = parse_id(screenshot_id)
    if named is None or named.kind != "screenshot":
        raise ScreenshotNotFound(screenshot_id)
    return named


def decide_start(command: CreateRecording, session_id: str) -> list[Event]:
    """``session_id`` is a UUID, drawn for it."""
    return [RecordingStarted(session_id=session_id, pc_name=command.pc_name)]


def decide_completion(command: CompleteRecording, recording: Recording | None, policy: Policy) -> list[Event]:
    """Its end, and the document's job where all its screenshots are read. Raises SessionNotFound."""
    known = require_recording(recording, command.session_id)
    if known.status == "completed":
        return []
    done = known.model_copy(update={"status": "completed"})
    return [RecordingCompleted(), *_documenting(done, policy)]


def decide_screenshot(
    command: CreateScreenshot, recording: Recording | None, policy: Policy, sequence: int
) -> list[Event]:
    """The screenshot, which will stand at ``sequence``, and the job of reading it. Raises SessionNotFound."""
    known = require_recording(recording, command.session_id)
    screenshot_id = make_id(known.id, "screenshot", sequence)
    job = schedule(READING, policy, subject=screenshot_id, about={"fileId": command.file_id})
    return [ScreenshotAdded(filename=command.filename, file_id=command.file_id), job]


def decide_text(
    screenshot_id: str, said: ScreenshotRead | ScreenshotUnreadable, recording: Recording | None, policy: Policy
) -> list[Event]:
    """What was read on a screenshot, or that it cannot be; after the end it calls for the document, anew if need be.

    Raises ScreenshotNotFound.
    """
    if recording is None or said.screenshot not in recording.screenshots:
        raise ScreenshotNotFound(screenshot_id)
    done = recording.model_copy(update={"screenshots": recording.screenshots | {said.screenshot: True}})
    return [said, *_documenting(done, policy)]


def decide_documentation(command: StoreDocumentation, recording: Recording | None) -> list[Event]:
    require_recording(recording, command.session_id)
    return [DocumentationWritten(content=command.content)]


def _documenting(recording: Recording, policy: Policy) -> list[JobScheduled]:
    return [schedule(DOCUMENTING, policy, subject=recording.id)] if recording.is_to_be_documented else []
