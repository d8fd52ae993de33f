import pytest

from ledger.domain.refusals import FileNotFound, Invalid
from tests.application.timed import Timed


def image(work: Timed) -> str:
    image_id: str = work.write("generate:scheduleImageGeneration", storageId=work.upload())
    work.claim("image-generation")
    return image_id


def test_an_images_result_is_an_image_and_its_end_in_one_step(work: Timed):
    image_id = image(work)
    result = {"storageId": work.upload(b"made")}
    work.write("jobs:complete", jobId=f"{image_id}-j2", attempt=1, result=result)
    assert work.read("generate:getImage", imageId=image_id)["generationStatus"] == "completed"
    (made,) = work.read("generate:listImages", isGenerated=True)
    assert (made["body"], made["originalImageId"]) == (result["storageId"], image_id)
    assert work.history(image_id)[-2:] == ["image-generated.1", "job-completed.1"]


@pytest.mark.parametrize(
    ("result", "field"),
    [
        (None, "result"),
        ([1], "result"),
        ({}, "result.storageId"),
        ({"storageId": "x", "b": 1}, "result.b"),
        ({"storageId": "f1m7xy2k40c9ez51s6qpbk1ge"}, "result.storageId"),
    ],
)
def test_a_result_that_is_none_is_refused_by_its_field_and_nothing_is_half_done(work: Timed, result, field: str):
    image_id = image(work)
    before = work.history(image_id)
    with pytest.raises((Invalid, FileNotFound)) as refused:
        work.write("jobs:complete", jobId=f"{image_id}-j2", attempt=1, result=result)
    assert refused.value.detail["field"] == field
    assert work.history(image_id) == before


def test_a_videos_result_completes_it(work: Timed):
    video_id = work.write("videos:createVideo", storageId=work.upload(), filename="a.mp4", size=5)
    work.write("videos:updateStatus", videoId=video_id, status="processing", progress=5)
    result = {"results": {"fps": 30}, "processedVideoStorageId": work.upload(b"boxes")}
    work.write("jobs:complete", jobId=f"{video_id}-j2", attempt=1, result=result)
    video = work.read("videos:getVideo", videoId=video_id)
    assert (video["status"], video["results"], video["progress"]) == ("completed", {"fps": 30}, 100)


def test_of_an_attempt_that_was_replaced_the_result_is_only_kept(work: Timed):
    image_id = image(work)
    work.lose(f"{image_id}-j2")
    work.claim("image-generation", name="ben")
    late = {"storageId": work.upload(b"late")}
    told = work.write("jobs:complete", jobId=f"{image_id}-j2", attempt=1, result=late)
    assert told == {"isCurrent": False}
    assert work.read("generate:listImages", isGenerated=True) == []
    assert work.history(image_id)[-1] == "job-answered-late.1"
