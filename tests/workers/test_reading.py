"""Screenshots that the tests made are read by the models of the extra ``ocr``, which take seconds to load."""

from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from ledger.domain import recordings
from ledger.settings import Workers
from ledger.workers.local import LocalJob, WorkFailedError
from ledger.workers.reading import reading
from ledger.workers.running import works_of
from tests.application.timed import Timed
from tests.pictures.filming import screenshot
from tests.serving import Serving


def shown(work: Timed, image: bytes) -> LocalJob:
    """The job of reading a screenshot."""
    session_id = work.write("sessions:createSession")
    file_id = work.upload(image)
    work.write("screenshots:createScreenshot", sessionId=session_id, filename="a.png", fileId=file_id)
    job = work.claim(recordings.READING)
    return LocalJob(work.ledger, job["jobId"], 1, job["subject"], job["input"], job["leaseMs"])


def call(server: Serving, path: str, **arguments: Any) -> Any:
    """What a function answers."""
    answer = server.client.post("/api/function", json={"path": path, "args": arguments, "format": "json"}).json()
    assert answer["status"] == "success", answer
    return answer["value"]


def test_where_the_extra_is_installed_screenshots_are_read_by_the_server_itself(monkeypatch: pytest.MonkeyPatch):
    assert recordings.READING in works_of(Workers())
    monkeypatch.setattr("ledger.workers.running.is_installed", lambda extra: False)
    assert recordings.READING not in works_of(Workers())


@pytest.mark.long
def test_a_screenshot_becomes_its_text(work: Timed):
    assert reading()(shown(work, screenshot(["open the settings"], 1))) == {"text": "open the settings"}


@pytest.mark.long
def test_what_is_no_picture_is_not_read_again(work: Timed):
    with pytest.raises(WorkFailedError) as failed:
        reading()(shown(work, b"hello"))
    assert failed.value.failure == "permanent"


@pytest.mark.long
@pytest.mark.timeout(120)
def test_a_served_recording_is_read_and_documented_by_itself(tmp_path: Path):
    server = Serving(tmp_path)
    session_id = call(server, "sessions:createSession")
    for number, line in enumerate(("choose a camera", "press record")):
        url = call(server, "screenshots:generateUploadUrl")
        image = screenshot([line], number)
        file_id = server.client.post(url, content=image, headers={"Content-Type": "image/png"}).json()["storageId"]
        call(server, "screenshots:createScreenshot", sessionId=session_id, filename=f"{number}.png", fileId=file_id)
    call(server, "sessions:completeSession", sessionId=session_id)
    deadline = monotonic() + 60
    while (document := call(server, "documentation:getDocumentation", sessionId=session_id)) is None:
        assert monotonic() < deadline, server.log()
        sleep(0.2)
    assert 0 < document["content"].lower().index("choose a camera") < document["content"].lower().index("press record")
    server.stop()
