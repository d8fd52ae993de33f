from typing import Any

import pytest

from ledger.domain import jobs, videos
from ledger.domain.jobs import (
    JobAnsweredLate,
    JobCompleted,
    JobFailed,
    JobLeaseLost,
    JobProgressed,
    JobRetried,
    JobStarted,
    Policy,
)
from ledger.domain.refusals import Invalid
from ledger.domain.videos import (
    CreateVideo,
    Desk,
    ProcessVideo,
    UpdateVideoResults,
    UpdateVideoStatus,
    Video,
    VideoCannotMove,
    VideoCreated,
    VideoNotFound,
    VideoResultsRecorded,
    with_job,
)
from tests.domain.grammar import History, Noun
from tests.recordings import RECORDED_AT, SESSION

POLICY = Policy(attempts_max=3, lease_ms=100_000, backoff_ms=10_000)
DESK = Desk(policy=POLICY, now_ms=RECORDED_AT)
created = VideoCreated(storage_id="f1", filename="rally.mp4", size=5)
scheduled = jobs.schedule("video-processing", POLICY, subject=SESSION, about={"storageId": "f1"})
started = JobStarted(job=2, attempt=1, lease_ms=100_000)
halfway = JobProgressed(job=2, attempt=1, progress=50)
completed = JobCompleted(job=2, attempt=1)
failed = JobFailed(job=2, attempt=1, failure="permanent", error="no court")
lost = JobLeaseLost(job=2, attempt=1, retry_after_ms=10_000)
RESULTS = {"fps": 30, "players": []}
found = VideoResultsRecorded(results=RESULTS, processed_video_storage_id="f2")


class Said:
    """What the worker of an attempt says through its callback URL."""

    def __init__(self, attempt: int, command: Any) -> None:
        self.attempt, self.command = attempt, command


def _decide(command: Any, history: History):
    video, job = _state(history)
    match command:
        case CreateVideo():
            return videos.decide_creating(command)
        case ProcessVideo():
            return videos.decide_processing(command, video, job, DESK)
        case UpdateVideoStatus():
            return videos.decide_status(command, video, job, DESK)
        case UpdateVideoResults():
            return videos.decide_results(command, video, job, DESK)
        case Said():
            assert video is not None
            assert job is not None
            if isinstance(command.command, UpdateVideoStatus):
                return videos.decide_report(command.command, job, command.attempt, RECORDED_AT)
            return videos.decide_answer(command.command, video, job, command.attempt, RECORDED_AT)


def _state(history: History):
    return (
        history.state(videos.ENTITY, videos.evolve),
        history.state(jobs.entity_of(videos.JOB), jobs.evolve),
    )


def shown(history: History) -> Video:
    video, job = _state(history)
    assert video is not None
    return with_job(video, job) if job else video


processing = Noun(_decide)
uploaded = processing.given(created)
running = processing.given(created, scheduled, started)
process = ProcessVideo(video_id=SESSION)
results = UpdateVideoResults(video_id=SESSION, results=RESULTS, processed_video_storage_id="f2")


def status(wanted, progress=None, error=None):
    return UpdateVideoStatus(video_id=SESSION, status=wanted, progress=progress, error=error)


def test_a_video_is_uploaded_until_it_is_processed():
    history = processing.given().when(CreateVideo(storage_id="f1", filename="rally.mp4", size=5)).then(created)
    assert (shown(history).status, shown(history).progress, shown(history).id) == ("uploaded", None, SESSION)


def test_processing_begins_at_nought():
    history = uploaded.when(process).then(scheduled)
    assert (shown(history).status, shown(history).progress) == ("processing", 0)


def test_asking_twice_starts_once():
    uploaded.and_then([scheduled]).when(process).then_nothing()
    running.when(process).then_nothing()
    running.and_then([lost]).when(process).then_nothing()


def test_a_failed_video_may_be_processed_anew_and_a_completed_one_not():
    running.and_then([failed]).when(process).then(JobRetried(job=2, attempt=1, attempts_max=4))
    running.and_then([found, completed]).when(process).then_refused(VideoCannotMove, "status")


def test_without_the_video_nothing_is_done():
    for command in (process, status("processing"), results):
        processing.given().when(command).then_refused(VideoNotFound, "videoId")


