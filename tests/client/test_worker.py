"""A decorated function does the jobs of a real server."""

import re
from collections.abc import Iterator
from threading import Event, Thread, Timer
from typing import Any

import pytest

from ledger.client.worker import Job, JobFailedError, JobLostError, NotAnsweredError, Worker
from tests.client.cable import Cable
from tests.serving import ROOT, Serving

KIND = "image-generation"


def call(serving: Serving, path: str, **arguments: Any) -> Any:
    answer = serving.client.post("/api/function", json={"path": path, "args": arguments, "format": "json"}).json()
    assert answer["status"] == "success", answer
    return answer["value"]


@pytest.fixture
def image(serving: Serving) -> str:
    """An image that waits for its worker; nothing else does."""
    for job in call(serving, "jobs:list", kind=KIND, limit=1_000):
        if job["status"] in ("scheduled", "running"):
            call(serving, "jobs:cancel", jobId=job["_id"])
    url = call(serving, "generate:generateUploadUrl")
    stored = serving.client.post(url, content=b"sketch", headers={"Content-Type": "image/png"}).json()
    return str(call(serving, "generate:scheduleImageGeneration", storageId=stored["storageId"]))


@pytest.fixture
def worker(serving: Serving) -> Iterator[Worker]:
    with Worker(serving.url, name="gpu-1") as worker:
        yield worker


def test_a_function_makes_of_a_file_another(worker: Worker, serving: Serving, image: str):
    @worker.job(KIND)
    def draw(job: Job) -> object:
        job.progress(50)
        return {"storageId": job.upload(b"".join(job.download()).upper(), "image/png")}

    assert worker.run_once()
    assert not worker.run_once(), "nothing else waits"
    assert call(serving, "generate:getImage", imageId=image)["generationStatus"] == "completed"
    (made,) = (it for it in call(serving, "generate:listImages", isGenerated=True) if it["originalImageId"] == image)
    assert serving.client.get(made["url"]).content == b"SKETCH"


def test_what_a_function_knows_of_its_failure_is_kept(worker: Worker, serving: Serving, image: str):
    @worker.job(KIND)
    def draw(job: Job) -> object:
        raise JobFailedError("permanent", "there is nothing to see in it")

    assert worker.run_once()
    shown = call(serving, "generate:getImage", imageId=image)
    assert shown["generationStatus"] == "failed"
    assert shown["generationError"] == "permanent: there is nothing to see in it"


def test_a_fault_is_tried_again_later(worker: Worker, serving: Serving, image: str, caplog: pytest.LogCaptureFixture):
    @worker.job(KIND)
    def draw(job: Job) -> object:
        raise ZeroDivisionError

    assert worker.run_once()
    (job, *_) = call(serving, "jobs:list", kind=KIND)
    assert (job["subject"], job["status"]) == (image, "waiting")
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("result", "status", "told"),
    [({"text": "?"}, "failed", "result.storageId"), ({"storageId": {1}}, "waiting", "JSON serializable")],
)
def test_a_result_that_is_none_ends_the_attempt(
    worker: Worker, serving: Serving, image: str, result: object, status: str, told: str
):
    worker.job(KIND)(lambda job: result)
    assert worker.run_once()
    (job, *_) = call(serving, "jobs:list", kind=KIND)
    assert (job["subject"], job["status"]) == (image, status)
    assert told in job["error"]


def test_what_came_of_a_job_is_told_again_where_the_line_was_down(serving: Serving, image: str):
    cable = Cable(serving.port)

    def draw(job: Job) -> object:
        made = {"storageId": job.upload(b"x", "image/png")}
        cable.become("pulled")
        Timer(0.1, cable.become, ("whole",)).start()
        return made

    with Worker(cable.url, name="gpu-1") as worker:
        worker.job(KIND)(draw)
        assert worker.run_once()
    cable.close()
    shown = call(serving, "generate:getImage", imageId=image)
    assert (shown["generationStatus"], call(serving, "jobs:get", jobId=f"{image}-j2")["attempt"]) == ("completed", 1)


def test_whoever_works_on_a_cancelled_job_is_told(worker: Worker, serving: Serving, image: str):
    told: list[str] = []

    @worker.job(KIND)
    def draw(job: Job) -> object:
        call(serving, "jobs:cancel", jobId=job.id)
        try:
            job.progress(10)
        except JobLostError as lost:
            told.append(str(lost))
            raise
        return None

    assert worker.run_once()
    assert told


def test_a_worker_that_runs_waits_for_work_and_stops(worker: Worker, image: str):
    done = Event()

    @worker.job(KIND)
    def draw(job: Job) -> object:
        done.set()
        worker.stop()
        return {"storageId": job.upload(b"x", "image/png")}

    running = Thread(target=worker.run)
    running.start()
    assert done.wait(60)
    running.join(60)
    assert not running.is_alive()


def test_where_nobody_answers_it_says_so():
    with Worker("http://127.0.0.1:9") as worker:
        worker.job(KIND)(lambda job: None)
        with pytest.raises(NotAnsweredError, match="/jobs/claim"):
            worker.run_once()


def test_the_worker_of_the_how_to_works(serving: Serving, image: str):
    """It runs for ever, as it is meant to: for the test, until it has done what there is to do."""
    page = (ROOT / "docs" / "how-to" / "work-on-jobs.md").read_text("utf-8")
    (script,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    script = script.replace("http://127.0.0.1:8000", serving.url).replace("worker.run()", "assert worker.run_once()")
    written: dict[str, Any] = {}
    exec(compile(script, "work-on-jobs.md", "exec"), written)
    written["worker"].close()
    (made,) = (it for it in call(serving, "generate:listImages", isGenerated=True) if it["originalImageId"] == image)
    assert serving.client.get(made["url"]).content == b"sketch"[::-1]
