import pytest

from ledger.application import videos as functions
from ledger.domain.refusals import FileNotFound, Invalid
from ledger.domain.videos import VideoCannotMove, VideoNotFound
from tests.application.timed import POLICY, Timed


def created(work: Timed) -> str:
    video_id: str = work.write("videos:createVideo", storageId=work.upload(), filename="rally.mp4", size=5)
    return video_id


def test_a_video_is_told_of_by_the_contracts_functions(work: Timed):
    video_id = created(work)
    video = work.read("videos:getVideo", videoId=video_id)
    assert (video["status"], video["filename"], video["size"], "progress" in video) == (
        "uploaded",
        "rally.mp4",
        5,
        False,
    )
    work.write("videos:updateStatus", videoId=video_id, status="processing", progress=12.5)
    video = work.read("videos:getVideo", videoId=video_id)
    assert (video["status"], video["progress"]) == ("processing", 12.5)
    result = work.upload(b"boxes")
    work.write("videos:updateResults", videoId=video_id, results={"fps": 30}, processedVideoStorageId=result)
    video = work.read("videos:getVideo", videoId=video_id)
    assert (video["status"], video["progress"], video["results"]) == ("completed", 100, {"fps": 30})
    assert (video["processedVideoStorageId"], video["completedAt"]) == (result, work.now_ms)
    with pytest.raises(VideoCannotMove):
        work.write("videos:updateStatus", videoId=video_id, status="failed", error="late")


def test_a_video_that_nobody_tells_of_any_longer_does_not_process_for_ever(work: Timed):
    video_id = created(work)
    work.write("videos:updateStatus", videoId=video_id, status="processing")
    for _ in range(3):
        work.lose(f"{video_id}-j2")
        work.claim("video-processing")
    video = work.read("videos:getVideo", videoId=video_id)
    assert (video["status"], video["error"]) == ("failed", "the worker was lost")


def test_a_failure_is_final_and_may_be_processed_anew(work: Timed):
    video_id = created(work)
    work.write("videos:updateStatus", videoId=video_id, status="failed", error="no court")
    work.later(10 * POLICY.lease_ms)
    assert work.read("videos:getVideo", videoId=video_id)["error"] == "no court"
    assert work.claim("video-processing") is None
    assert work.carry(functions.BEGIN, videoId=video_id) == 2
    assert work.read("videos:getVideo", videoId=video_id)["status"] == "processing"


def test_processing_is_begun_once_for_whoever_asks(work: Timed):
    video_id = created(work)
    assert work.carry(functions.BEGIN, videoId=video_id, origin="http://stage.example") == 1
    assert work.carry(functions.BEGIN, videoId=video_id) is None
    assert work.job(f"{video_id}-j2").input["origin"] == "http://stage.example"


def test_where_no_runner_is_the_work_is_scheduled_all_the_same(work: Timed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(functions, "START_SECONDS_MAX", 0.1)
    video_id = created(work)
    assert work.act("videos:processVideo", videoId=video_id) is None
    assert work.job(f"{video_id}-j2").status == "scheduled"


def test_what_is_not_there_is_told_by_its_field(work: Timed):
    with pytest.raises(FileNotFound, match="storageId"):
        work.write("videos:createVideo", storageId="x", filename="a", size=1)
    with pytest.raises(Invalid, match="size"):
        work.write("videos:createVideo", storageId=work.upload(), filename="a", size=-1)
    for video_id in ("x", "v1m7xy2k40c9ez51s6qpbk1ge"):
        assert work.read("videos:getVideo", videoId=video_id) is None
        with pytest.raises(VideoNotFound):
            work.act("videos:processVideo", videoId=video_id)
        with pytest.raises(VideoNotFound):
            work.write("videos:updateStatus", videoId=video_id, status="processing")
    video_id = created(work)
    results: object
    for results in ([], "x", 5):
        with pytest.raises(Invalid, match="results"):
            work.write("videos:updateResults", videoId=video_id, results=results)
    with pytest.raises(FileNotFound, match="processedVideoStorageId"):
        work.write("videos:updateResults", videoId=video_id, results={}, processedVideoStorageId="x")
    assert work.history(video_id) == ["video-created.1"]
