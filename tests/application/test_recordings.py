import uuid

import pytest

from ledger.application.recordings import PAGES
from ledger.domain.recordings import ScreenshotNotFound
from ledger.domain.refusals import FileNotFound, SessionNotFound
from tests.application.timed import Timed

READING = "screenshot-reading"


def started(work: Timed, *filenames: str) -> tuple[str, list[str]]:
    session_id = work.write("sessions:createSession", pcName="bay-2")
    shots = [
        work.write("screenshots:createScreenshot", sessionId=session_id, filename=name, fileId=work.upload())
        for name in filenames
    ]
    return session_id, shots


def test_a_recording_is_listed_with_a_uuid_of_its_own(work: Timed):
    session_id, _ = started(work)
    (recording,) = work.read("sessions:listSessions")
    assert (recording["_id"], recording["status"], recording["pcName"]) == (session_id, "active", "bay-2")
    assert str(uuid.UUID(recording["sessionId"])) == recording["sessionId"]
    work.write("sessions:completeSession", sessionId=session_id)
    work.write("sessions:completeSession", sessionId=session_id)
    assert work.read("sessions:listSessions")[0]["status"] == "completed"


def test_a_screenshot_schedules_its_reading_and_one_result_a_screenshot_counts(work: Timed):
    session_id, (first, second) = started(work, "a.png", "b.png")
    assert [shot["_id"] for shot in work.read("screenshots:listScreenshots", sessionId=session_id)] == [first, second]
    assert [job["subject"] for job in work.read("jobs:list", kind=READING)] == [second, first]
    late = work.write("ocrResults:storeResult", screenshotId=second, text="Cut")
    work.write("ocrResults:storeResult", screenshotId=first, text="Reel 7")
    again = work.write("ocrResults:storeResult", screenshotId=first, text="")
    found = work.read("ocrResults:listResults", sessionId=session_id)
    assert [(result["screenshotId"], result["text"]) for result in found] == [(first, ""), (second, "Cut")]
    assert [result["_id"] for result in found] == [again, late]


def test_the_document_is_called_for_when_the_end_and_the_last_text_are_there(work: Timed):
    session_id, (first, second) = started(work, "a.png", "b.png")
    for shot in (first, second):
        job = work.claim(READING)
        assert job["subject"] == shot
        assert "fileUrl" in job
        if shot == first:
            work.write("jobs:complete", jobId=job["jobId"], attempt=1, result={"text": "Reel 7"})
            work.write("sessions:completeSession", sessionId=session_id)
            assert work.read("jobs:list", kind="documentation") == []
        else:
            work.write("jobs:fail", jobId=job["jobId"], attempt=1, failure="permanent", error="no picture")
    job = work.claim("documentation")
    assert job["subject"] == session_id
    work.write("jobs:complete", jobId=job["jobId"], attempt=1, result={"content": "# One"})
    document = work.read("documentation:getDocumentation", sessionId=session_id)
    assert (document["content"], document["sessionId"]) == ("# One", session_id)
    pages = work.ledger.read(PAGES, {"sessionId": session_id}).json
    assert '"text": "Reel 7"' in pages


def test_the_newest_document_is_the_documentation(work: Timed):
    session_id, _ = started(work)
    assert work.read("documentation:getDocumentation", sessionId=session_id) is None
    for content in ("# One", "# Two"):
        work.write("documentation:storeDocumentation", sessionId=session_id, content=content)
    assert work.read("documentation:getDocumentation", sessionId=session_id)["content"] == "# Two"


def test_what_is_not_there_is_told_by_its_field(work: Timed):
    for session_id in ("x", "r1m7xy2k40c9ez51s6qpbk1ge", "s1m7xy2k40c9ez51s6qpbk1ge"):
        with pytest.raises(SessionNotFound):
            work.write("sessions:completeSession", sessionId=session_id)
        with pytest.raises(SessionNotFound):
            work.read("screenshots:listScreenshots", sessionId=session_id)
    session_id, _ = started(work)
    with pytest.raises(FileNotFound, match="fileId"):
        work.write("screenshots:createScreenshot", sessionId=session_id, filename="a.png", fileId="x")
    for screenshot_id in ("x", f"{session_id}-s9", f"{session_id}-k1"):
        with pytest.raises(ScreenshotNotFound):
            work.write("ocrResults:storeResult", screenshotId=screenshot_id, text="")
    assert work.history(session_id) == ["recording-started.1"]
