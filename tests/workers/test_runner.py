from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import pytest

from ledger.domain.jobs import Job
from ledger.workers import runner as runners
from ledger.workers.local import Work
from ledger.workers.runner import JobRunner
from tests.application.timed import POLICY, Timed

KIND = "image-generation"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is moved wakes nobody."""
    monkeypatch.setattr(runners, "POLL_SECONDS", 0.02)


@contextmanager
def looked_after(work: Timed, works: dict[str, Work] | None = None) -> Iterator[None]:
    runner = JobRunner(work.ledger, pushing={}, works=works or {})
    runner.start()
    try:
        yield
    finally:
        runner.stop()


def scheduled(work: Timed) -> str:
    image_id: str = work.write("generate:scheduleImageGeneration", storageId=work.upload())
    return f"{image_id}-j2"


def when(work: Timed, job_id: str, is_so: Callable[[Job], bool]) -> Job:
    deadline = monotonic() + 60
    while not is_so(job := work.job(job_id)):
        assert monotonic() < deadline, job
        sleep(0.01)
    return job


def test_lost_jobs_come_back_when_their_time_has_come_until_they_are_given_up(work: Timed):
    job_id = scheduled(work)
    with looked_after(work):
        for attempt in (1, 2, 3):
            when(work, job_id, lambda job: job.status == "scheduled")
            assert work.claim(KIND)["attempt"] == attempt
            work.later(POLICY.lease_ms)
            when(work, job_id, lambda job: job.status in ("waiting", "failed"))
            work.later(60_000)
        assert when(work, job_id, lambda job: job.has_ended).status == "failed"
    assert work.history(job_id.removesuffix("-j2"))[1:] == [
        "job-scheduled.1",
        *["job-started.1", "job-lease-lost.1", "job-retried.1"] * 2,
        "job-started.1",
        "job-lease-lost.1",
    ]


def test_nothing_is_done_before_its_time(work: Timed):
    job_id = scheduled(work)
    work.claim(KIND)
    with looked_after(work):
        work.later(POLICY.lease_ms - 1)
        sleep(0.3)
        assert work.job(job_id).status == "running"


def test_jobs_of_its_own_kinds_are_done_and_the_others_left(work: Timed):
    made = work.upload(b"made")
    mine, other = scheduled(work), work.write("sessions:createSession")
    shot = work.write("screenshots:createScreenshot", sessionId=other, filename="a", fileId=made)
    with looked_after(work, {KIND: lambda job: {"storageId": made}}):
        when(work, mine, lambda job: job.status == "completed")
        later = scheduled(work)
        when(work, later, lambda job: job.status == "completed")
    (reading,) = work.read("jobs:list", kind="screenshot-reading")
    assert (reading["subject"], reading["status"]) == (shot, "scheduled")


def test_two_runners_do_everything_once(work: Timed):
    made = work.upload(b"made")
    with (
        looked_after(work, {KIND: lambda job: {"storageId": made}}),
        looked_after(work, {KIND: lambda job: {"storageId": made}}),
    ):
        ids = [scheduled(work) for _ in range(5)]
        for job_id in ids:
            job = when(work, job_id, lambda job: job.has_ended)
            assert (job.status, job.attempt) == ("completed", 1)
