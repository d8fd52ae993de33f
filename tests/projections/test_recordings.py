import json

import pytest

from ledger.domain.recordings import (
    DocumentationWritten,
    RecordingCompleted,
    RecordingStarted,
    ScreenshotAdded,
    ScreenshotRead,
    ScreenshotUnreadable,
)
from ledger.projections import recordings
from tests.projections.apart import RECORDING, looking, tell
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")

started = RecordingStarted(session_id="1b4e28ba")


def shot(name: str) -> ScreenshotAdded:
    return ScreenshotAdded(filename=name, file_id="f1")


def test_a_recording_and_what_belongs_to_it(viewed: Viewed):
    tell(viewed, RECORDING, started, shot("a"), shot("b"), shot("c"))
    tell(viewed, RECORDING, ScreenshotRead(screenshot=3, text="B"), ScreenshotRead(screenshot=2, text="A"))
    tell(
        viewed, RECORDING, ScreenshotRead(screenshot=2, text="A again"), ScreenshotUnreadable(screenshot=4, error="no")
    )
    tell(viewed, RECORDING, RecordingCompleted(), DocumentationWritten(content="1"), DocumentationWritten(content="2"))
    with looking(viewed) as views:
        (recording,) = map(json.loads, recordings.list_newest(views, 9))
        assert (recording["_id"], recording["status"]) == (RECORDING, "completed")
        shots = [json.loads(document)["filename"] for document in recordings.list_screenshots(views, RECORDING, 9)]
        assert shots == ["a", "b", "c"]
        texts = [json.loads(document)["text"] for document in recordings.list_results(views, RECORDING, 9)]
        assert texts == ["A again", "B"]
        newest = recordings.get_documentation(views, RECORDING)
        assert newest is not None
        assert json.loads(newest)["content"] == "2"
        pages = [
            (page.screenshot.filename, page.result and page.result.text) for page in recordings.pages(views, RECORDING)
        ]
        assert pages == [("a", "A again"), ("b", "B"), ("c", None)]


def test_recordings_are_listed_newest_first(viewed: Viewed):
    other = "r1m7xy2k40c9ez51s6qpbk2hf"
    tell(viewed, RECORDING, started)
    tell(viewed, other, started)
    with looking(viewed) as views:
        assert [json.loads(document)["_id"] for document in recordings.list_newest(views, 9)] == [other, RECORDING]
        assert recordings.get(views, "r9") is None
        assert recordings.get_documentation(views, RECORDING) is None
