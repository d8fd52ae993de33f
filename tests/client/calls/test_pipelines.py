"""What pipelines and workers record reaches the ledger through a spool as well, also what has no route of its own."""

import json
from pathlib import Path
from typing import Any

from ledger.client import Writer
from ledger.client.functions import call_of
from tests.client.calls.test_calls import Written
from tests.serving import Serving


def _ask(serving: Serving, path: str, **arguments: Any) -> Any:
    answer = serving.client.post("/api/query", json={"path": path, "format": "json", "args": arguments}).json()
    assert answer["status"] == "success", answer
    return answer["value"]


def _uploaded(serving: Serving, module: str) -> str:
    asked = {"path": f"{module}:generateUploadUrl", "format": "json", "args": {}}
    url = serving.client.post("/api/mutation", json=asked).json()["value"]
    stored = serving.client.post(url, content=b"the bytes", headers={"Content-Type": "image/png"})
    return str(stored.json()["storageId"])


def test_of_a_pipelines_report_what_the_ledger_keeps_is_kept():
    function, arguments = Written().store_capture({"capture_id": "cap-1", "status": "identified", "faces": [1, 2]})
    assert json.loads(call_of(function, arguments, lambda: 0).arguments) == {
        "data": {"capture_id": "cap-1", "status": "identified"}
    }


def test_captures_are_recorded_in_order_and_moved_by_what_their_recording_answered(serving: Serving, tmp_path: Path):
    with Writer(serving.url, spool=tmp_path / "glasses") as glasses:
        capture = glasses.create_capture("https://frames.example/spooled-1", "glasses_stream")
        glasses.update_capture(capture, "identifying")
        glasses.update_capture(capture, "identified", person_id="p1")
        stored = glasses.store_capture({"capture_id": "spooled-2", "source": "telegram"})
        assert glasses.flush(10)
        assert glasses.aside() == []
        ids = [glasses.id_of(capture), glasses.id_of(stored)]
    shown = {each["_id"]: each["status"] for each in serving.client.get("/captures").json()["result"]}
    assert [shown[each] for each in ids] == ["identified", "pending"]


def test_a_desktops_recording_is_named_before_the_ledger_has_heard_of_it(serving: Serving, tmp_path: Path):
    file = _uploaded(serving, "screenshots")
    with Writer(serving.url, spool=tmp_path / "desktop") as desktop:
        recording = desktop.create_recording(pc_name="left")
        assert not recording.startswith("~"), "its Id follows from its writer and its key"
        screenshot = desktop.create_screenshot(recording, "1.png", file)
        desktop.store_ocr_result(screenshot, "what it says")
        desktop.store_documentation(recording, "# What was done")
        assert desktop.flush(10)
        assert desktop.aside() == []
    (read,) = _ask(serving, "ocrResults:listResults", sessionId=recording)
    assert read["text"] == "what it says"
    assert _ask(serving, "documentation:getDocumentation", sessionId=recording)["content"] == "# What was done"


def test_images_and_videos_are_recorded_and_one_that_names_no_file_is_set_aside(serving: Serving, tmp_path: Path):
    file, other = _uploaded(serving, "generate"), _uploaded(serving, "videos")
    with Writer(serving.url, spool=tmp_path / "post") as post:
        image = post.schedule_image_generation(file)
        post.update_image_status(image, "processing")
        post.save_generated_image(other, image)
        video = post.create_video(other, "take-1.mp4", 9)
        post.update_video_status(video, "processing", progress=12.5)
        post.update_video_results(video, {"fps": 25})
        post.create_video("nothing-like-it", "take-2.mp4", 9)
        assert post.flush(10)
        (refused,) = post.aside()
    assert (refused.code, refused.number) == ("not_found", 7)
    assert _ask(serving, "generate:getImage", imageId=image)["generationStatus"] == "processing"
    shown = _ask(serving, "videos:getVideo", videoId=video)
    assert (shown["status"], shown["results"]) == ("completed", {"fps": 25})
