from typing import Any

from ledger.domain import jobs, recordings
from ledger.domain.jobs import Policy
from ledger.domain.recordings import (
    CompleteRecording,
    CreateRecording,
    CreateScreenshot,
    DocumentationWritten,
    RecordingCompleted,
    RecordingStarted,
    ScreenshotAdded,
    ScreenshotNotFound,
    ScreenshotRead,
    ScreenshotUnreadable,
    StoreDocumentation,
    documentation_of,
    ocr_result_of,
    screenshot_of,
)
from ledger.domain.refusals import SessionNotFound
from tests.domain.grammar import History, Noun
from tests.recordings import RECORDED_AT, SESSION

UUID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
POLICY = Policy()
started = RecordingStarted(session_id=UUID, pc_name="bay-2")
added = ScreenshotAdded(filename="a.png", file_id="f1")
reading = jobs.schedule("screenshot-reading", POLICY, subject=f"{SESSION}-s2", about={"fileId": "f1"})
read = ScreenshotRead(screenshot=2, text="Reel 7")
completed = RecordingCompleted()
documenting = jobs.schedule("documentation", POLICY, subject=SESSION)


def _decide(command: Any, history: History):
    recording = history.state(recordings.ENTITY, recordings.evolve)
    match command:
        case CreateRecording():
            return recordings.decide_start(command, UUID)
        case CompleteRecording():
            return recordings.decide_completion(command, recording, POLICY)
        case CreateScreenshot():
            return recordings.decide_screenshot(command, recording, POLICY, len(history.entries) + 1)
        case StoreDocumentation():
            return recordings.decide_documentation(command, recording)
        case _:
            return recordings.decide_text(f"{SESSION}-s{command.screenshot}", command, recording, POLICY)


recording = Noun(_decide)
complete = CompleteRecording(session_id=SESSION)
shoot = CreateScreenshot(session_id=SESSION, filename="a.png", file_id="f1")


def test_a_recording_has_a_name_of_its_own_for_others():
    history = recording.given().when(CreateRecording(pc_name="bay-2")).then(started)
    known = history.state(recordings.ENTITY, recordings.evolve)
    assert known is not None
    assert (known.id, known.session_id, known.status) == (SESSION, UUID, "active")
    assert known.start_time == RECORDED_AT + 1_000
    assert "screenshots" not in known.to_json()


def test_a_screenshot_brings_the_job_of_reading_it():
    history = recording.given(started).when(shoot).then(added, reading)
    screenshot = screenshot_of(history.entries[1])
    assert (screenshot.id, screenshot.session_id) == (f"{SESSION}-s2", SESSION)


def test_one_that_comes_after_the_end_is_taken_and_documented_anew():
    ended = recording.given(started, completed, documenting)
    ended.when(shoot).then(
        added, jobs.schedule("screenshot-reading", POLICY, subject=f"{SESSION}-s4", about={"fileId": "f1"})
    )
    after = ended.and_then([added, reading])
    after.when(ScreenshotRead(screenshot=4, text="")).then(ScreenshotRead(screenshot=4, text=""), documenting)


def test_the_end_calls_for_the_document_where_everything_is_read():
    recording.given(started, added, reading, read).when(complete).then(completed, documenting)
    recording.given(started).when(complete).then(completed, documenting)
    recording.given(started, completed).when(complete).then_nothing()


def test_else_the_last_text_does():
    waiting = recording.given(started, added, reading, completed)
    recording.given(started, added, reading).when(complete).then(completed)
    waiting.when(read).then(read, documenting)
    unreadable = ScreenshotUnreadable(screenshot=2, error="no picture")
    waiting.when(unreadable).then(unreadable, documenting)


def test_before_the_end_a_text_is_only_a_text():
    recording.given(started, added, reading).when(read).then(read)


def test_the_newest_text_is_the_result_under_one_id():
    history = recording.given(started, added, reading, read, ScreenshotRead(screenshot=2, text="Reel 8"))
    first = ocr_result_of(history.entries[3], None)
    newest = ocr_result_of(history.entries[4], first)
    assert (newest.id, newest.text, newest.screenshot_id) == (first.id, "Reel 8", f"{SESSION}-s2")
    assert (newest.creation_time, newest.processed_at) == (RECORDED_AT + 4_000, RECORDED_AT + 5_000)


def test_a_document_is_kept_as_it_was_written():
    said = StoreDocumentation(session_id=SESSION, content="# One")
    history = recording.given(started).when(said).then(DocumentationWritten(content="# One"))
    document = documentation_of(history.entries[1])
    assert (document.id, document.content) == (f"{SESSION}-d2", "# One")


def test_what_is_not_there_is_told_by_its_field():
    for command in (complete, shoot, StoreDocumentation(session_id=SESSION, content="")):
        recording.given().when(command).then_refused(SessionNotFound, "sessionId")
    recording.given(started).when(read).then_refused(ScreenshotNotFound, "screenshotId")
    recording.given().when(read).then_refused(ScreenshotNotFound, "screenshotId")
