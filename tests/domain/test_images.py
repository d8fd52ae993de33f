from typing import Any

import pytest

from ledger.domain import images, jobs
from ledger.domain.images import (
    GenerationCannotMove,
    ImageAdded,
    ImageGenerated,
    ImageNotFound,
    MoveGeneration,
    SaveGenerated,
    ScheduleGeneration,
    failure_of,
    with_job,
)
from ledger.domain.jobs import (
    JobCancelled,
    JobCompleted,
    JobFailed,
    JobLeaseLost,
    JobRetried,
    JobStarted,
    Policy,
)
from ledger.domain.refusals import Invalid
from tests.domain.grammar import History, Noun
from tests.recordings import RECORDED_AT, SESSION

POLICY = Policy(attempts_max=3, lease_ms=100_000, backoff_ms=10_000)
added = ImageAdded(body="f1")
scheduled = jobs.schedule("image-generation", POLICY, subject=SESSION, about={"storageId": "f1"})
started = JobStarted(job=2, attempt=1, lease_ms=100_000)
completed = JobCompleted(job=2, attempt=1)
failed = JobFailed(job=2, attempt=1, failure="quota", error="none left")
failed_for_now = JobFailed(job=2, attempt=1, failure="transient", error="busy", retry_after_ms=10_000)


def _decide(command: Any, history: History):
    image = history.state(images.ENTITY, images.evolve)
    match command:
        case ScheduleGeneration():
            return images.decide_scheduling(command, POLICY, SESSION)
        case SaveGenerated():
            saved = history.state(images.entity_of_result(command.storage_id), images.evolve)
            return images.decide_saving(command, image, saved)
        case _:
            job = history.state(jobs.entity_of(images.JOB), jobs.evolve)
            return images.decide_move(command, job, POLICY, RECORDED_AT, 0.5)


generation = Noun(_decide)
queued = generation.given(added, scheduled)


def moved(status, error=None):
    return MoveGeneration(image_id=SESSION, status=status, error=error)


def shown(*events):
    history = queued.and_then(events)
    image = history.state(images.ENTITY, images.evolve)
    job = history.state(jobs.entity_of(images.JOB), jobs.evolve)
    assert image is not None
    assert job is not None
    return with_job(image, job)


def test_an_image_and_its_job_are_recorded_together():
    generation.given().when(ScheduleGeneration(storage_id="f1")).then(added, scheduled)


def test_a_source_says_nothing_of_being_generated():
    image = shown()
    assert (image.id, image.body, image.generation_status) == (SESSION, "f1", "pending")
    assert "isGenerated" not in image.to_json()


def test_a_result_names_its_source_and_has_no_generation_of_its_own():
    saved = ImageGenerated(body="f2")
    history = queued.when(SaveGenerated(storage_id="f2", original_image_id=SESSION)).then(saved)
    result = images.evolve(None, history.entries[2])
    assert (result.id, result.original_image_id, result.is_generated) == (f"{SESSION}-i3", SESSION, True)
    assert "generationStatus" not in result.to_json()


def test_the_same_result_is_saved_once_and_another_beside_it():
    history = queued.and_then([ImageGenerated(body="f2")])
    history.when(SaveGenerated(storage_id="f2", original_image_id=SESSION)).then_nothing()
    history.when(SaveGenerated(storage_id="f3", original_image_id=SESSION)).then(ImageGenerated(body="f3"))
    assert images.evolve(images.evolve(None, history.entries[2]), history.entries[2]).id == f"{SESSION}-i3"


def test_without_the_image_nothing_is_saved_or_moved():
    save = SaveGenerated(storage_id="f2", original_image_id="i9")
    generation.given().when(save).then_refused(ImageNotFound, "originalImageId")
    generation.given().when(moved("processing")).then_refused(ImageNotFound, "imageId")


def test_a_worker_that_found_the_image_by_itself_moves_its_job():
    working = queued.when(moved("processing")).then(started)
    working.when(moved("processing")).then_nothing()
    working.when(moved("completed")).then(completed)
    queued.when(moved("completed")).then(started, completed)


def test_a_failure_is_of_the_class_that_it_begins_with():
    working = queued.and_then([started])
    working.when(moved("failed", "quota: none left")).then(failed)
    working.when(moved("failed", "Transient:busy")).then(failed_for_now)
    none = JobFailed(job=2, attempt=1, failure="permanent", error="no reason was given")
    working.when(moved("failed")).then(none)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("rate limit: 10 a minute", ("rate limit", "10 a minute")),
        ("permanent: a: b", ("permanent", "a: b")),
        ("model: not found", ("permanent", "model: not found")),
        ("", ("permanent", "")),
    ],
)
def test_what_names_no_class_will_not_go_away(error, told):
    assert failure_of(error) == told


def test_a_failed_generation_may_begin_again_and_a_completed_one_never_goes_back():
    again = JobRetried(job=2, attempt=1, attempts_max=4)
    for end in (failed, failed_for_now, JobLeaseLost(job=2, attempt=1), JobCancelled(job=2, attempt=1)):
        ended = queued.and_then([started, end])
        ended.when(moved("pending")).then(again)
        ended.when(moved("processing")).then(again, JobStarted(job=2, attempt=2, lease_ms=100_000))
    done = queued.and_then([started, completed])
    done.when(moved("completed")).then_nothing()
    for status in ("pending", "processing", "failed"):
        done.when(moved(status)).then_refused(GenerationCannotMove, "status")


def test_a_result_that_comes_after_a_failure_counts_until_the_job_has_ended():
    queued.and_then([started, failed_for_now]).when(moved("completed")).then(completed)


def test_what_has_begun_is_not_pending_again():
    queued.and_then([started]).when(moved("pending")).then_refused(GenerationCannotMove)


def test_an_error_goes_with_a_failure():
    queued.when(moved("processing", "quota: x")).then_refused(Invalid, "error")


def test_a_page_shows_how_far_the_job_is():
    assert shown(started).generation_status == "processing"
    assert shown(started, completed).generation_status == "completed"
    assert (shown(started, failed).generation_status, shown(started, failed).generation_error) == (
        "failed",
        "quota: none left",
    )
    assert shown(started, failed_for_now).generation_error == "transient: busy"
    retried = shown(started, failed_for_now, JobRetried(job=2, attempt=1))
    assert (retried.generation_status, retried.generation_error) == ("pending", None)
    assert shown(started, JobLeaseLost(job=2, attempt=1)).generation_error == "transient: the worker was lost"
    assert shown(JobCancelled(job=2, attempt=0)).generation_error == "permanent: cancelled"
