import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.jobs import (
    CancelJob,
    CompleteJob,
    ExpireLease,
    FailJob,
    HandOverJob,
    JobAnsweredLate,
    JobCancelled,
    JobCompleted,
    JobFailed,
    JobHandedOver,
    JobLeaseLost,
    JobProgressed,
    JobRetried,
    JobStarted,
    Policy,
    ReportProgress,
    RetryJob,
    StartJob,
    schedule,
)
from ledger.domain.jobs.decisions import DELAY_MS_MAX, LATE_ANSWERS_MAX, delay_ms
from ledger.domain.jobs.refusals import AttemptNotStarted, JobNotDue
from tests.domain.jobs.working import BACKOFF_MS, LEASE_MS, job_after, scheduled, started, started_again, working

lost = JobLeaseLost(job=1, attempt=1, retry_after_ms=BACKOFF_MS)
retried = JobRetried(job=1, attempt=1)
completed = JobCompleted(job=1, attempt=1, result=5)
halfway = JobProgressed(job=1, attempt=1, progress=50)


def test_a_deployments_patience_goes_into_the_job():
    job = schedule("ocr", Policy(attempts_max=2, lease_ms=5, backoff_ms=1), subject="r1-s2", about={"fileId": "f1"})
    assert (job.attempts_max, job.lease_ms, job.backoff_ms, job.input) == (2, 5, 1, {"fileId": "f1"})
    assert (Policy().attempts_max, Policy().lease_ms, Policy().backoff_ms) == (3, 2_100_000, 10_000)


def test_whoever_comes_first_has_it():
    working().given(scheduled).when(StartJob(worker="ann")).then(started)
    working().given(scheduled, started).when(StartJob(worker="ben")).then_refused(JobNotDue, "jobId")


def test_a_retry_has_to_be_due_before_it_is_started():
    working().given(scheduled, started, lost).when(StartJob(worker="ben")).then_refused(JobNotDue)
    working().given(scheduled, started, lost, retried).when(StartJob(worker="ben")).then(started_again(2))


def test_a_push_has_a_short_lease_until_it_is_handed_over():
    pushed = JobStarted(job=1, attempt=1, worker="gpu", lease_ms=60_000)
    wanted = StartJob(worker="gpu", lease_ms=60_000)
    after = working().given(scheduled).when(wanted).then(pushed)
    handed_over = JobHandedOver(job=1, attempt=1)
    working().given(scheduled, pushed).when(HandOverJob(attempt=1)).then(handed_over)
    working().given(scheduled, pushed, completed).when(HandOverJob(attempt=1)).then_nothing()
    assert job_after(after).status == "running"


def test_a_lease_is_lost_when_it_has_run_out_and_not_before():
    running = (scheduled, started)
    working(at=2 + 99.999).given(*running).when(ExpireLease(attempt=1)).then_nothing()
    working(at=2 + 100).given(*running).when(ExpireLease(attempt=1)).then(lost)
    working(at=2 + 100).given(*running, halfway).when(ExpireLease(attempt=1)).then_nothing()
    working(at=999).given(*running, lost, retried, started_again(2)).when(ExpireLease(attempt=1)).then_nothing()


def test_the_last_attempt_that_is_lost_is_the_end():
    again = (started, lost, retried, started_again(2), JobLeaseLost(job=1, attempt=2, retry_after_ms=0), retried)
    history = working(at=999).given(scheduled, *again, started_again(3))
    history.when(ExpireLease(attempt=3)).then(JobLeaseLost(job=1, attempt=3))


def test_a_retry_comes_when_its_time_has_come_or_somebody_asks():
    waiting = (scheduled, started, lost)
    working(at=3 + 9).given(*waiting).when(RetryJob()).then_nothing()
    working(at=3 + 10).given(*waiting).when(RetryJob()).then(retried)
    working().given(*waiting).when(RetryJob(anew=3)).then(JobRetried(job=1, attempt=1, attempts_max=4))
    working(at=999).given(scheduled, started).when(RetryJob(anew=3)).then_nothing()
    working(at=999).given(scheduled, started, completed).when(RetryJob(anew=3)).then_nothing()


@pytest.mark.parametrize("failure", ["quota", "rate limit", "permanent"])
def test_only_what_is_transient_is_tried_again(failure):
    running = (scheduled, started)
    said = FailJob(attempt=1, failure=failure, error="no")
    working().given(*running).when(said).then(JobFailed(job=1, attempt=1, failure=failure, error="no"))
    said = FailJob(attempt=1, failure="transient", error="no")
    again = JobFailed(job=1, attempt=1, failure="transient", error="no", retry_after_ms=BACKOFF_MS)
    working().given(*running).when(said).then(again)


def test_a_result_is_taken_as_long_as_nobody_else_has_begun():
    said = CompleteJob(attempt=1, result=5)
    working().given(scheduled, started).when(said).then(completed)
    working().given(scheduled, started, lost).when(said).then(completed)
    working().given(scheduled, started, lost, retried).when(said).then(completed)
    late = JobAnsweredLate(job=1, attempt=1, said={"result": 5})
    working().given(scheduled, started, lost, retried, started_again(2)).when(said).then(late)


