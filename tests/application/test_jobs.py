from threading import Thread

import pytest

from ledger.application.leases import RETRY, URL_MS_MIN
from ledger.domain.jobs.refusals import AttemptNotStarted, JobNotFound
from ledger.domain.refusals import Invalid, UrlRefused
from tests.application.timed import POLICY, Timed

KIND = "image-generation"


def scheduled(work: Timed) -> str:
    image_id: str = work.write("generate:scheduleImageGeneration", storageId=work.upload())
    return f"{image_id}-j2"


def test_a_claim_says_all_that_a_worker_needs(work: Timed):
    job_id = scheduled(work)
    assert work.claim("something-else") is None
    claimed = work.claim("something-else", KIND)
    assert (claimed["jobId"], claimed["attempt"], claimed["kind"]) == (job_id, 1, KIND)
    assert claimed["leaseUntil"] == work.now_ms + POLICY.lease_ms
    assert claimed["fileUrl"].startswith(f"http://stage.example/api/storage/{claimed['input']['storageId']}?expires=")
    assert claimed["subject"] == job_id.removesuffix("-j2")
    assert work.claim(KIND) is None
    assert work.read("jobs:get", jobId=job_id)["worker"] == "ann"


def test_a_worker_that_renews_its_lease_has_its_file_for_an_hour_after_the_first(work: Timed):
    scheduled(work)
    storage_id, _, asked = work.claim(KIND)["fileUrl"].rpartition("/")[2].partition("?")
    expires, _, signature = asked.removeprefix("expires=").partition("&signature=")
    work.later(POLICY.lease_ms + URL_MS_MIN - 1)
    work.ledger.files.require_signed(storage_id, expires, signature)
    work.later(1)
    with pytest.raises(UrlRefused):
        work.ledger.files.require_signed(storage_id, expires, signature)


def test_the_oldest_is_claimed_first(work: Timed):
    first = scheduled(work)
    work.later(5)
    second = scheduled(work)
    assert [work.claim(KIND)["jobId"], work.claim(KIND)["jobId"]] == [first, second]


def test_of_many_who_claim_at_once_each_has_a_job_of_its_own(work: Timed):
    wanted = {scheduled(work) for _ in range(6)}
    claimed: list[str] = []

    def claim() -> None:
        while (job := work.claim(KIND)) is not None:
            claimed.append(job["jobId"])

    workers = [Thread(target=claim) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(claimed) == sorted(wanted)


def test_a_heartbeat_renews_the_lease_and_tells_who_was_replaced(work: Timed):
    job_id = scheduled(work)
    work.claim(KIND)
    work.later(POLICY.lease_ms // 2)
    assert work.write("jobs:heartbeat", jobId=job_id, attempt=1) == {"isCurrent": True}
    assert work.job(job_id).lease_until == work.now_ms + POLICY.lease_ms
    assert work.write("jobs:heartbeat", jobId=job_id, attempt=1, progress=7.5) == {"isCurrent": True}
    assert work.read("jobs:get", jobId=job_id)["progress"] == 7.5
    work.lose(job_id)
    work.claim(KIND, name="ben")
    assert work.write("jobs:heartbeat", jobId=job_id, attempt=1) == {"isCurrent": False}
    assert work.write("jobs:heartbeat", jobId=job_id, attempt=2) == {"isCurrent": True}


def test_what_fails_for_now_comes_back_and_what_fails_for_good_does_not(work: Timed):
    job_id = scheduled(work)
    work.claim(KIND)
    said = {"jobId": job_id, "attempt": 1, "failure": "transient", "error": "busy"}
    assert work.write("jobs:fail", **said) == {"isCurrent": True}
    assert work.write("jobs:fail", **said) == {"isCurrent": False}
    assert work.job(job_id).status == "waiting"
    work.later(12_500)
    work.carry(RETRY, jobId=job_id)
    assert work.claim(KIND)["attempt"] == 2
    work.write("jobs:fail", jobId=job_id, attempt=2, failure="quota", error="none left")
    assert work.job(job_id).status == "failed"


def test_a_cancelled_job_stops(work: Timed):
    job_id = scheduled(work)
    work.claim(KIND)
    work.write("jobs:cancel", jobId=job_id, reason="enough")
    assert work.write("jobs:heartbeat", jobId=job_id, attempt=1) == {"isCurrent": False}
    done = work.write("jobs:complete", jobId=job_id, attempt=1, result={"storageId": work.upload()})
    assert done == {"isCurrent": False}
    assert work.read("jobs:get", jobId=job_id)["status"] == "cancelled"


def test_jobs_are_listed_newest_first(work: Timed):
    first = scheduled(work)
    work.later(5)
    second = scheduled(work)
    work.claim(KIND)
    assert [job["_id"] for job in work.read("jobs:list")] == [second, first]
    assert [job["_id"] for job in work.read("jobs:list", status="running")] == [first]
    assert work.read("jobs:list", kind="video-processing") == []
    assert [job["_id"] for job in work.read("jobs:list", kind=KIND, limit=1)] == [second]


@pytest.mark.parametrize("job_id", ["", "x", "keys-j1", "i1m7xy2k40c9ez51s6qpbk1ge-j2", "s1-k2"])
def test_what_is_no_job_is_told_so(work: Timed, job_id: str):
    with pytest.raises((JobNotFound, Invalid)):
        work.write("jobs:heartbeat", jobId=job_id, attempt=1)


def test_an_attempt_that_never_was_is_told_so(work: Timed):
    job_id = scheduled(work)
    with pytest.raises(AttemptNotStarted):
        work.write("jobs:complete", jobId=job_id, attempt=1, result={"storageId": work.upload()})
    with pytest.raises(Invalid, match="attempt"):
        work.write("jobs:heartbeat", jobId=job_id, attempt=0)
    with pytest.raises(Invalid, match="failure"):
        work.write("jobs:fail", jobId=job_id, attempt=1, failure="tired", error="x")
