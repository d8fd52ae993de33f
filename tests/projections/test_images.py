import pytest

from ledger.domain.images import ImageAdded, ImageGenerated
from ledger.domain.jobs import JobCompleted, JobStarted
from ledger.projections import images
from ledger.projections.images import newest_question
from tests.projections.apart import IMAGE, looking, scheduled, tell
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")

OTHER = "i1m7xy2k40c9ez51s6qpbk2hf"
started = JobStarted(job=2, attempt=1, lease_ms=100_000)


def told(viewed: Viewed) -> None:
    tell(viewed, IMAGE, ImageAdded(body="f1"), scheduled("image-generation"))
    tell(viewed, OTHER, ImageAdded(body="f2"), scheduled("image-generation"), started)
    tell(viewed, OTHER, ImageGenerated(body="f3"), JobCompleted(job=2, attempt=1))


def test_the_read_orders_are_indexes(embedded_viewed: Viewed):
    assert "USING INDEX images_by_generated" in embedded_viewed.plan(newest_question(limit=5, is_generated=True))
    assert "USING INDEX images_by_creation" in embedded_viewed.plan(newest_question(limit=5))
    assert "USING INDEX jobs_by_kind" in embedded_viewed.plan(newest_question(limit=5, status="pending"))


def test_an_image_is_shown_as_its_job_has_left_it(viewed: Viewed):
    told(viewed)
    with looking(viewed) as views:
        pending, done, made = (images.get(views, image_id) for image_id in (IMAGE, OTHER, f"{OTHER}-i4"))
        assert pending is not None
        assert done is not None
        assert made is not None
        assert (pending.generation_status, done.generation_status) == ("pending", "completed")
        assert (made.original_image_id, made.generation_status) == (OTHER, None)
        assert images.get(views, "i9") is None


def test_images_are_listed_by_status_and_by_whether_they_were_made(viewed: Viewed):
    told(viewed)
    with looking(viewed) as views:

        def bodies(**wanted) -> list[str]:
            asked = {"limit": 9, "status": None, "is_generated": None} | wanted
            return [image.body for image in images.list_newest(views, **asked)]

        assert bodies() == ["f3", "f2", "f1"]
        assert bodies(limit=1) == ["f3"]
        assert bodies(is_generated=True) == ["f3"]
        assert bodies(is_generated=False) == ["f2", "f1"]
        assert bodies(status="pending") == ["f1"]
        assert bodies(status="completed") == ["f2"]
        assert bodies(status="failed") == []
