"""Captures by the contract's own names, on a real ledger."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from ledger.application.functions import Caller
from ledger.domain.captures import CaptureCannotMove, CaptureNotFound
from ledger.domain.refusals import Invalid
from tests.application.asking import Asking


def recent(ask: Asking) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask.read("captures:listRecent")
    return found


def activity(ask: Asking) -> list[str]:
    return [line["message"] for line in ask.read("intel:recentActivity")]


def test_a_capture_is_recorded_pending_and_told_in_the_activity(ask: Asking):
    capture_id = ask.write("captures:create", imageUrl="https://f/1.jpg", source="glasses_stream")
    (capture,) = recent(ask)
    told = {"imageUrl": "https://f/1.jpg", "source": "glasses_stream", "status": "pending"}
    assert capture == {
        "_id": capture_id,
        "_creationTime": capture["timestamp"],
        "timestamp": capture["timestamp"],
        **told,
    }
    (line,) = ask.read("intel:recentActivity")
    assert (line["type"], line["message"]) == ("capture", "New face captured via glasses_stream")
    assert line["timestamp"] == capture["timestamp"]


def test_the_status_moves_one_way(ask: Asking):
    capture_id = ask.write("captures:create", imageUrl="f", source="telegram")
    assert ask.write("captures:updateStatus", id=capture_id, status="identified", personId="ann") is None
    assert (recent(ask)[0]["status"], recent(ask)[0]["personId"]) == ("identified", "ann")
    with pytest.raises(CaptureCannotMove):
        ask.write("captures:updateStatus", id=capture_id, status="pending")
    with pytest.raises(Invalid):
        ask.write("captures:updateStatus", id=capture_id, status="enhancing")
    assert activity(ask) == ["Capture is identified", "New face captured via telegram"]


def test_the_pipelines_store_finds_what_it_stored(ask: Asking):
    first = ask.write("captures:store", data={"capture_id": "f-17", "source": "glasses_stream"})
    again = ask.write("captures:store", data={"capture_id": "f-17", "status": "identified", "person_id": "ann"})
    late = ask.write("captures:store", data={"capture_id": "f-17", "status": "identifying"})
    odd = ask.write(
        "captures:store", data={"capture_id": "f-17", "status": "enhancing", "boxes": [1, 2], "person_id": None}
    )
    assert first == again == late == odd
    (capture,) = recent(ask)
    assert (capture["imageUrl"], capture["status"], capture["personId"]) == ("f-17", "identified", "ann")
    assert activity(ask) == ["New face captured via glasses_stream"]


def test_a_store_finds_what_was_created_under_its_name(ask: Asking):
    created = ask.write("captures:create", imageUrl="https://f/1.jpg", source="manual_upload")
    assert ask.write("captures:store", data={"capture_id": "https://f/1.jpg", "status": "failed"}) == created
    other = ask.write("captures:create", imageUrl="https://f/1.jpg", source="manual_upload")
    assert other != created
    assert ask.write("captures:store", data={"capture_id": "https://f/1.jpg", "status": "identified"}) == created


def test_two_pipelines_that_store_one_frame_at_once_make_one_capture(ask: Asking):
    together = Barrier(8)

    def store(pipeline: int, frame: str) -> Any:
        if frame == "f-0":
            together.wait()
        told = {"capture_id": frame, "status": "identified", "person_id": f"by {pipeline}"}
        return ask.write("captures:store", data=told, caller=Caller(f"pipeline {pipeline}"))

    frames = [f"f-{number}" for number in range(5)]
    with ThreadPoolExecutor(8) as pipelines:
        ids = list(pipelines.map(lambda n: [store(n, frame) for frame in frames], range(8)))
    assert all(told == ids[0] for told in ids)
    assert sorted(capture["imageUrl"] for capture in recent(ask)) == frames
    assert len(activity(ask)) == len(frames)


def test_a_write_sent_again_under_its_key_is_one_capture(ask: Asking):
    caller = Caller("ann", "upload-1")
    ids = {ask.write("captures:create", imageUrl="f", source="s", caller=caller) for _ in range(2)}
    assert len(ids) == len(recent(ask)) == 1


def test_the_twenty_newest_are_listed_newest_first(ask: Asking):
    for number in range(23):
        ask.write("captures:create", imageUrl=f"f-{number}", source="s")
    assert [capture["imageUrl"] for capture in recent(ask)] == [f"f-{number}" for number in range(22, 2, -1)]
    assert len(activity(ask)) == 23
    assert len(ask.read("intel:recentActivity", limit=2)) == 2


@pytest.mark.parametrize("data", [None, {}, 7, {"capture_id": 7}, {"capture_id": "data:image/png;base64,iVBO"}])
def test_what_names_no_frame_is_refused(ask: Asking, data: Any):
    with pytest.raises(Invalid, match="data"):
        ask.write("captures:store", data=data)
    assert recent(ask) == []


def test_an_id_of_something_else_is_no_capture(ask: Asking):
    session = ask.start()
    cut = ask.cut(session, 1)
    for other in (session, cut, f"{session}-p1", "c" + "0" * 24 + "-p1", "nobody"):
        with pytest.raises(CaptureNotFound):
            ask.write("captures:updateStatus", id=other, status="failed")
