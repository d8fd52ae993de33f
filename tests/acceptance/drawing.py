"""A worker that is made of the kit, in a process of its own that may be killed at any moment.

``python -m tests.acceptance.drawing URL NAME JOURNAL`` draws, and writes down in its journal what it began.
"""

import sys
from pathlib import Path
from random import Random
from time import sleep

import httpx2

from ledger.client.worker import Job, Worker

KIND = "image-generation"
FAULTY = 0.05
REPEATED = 0.1


def _answer_twice(url: str, job: Job, storage_id: str) -> None:
    """As one does whose line drops before it hears that it was heard."""
    told = {"jobId": job.id, "attempt": job.attempt, "result": {"storageId": storage_id}}
    httpx2.post(f"{url}/jobs/complete", json=told)


def draw_for_ever(url: str, name: str, journal: Path) -> None:
    chance = Random(name)
    with Worker(url, name=name) as worker, journal.open("a") as written:

        @worker.job(KIND)
        def draw(job: Job) -> object:
            written.write(f"{job.id} {job.attempt} {name}\n")
            written.flush()
            content = b"".join(job.download())
            for percent in (25, 50, 75):
                sleep(chance.uniform(0, 0.1))
                job.progress(percent)
            if chance.random() < FAULTY:
                raise RuntimeError("out of paint")
            made = job.upload(content + f"{job.id} {job.attempt}".encode(), "image/png")
            if chance.random() < REPEATED:
                _answer_twice(url, job, job.upload(content + b"another", "image/png"))
            return {"storageId": made}

        worker.run()


if __name__ == "__main__":
    draw_for_ever(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