def test_what_is_told_unasked_is_told_of_the_attempt_under_way():
    running.when(status("processing", 50)).then(halfway)
    running.when(status("failed", error="no court")).then(failed)
    running.when(status("completed")).then(completed)
    running.when(results).then(found, completed)


def test_a_worker_that_nobody_has_asked_begins_an_attempt_of_its_own():
    uploaded.when(status("processing")).then(scheduled, started)
    uploaded.when(status("failed", error="no court")).then(scheduled, started, failed)
    uploaded.when(results).then(scheduled, started, found, completed)
    again = running.and_then([failed]).when(results)
    retried = JobRetried(job=2, attempt=1, attempts_max=4)
    second = JobStarted(job=2, attempt=2, lease_ms=100_000)
    again.then(retried, second, found, JobCompleted(job=2, attempt=2))


def test_a_status_that_is_already_so_is_no_fact():
    uploaded.when(status("uploaded")).then_nothing()
    running.and_then([failed]).when(status("failed", error="again")).then_nothing()
    running.and_then([completed]).when(status("completed")).then_nothing()


def test_no_status_goes_back_to_uploaded_or_away_from_completed():
    running.when(status("uploaded")).then_refused(VideoCannotMove)
    for wanted in ("processing", "failed", "uploaded"):
        running.and_then([found, completed]).when(status(wanted)).then_refused(VideoCannotMove, "status")


def test_an_error_goes_with_a_failure():
    running.when(status("processing", error="x")).then_refused(Invalid, "error")


def test_results_complete_the_video():
    video = shown(running.and_then([halfway, found, completed]))
    assert (video.status, video.progress, video.error) == ("completed", 100, None)
    assert (video.results, video.processed_video_storage_id) == (RESULTS, "f2")
    assert video.completed_at == RECORDED_AT + 6_000


def test_results_that_come_after_their_video_was_called_completed_are_taken_once():
    history = running.and_then([completed]).when(results).then(found)
    late = JobAnsweredLate(job=2, attempt=1, said={"results": RESULTS, "processedVideoStorageId": "f2"})
    history.when(results).then(late).when(results).then_nothing()
    running.and_then([completed]).when(Said(1, results)).then(found)


def test_what_the_worker_of_the_present_attempt_says_counts():
    running.when(Said(1, status("processing", 50))).then(halfway)
    running.when(Said(1, status("failed", error="no court"))).then(failed)
    running.when(Said(1, results)).then(found, completed)


def test_that_it_is_completed_only_the_results_say():
    history = running.when(Said(1, status("completed", 100))).then(JobProgressed(job=2, attempt=1, progress=100))
    assert shown(history).status == "processing"
    running.when(Said(1, status("uploaded"))).then_refused(Invalid, "status")


def test_a_replaced_attempt_is_heard_and_changes_nothing():
    second = JobStarted(job=2, attempt=2, lease_ms=100_000)
    replaced = running.and_then([lost, JobRetried(job=2, attempt=1), second])
    late = JobAnsweredLate(job=2, attempt=1, said={"results": RESULTS, "processedVideoStorageId": "f2"})
    after = replaced.when(Said(1, results)).then(late)
    assert shown(after) == shown(replaced)
    after.when(Said(1, results)).then_nothing()
    replaced.when(Said(1, status("processing", 99))).then(JobAnsweredLate(job=2, attempt=1, said={"progress": 99}))


@pytest.mark.parametrize("end", [[found, completed], [failed]])
def test_a_second_answer_of_a_finished_attempt_changes_nothing(end):
    finished = running.and_then(end)
    for said in (results, status("failed", error="else"), status("processing", 3)):
        assert shown(finished.when(Said(1, said)).after) == shown(finished)


def test_a_lost_attempt_goes_on_processing_and_begins_at_nought_again():
    waiting = shown(running.and_then([halfway, lost]))
    assert (waiting.status, waiting.progress, waiting.error) == ("processing", 50, None)
    second = JobStarted(job=2, attempt=2, lease_ms=100_000)
    assert shown(running.and_then([halfway, lost, JobRetried(job=2, attempt=1), second])).progress == 0


def test_a_failure_shows_its_error():
    video = shown(running.and_then([halfway, failed]))
    assert (video.status, video.error, video.progress) == ("failed", "no court", 50)
