from threading import Event
from typing import Any

import pytest

from ledger.domain.refusals import FileNotFound
from ledger.workers import local
from ledger.workers.local import LocalJob, LocalWorkers, Work, WorkFailedError
from tests.application.timed import Timed

KIND = "image-generation"


def scheduled(work: Timed) -> str:
    image_id: str = work.write("generate:scheduleImageGeneration", storageId=work.upload(b"pixels"))
    return f"{image_id}-j2"


def done(work: Timed, job_id: str, doing: Work) -> Any:
    """The job after a worker has been at it."""
    free = Event()
    workers = LocalWorkers(work.ledger, {KIND: doing}, free.set)
    workers.take(KIND, job_id)
    assert free.wait(60)
    assert workers.free_kinds() == [KIND]
    workers.stop()
    return work.job(job_id)


def test_a_worker_reads_its_file_and_brings_its_result(work: Timed):
    made = work.upload(b"made")

    def generate(job: LocalJob) -> object:
        assert b"".join(job.read_file(job.input["storageId"])) == b"pixels"
        assert job.tell(40)
        return {"storageId": made}

    job = done(work, scheduled(work), generate)
    assert (job.status, job.progress, job.worker) == ("completed", 40, "local-worker")


@pytest.mark.parametrize(
    ("raised", "status", "failure", "error"),
    [
        (WorkFailedError("permanent", "no picture"), "failed", "permanent", "no picture"),
        (FileNotFound("f9"), "failed", "permanent", "there is no file"),
        (MemoryError("too large\x00"), "waiting", "transient", "MemoryError: too large"),
    ],
)
def test_a_worker_that_fails_says_why(work: Timed, raised: Exception, status: str, failure: str, error: str):
    def fail(job: LocalJob) -> object:
        raise raised

    job = done(work, scheduled(work), fail)
    assert (job.status, job.failure) == (status, failure)
    assert error in job.error


def test_a_result_that_is_none_has_failed_for_good(work: Timed):
    job = done(work, scheduled(work), lambda job: {"text": "?"})
    assert (job.status, job.failure) == ("failed", "permanent")
    assert "result.storageId" in job.error


def test_what_somebody_else_has_is_left_to_him(work: Timed):
    job_id = scheduled(work)
    work.claim(KIND)
    workers = LocalWorkers(work.ledger, {KIND: lambda job: None}, lambda: None)
    workers.take(KIND, job_id)
    assert workers.free_kinds() == [KIND]
    assert work.job(job_id).worker == "ann"


def test_one_of_a_kind_is_done_at_a_time_and_is_kept_alive(work: Timed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "HEARTBEAT_SECONDS_MAX", 0.01)
    told, going = Event(), Event()

    def slow(job: LocalJob) -> object:
        work.later(50_000)  # half the lease has gone by
        before = work.job(job.id).lease_until
        while work.job(job.id).lease_until == before:
            assert not told.wait(0.01)
        going.set()
        assert told.wait(60)
        return None

    free = Event()
    workers = LocalWorkers(work.ledger, {KIND: slow}, free.set)
    workers.take(KIND, scheduled(work))
    assert workers.free_kinds() == []
    assert going.wait(60)
    told.set()
    assert free.wait(60)
    workers.stop()
