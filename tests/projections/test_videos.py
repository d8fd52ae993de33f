import pytest

from ledger.domain.jobs import JobCompleted, JobProgressed, JobStarted
from ledger.domain.videos import VideoCreated, VideoResultsRecorded
from ledger.projections import videos
from tests.projections.apart import VIDEO, looking, scheduled, tell
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")

created = VideoCreated(storage_id="f1", filename="a.mp4", size=5)


def test_a_video_is_shown_as_its_job_has_left_it(viewed: Viewed):
    tell(viewed, VIDEO, created)
    with looking(viewed) as views:
        video = videos.get(views, VIDEO)
        assert video is not None
        assert (video.status, video.progress) == ("uploaded", None)
        assert videos.get(views, "v9") is None
    tell(viewed, VIDEO, scheduled("video-processing"), JobStarted(job=2, attempt=1, lease_ms=9))
    tell(viewed, VIDEO, JobProgressed(job=2, attempt=1, progress=5))
    with looking(viewed) as views:
        video = videos.get(views, VIDEO)
        assert video is not None
        assert (video.status, video.progress) == ("processing", 5)
    tell(viewed, VIDEO, VideoResultsRecorded(results={"fps": 30}), JobCompleted(job=2, attempt=1))
    with looking(viewed) as views:
        video = videos.get(views, VIDEO)
        assert video is not None
        assert (video.status, video.results, video.completed_at) == ("completed", {"fps": 30}, viewed.opened.now)
