from ledger.domain.jobs import (
    LOST,
    JobAnsweredLate,
    JobCancelled,
    JobCompleted,
    JobFailed,
    JobHandedOver,
    JobLeaseLost,
    JobProgressed,
    JobRetried,
    JobStarted,
    begun,
    evolve,
    foresee,
)
from tests.domain.jobs.working import LEASE_MS, job_after, scheduled, started, started_again, working
from tests.recordings import RECORDED_AT, SESSION

lost = JobLeaseLost(job=1, attempt=1, retry_after_ms=10_000)


def after(*events):
    return job_after(working().given(scheduled, *events))


def test_a_job_is_due_when_it_is_scheduled():
    job = after()
    assert (job.id, job.sequence, job.status, job.attempt) == (f"{SESSION}-j1", 1, "scheduled", 0)
    assert job.due_at == job.created_at == RECORDED_AT + 1_000


def test_a_lease_is_counted_from_when_it_was_recorded():
    job = after(started)
    assert (job.status, job.attempt, job.worker) == ("running", 1, "ann")
    assert (job.lease_until, job.due_at) == (RECORDED_AT + 2_000 + LEASE_MS, None)


def test_what_was_pushed_is_leased_for_the_hand_over_only_and_then_for_good():
    pushed = JobStarted(job=1, attempt=1, worker="gpu", lease_ms=60_000)
    assert after(pushed).lease_until == RECORDED_AT + 2_000 + 60_000
    assert after(pushed, JobHandedOver(job=1, attempt=1)).lease_until == RECORDED_AT + 3_000 + LEASE_MS
    assert (after(pushed).is_taken, after(pushed, JobHandedOver(job=1, attempt=1)).is_taken) == (False, True)


def test_progress_begins_the_lease_anew_and_a_mere_sign_of_life_leaves_the_progress():
    job = after(started, JobProgressed(job=1, attempt=1, progress=40), JobProgressed(job=1, attempt=1))
    assert (job.progress, job.lease_until) == (40, RECORDED_AT + 4_000 + LEASE_MS)


def test_a_lost_attempt_waits_and_the_next_begins_without_its_progress():
    job = after(started, JobProgressed(job=1, attempt=1, progress=40), lost)
    assert (job.status, job.error, job.worker, job.lease_until) == ("waiting", LOST, None, None)
    assert job.due_at == RECORDED_AT + 4_000 + 10_000
    again = after(started, lost, JobRetried(job=1, attempt=1), started_again(2))
    assert (again.status, again.attempt, again.progress, again.error) == ("running", 2, None, None)


def test_an_end_is_an_end():
    assert after(started, JobLeaseLost(job=1, attempt=1)).status == "failed"
    assert after(started, JobFailed(job=1, attempt=1, failure="quota", error="none left")).status == "failed"
    assert after(JobCancelled(job=1, attempt=0)).status == "cancelled"
    job = after(started, JobCompleted(job=1, attempt=1, result={"a": 1}))
    assert (job.status, job.result, job.completed_at, job.has_ended) == (
        "completed",
        {"a": 1},
        RECORDED_AT + 3_000,
        True,
    )


def test_what_was_asked_for_anew_may_be_tried_as_often_again():
    job = after(started, JobLeaseLost(job=1, attempt=1), JobRetried(job=1, attempt=1, attempts_max=4))
    assert (job.status, job.attempts_max, job.asked_after, job.error) == ("scheduled", 4, 1, None)


def test_a_late_answer_changes_nothing_that_is_shown():
    done = after(started, JobCompleted(job=1, attempt=1))
    late = after(started, JobCompleted(job=1, attempt=1), JobAnsweredLate(job=1, attempt=1, said={"progress": 5}))
    assert late.to_json() == done.model_copy(update={"updated_at": late.updated_at}).to_json()
    assert len(late.late) == 1


def test_who_recorded_the_start_has_it_where_nobody_else_is_named():
    assert after(JobStarted(job=1, attempt=1, lease_ms=1)).worker == "multicam"


def test_what_is_foreseen_is_what_comes():
    history = working().given(scheduled, started, lost)
    foreseen = begun(scheduled, SESSION, 1, RECORDED_AT + 1_000)
    foreseen = foresee(foresee(foreseen, [started], RECORDED_AT + 2_000), [lost], RECORDED_AT + 3_000)
    job = None
    for entry in history.entries:
        job = evolve(job, entry)
    assert foreseen == job