def test_a_second_answer_is_kept_once_and_changes_nothing():
    finished = (scheduled, started, completed)
    late = JobAnsweredLate(job=1, attempt=1, said={"failure": "permanent", "error": "no"})
    said = FailJob(attempt=1, failure="permanent", error="no")
    after = working().given(*finished).when(said).then(late)
    after.when(said).then_nothing()
    assert job_after(after).status == "completed"


def test_late_chatter_does_not_flood_the_log():
    history = working().given(scheduled, started, completed)
    for progress in range(3 * LATE_ANSWERS_MAX):
        history = history.when(ReportProgress(attempt=1, progress=progress)).after
    assert len(history.entries) == 3 + LATE_ANSWERS_MAX


def test_of_a_long_late_answer_only_the_digest_is_kept():
    said = CompleteJob(attempt=1, result="x" * 100_000)
    (late,) = working().given(scheduled, started, completed).when(said).events
    assert isinstance(late, JobAnsweredLate)
    assert late.said["length"] > 100_000
    assert len(late.said["sha256"]) == 16


def test_an_attempt_that_never_was_is_refused():
    working().given(scheduled).when(CompleteJob(attempt=1)).then_refused(AttemptNotStarted, "attempt")
    working().given(scheduled, started).when(ReportProgress(attempt=2)).then_refused(AttemptNotStarted)


def test_a_job_is_cancelled_once():
    cancelled = JobCancelled(job=1, attempt=1, reason="enough")
    working().given(scheduled, started).when(CancelJob(reason="enough")).then(cancelled)
    working().given(scheduled, started, cancelled).when(CancelJob()).then_nothing()
    late = JobAnsweredLate(job=1, attempt=1, said={"result": 5})
    working().given(scheduled, started, cancelled).when(CompleteJob(attempt=1, result=5)).then(late)


@pytest.mark.parametrize("progress", [49.9, 0, -1, 100.5, 1e9])
def test_progress_that_goes_back_or_beyond_the_end_changes_nothing(progress):
    said = ReportProgress(attempt=1, progress=progress)
    working(at=999).given(scheduled, started, halfway).when(said).then_nothing()


def test_progress_is_recorded_by_whole_points_or_seconds():
    history = working(at=3.9).given(scheduled, started, halfway)
    history.when(ReportProgress(attempt=1, progress=50.9)).then_nothing()
    history.when(ReportProgress(attempt=1, progress=51)).then(JobProgressed(job=1, attempt=1, progress=51))
    later = working(at=4).given(scheduled, started, halfway)
    later.when(ReportProgress(attempt=1, progress=50.1)).then(JobProgressed(job=1, attempt=1, progress=50.1))
    first = working().given(scheduled, started)
    first.when(ReportProgress(attempt=1, progress=0.1)).then(JobProgressed(job=1, attempt=1, progress=0.1))
    almost = working().given(scheduled, started, JobProgressed(job=1, attempt=1, progress=99.9))
    almost.when(ReportProgress(attempt=1, progress=100)).then(JobProgressed(job=1, attempt=1, progress=100))


def test_a_chatty_worker_does_not_flood_the_log():
    history = working().given(scheduled, started)
    for thousandth in range(0, 100_001, 400):
        history = history.when(ReportProgress(attempt=1, progress=thousandth / 1_000)).after
    assert len(history.entries) <= 2 + 102


def test_a_mere_sign_of_life_is_a_fact_when_the_lease_grows_old():
    alive = ReportProgress(attempt=1)
    working(at=2 + 24).given(scheduled, started).when(alive).then_nothing()
    working(at=2 + 25).given(scheduled, started).when(alive).then(JobProgressed(job=1, attempt=1))
    same = ReportProgress(attempt=1, progress=50)
    working(at=3 + 25).given(scheduled, started, halfway).when(same).then(JobProgressed(job=1, attempt=1, progress=50))


@given(st.integers(1, 40), st.floats(0, 1), st.integers(0, 100_000), st.integers(0, 5))
def test_a_retry_waits_twice_as_long_each_time_a_quarter_more_or_less(attempt, jitter, backoff_ms, asked_after):
    job = job_after(working().given(scheduled))
    job = job.model_copy(
        update={"attempt": attempt + asked_after, "asked_after": asked_after, "backoff_ms": backoff_ms}
    )
    plain = min(backoff_ms * 2 ** (attempt - 1), DELAY_MS_MAX)
    assert 0.75 * plain - 1 <= delay_ms(job, jitter) <= 1.25 * plain + 1
    assert delay_ms(job, 0.5) == plain


def test_chance_tells_apart_what_failed_together():
    delays = set()
    for hundredth in range(100):
        rules = working(at=2 + LEASE_MS / 1_000, jitter=hundredth / 100)
        (event,) = rules.given(scheduled, started).when(ExpireLease(attempt=1)).events
        assert isinstance(event, JobLeaseLost)
        delays.add(event.retry_after_ms)
    assert len(delays) == 100
