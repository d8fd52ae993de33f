import pytest

from ledger.application.leases import EXPIRE, HAND_OVER, RETRY, START, named
from ledger.domain.jobs.refusals import JobNotDue, JobNotFound
from tests.application.test_jobs import KIND, scheduled
from tests.application.timed import POLICY, Timed


def test_a_job_is_not_expired_or_retried_before_its_time(work: Timed):
    job_id = scheduled(work)
    work.claim(KIND)
    work.carry(EXPIRE, jobId=job_id, attempt=1)
    assert work.job(job_id).status == "running"
    work.later(POLICY.lease_ms)
    work.carry(EXPIRE, jobId=job_id, attempt=1)
    work.carry(RETRY, jobId=job_id)
    assert work.job(job_id).status == "waiting"
    assert work.claim(KIND) is None


def test_a_worker_is_lost_as_often_as_there_are_attempts_and_then_it_is_over(work: Timed):
    job_id = scheduled(work)
    for _ in range(3):
        assert work.claim(KIND) is not None
        work.lose(job_id)
    assert work.job(job_id).status == "failed"
    assert work.claim(KIND) is None
    assert work.history(job_id.removesuffix("-j2")).count("job-lease-lost.1") == 3


def test_a_short_lease_is_a_whole_one_once_the_job_is_handed_over(work: Timed):
    job_id = scheduled(work)
    assert work.carry(START, jobId=job_id, worker="gpu", leaseMs=5_000) == 1
    assert work.job(job_id).lease_until == work.now_ms + 5_000
    with pytest.raises(JobNotDue):
        work.carry(START, jobId=job_id, worker="other")
    work.carry(HAND_OVER, jobId=job_id, attempt=1)
    assert (work.job(job_id).lease_until, work.job(job_id).worker) == (work.now_ms + POLICY.lease_ms, "gpu")


def test_a_screenshot_that_nobody_can_read_is_not_waited_for(work: Timed):
    session_id = work.write("sessions:createSession")
    work.write("screenshots:createScreenshot", sessionId=session_id, filename="a.png", fileId=work.upload())
    work.write("sessions:completeSession", sessionId=session_id)
    (job,) = work.read("jobs:list")
    for _ in range(3):
        work.claim("screenshot-reading")
        work.lose(job["_id"])
    assert work.history(session_id)[-3:] == ["job-lease-lost.1", "screenshot-unreadable.1", "job-scheduled.1"]
    assert work.claim("documentation")["subject"] == session_id


def test_a_jobs_id_says_where_it_is():
    assert named("v1-j2").partition == "v1"
    for text in ("", "v1", "v1-k2"):
        with pytest.raises(JobNotFound):
            named(text)
