import pytest

from ledger.application.functions import ORIGIN
from ledger.domain.images import GenerationCannotMove, ImageNotFound
from ledger.domain.refusals import FileNotFound, Invalid
from tests.application.timed import Timed

NO_IMAGE = "i1m7xy2k40c9ez51s6qpbk1ge"


def scheduled(work: Timed) -> str:
    image_id: str = work.write("generate:scheduleImageGeneration", storageId=work.upload())
    return image_id


def status(work: Timed, image_id: str):
    image = work.read("generate:getImage", imageId=image_id)
    return image["generationStatus"], image.get("generationError")


def move(work: Timed, image_id: str, wanted: str, error: str | None = None):
    return work.write("generate:updateImageStatus", imageId=image_id, status=wanted, error=error)


def test_an_image_is_pending_at_once_and_stays_so_without_a_worker(work: Timed):
    image_id = scheduled(work)
    image = work.read("generate:getImage", imageId=image_id)
    assert image["generationStatus"] == "pending"
    assert image["url"] == f"{ORIGIN}/api/storage/{image['body']}"
    assert "isGenerated" not in image
    work.later(10**9)
    assert status(work, image_id) == ("pending", None)


def test_a_worker_by_the_contracts_functions(work: Timed):
    image_id = scheduled(work)
    (found,) = work.read("generate:listImages", status="pending")
    assert move(work, found["_id"], "processing") is None
    assert work.read("generate:listImages", status="pending") == []
    result = work.upload(b"made")
    made = work.write("generate:saveGeneratedImage", storageId=result, originalImageId=image_id)
    again = work.write("generate:saveGeneratedImage", storageId=result, originalImageId=image_id)
    assert made == again
    move(work, image_id, "completed")
    assert status(work, image_id) == ("completed", None)
    shown = work.read("generate:getImage", imageId=made)
    assert (shown["isGenerated"], shown["originalImageId"], shown["body"]) == (True, image_id, result)
    assert "generationStatus" not in shown
    with pytest.raises(GenerationCannotMove):
        move(work, image_id, "processing")


def test_sources_and_results_are_listed_apart(work: Timed):
    image_id = scheduled(work)
    made = work.write("generate:saveGeneratedImage", storageId=work.upload(), originalImageId=image_id)
    assert [image["_id"] for image in work.read("generate:listImages", isGenerated=False)] == [image_id]
    assert [image["_id"] for image in work.read("generate:listImages", isGenerated=True)] == [made]
    assert len(work.read("generate:listImages")) == 2
    assert len(work.read("generate:listImages", limit=1)) == 1
    assert work.read("generate:listImages", isGenerated=True, status="pending") == []


def test_a_transient_failure_is_shown_and_comes_back_and_a_quota_stays(work: Timed):
    image_id = scheduled(work)
    move(work, image_id, "processing")
    move(work, image_id, "failed", "transient: the model timed out")
    assert status(work, image_id) == ("failed", "transient: the model timed out")
    work.lose(f"{image_id}-j2")
    assert status(work, image_id) == ("pending", None)
    move(work, image_id, "failed", "quota: none left")
    work.lose(f"{image_id}-j2")
    assert status(work, image_id) == ("failed", "quota: none left")
    move(work, image_id, "pending")
    assert status(work, image_id) == ("pending", None)


def test_a_lost_worker_leaves_the_image_to_the_next(work: Timed):
    image_id = scheduled(work)
    move(work, image_id, "processing")
    work.lose(f"{image_id}-j2")
    assert status(work, image_id) == ("pending", None)


def test_what_is_not_there_is_told_by_its_field(work: Timed):
    for storage_id in ("x", "f1m7xy2k40c9ez51s6qpbk1ge"):
        with pytest.raises(FileNotFound, match="storageId"):
            work.write("generate:scheduleImageGeneration", storageId=storage_id)
    file = work.upload()
    for image_id in ("x", NO_IMAGE, "s1m7xy2k40c9ez51s6qpbk1ge"):
        with pytest.raises(ImageNotFound, match="originalImageId"):
            work.write("generate:saveGeneratedImage", storageId=file, originalImageId=image_id)
        with pytest.raises(ImageNotFound, match="imageId"):
            move(work, image_id, "processing")
        assert work.read("generate:getImage", imageId=image_id) is None
    image_id = scheduled(work)
    with pytest.raises(FileNotFound):
        work.write("generate:saveGeneratedImage", storageId="x", originalImageId=image_id)
    with pytest.raises(Invalid, match="status"):
        move(work, image_id, "nearly")
    with pytest.raises(Invalid, match="error"):
        move(work, image_id, "processing", "quota: x")
    assert work.history(image_id) == ["image-added.1", "job-scheduled.1"]
