"""The example worker, in a process of its own, does what the contract says of workers, and somebody watches it live."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Any, Final

import httpx2
import pytest

from ledger.pictures.video import frames
from tests.clients.node import installed
from tests.pictures.filming import RATE, SIZE, film, performance
from tests.serving import ROOT
from tests.shared import Serve
from tests.workers.asking import Client
from tests.workers.gpu import Given, Gpu

pytestmark = pytest.mark.long

SECRET: Final = "s3cret"
SECONDS: Final = 4
STEP_SECONDS: Final = "0.15"
WAIT_SECONDS: Final = 60


class Lines:
    """What a process says, line by line, as it comes."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        self.running = running
        assert running.stdout is not None
        self._said: Queue[str] = Queue()
        self._thread = Thread(target=self._listen, args=(running.stdout,), daemon=True)
        self._thread.start()

    def _listen(self, stdout: IO[str]) -> None:
        for line in stdout:
            self._said.put(line.strip())

    def next(self) -> str:
        return self._said.get(timeout=WAIT_SECONDS)

    def end(self) -> None:
        self.running.kill()
        self.running.wait()
        self._thread.join()
        assert self.running.stdout is not None
        self.running.stdout.close()


class Example:
    """The example; killed, it is started again where it was."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._port = "0"
        self.start()

    def start(self) -> None:
        script = ROOT / "examples" / "workers" / "video.py"
        command = [sys.executable, str(script), "--port", self._port, "--step-seconds", STEP_SECONDS]
        with self._log.open("ab") as log:
            environment = {"LEDGER_WORKER_SECRET": SECRET}
            running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        self.says = Lines(running)
        self.url = self.says.next().removeprefix("listening on ")
        self._port = self.url.rpartition(":")[2]

    def restart(self) -> None:
        self.says.end()
        self.start()

    def give(self, given: Given) -> int:
        """Hand it a job as the ledger does."""
        signed = {name: value for name, value in given.headers.items() if name.startswith(("webhook-", "content-type"))}
        return httpx2.post(f"{self.url}/process", content=given.raw, headers=signed).status_code


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Example]:
    example = Example(tmp_path / "worker.log")
    yield example
    example.says.end()
    assert "Traceback" not in (tmp_path / "worker.log").read_text("utf-8")


@pytest.fixture
def gpu(example: Example) -> Iterator[Gpu]:
    """What the ledger pushes to: it keeps what was pushed, and hands it to the example."""
    gpu = Gpu(example.give)
    yield gpu
    gpu.stop()


@pytest.fixture
def client(serve: Serve, gpu: Gpu) -> Client:
    patience = {"LEDGER_JOB_LEASE_SECONDS": "3", "LEDGER_JOB_BACKOFF_SECONDS": "1"}
    return Client(serve(LEDGER_VIDEO_WORKER_URL=gpu.url, LEDGER_WORKER_SECRET=SECRET, **patience))


@pytest.fixture
def video_id(client: Client, tmp_path: Path) -> str:
    return client.video(film(tmp_path / "rally.mp4", performance(SECONDS, [30, 70])).read_bytes())


def watched(client: Client, video_id: str) -> Lines:
    command = ["node", "watching.mjs", client.server.url, video_id]
    return Lines(subprocess.Popen(command, cwd=installed(), stdout=subprocess.PIPE, text=True))


def test_killed_midway_it_is_retried_while_somebody_watches(
    client: Client, example: Example, gpu: Gpu, video_id: str, tmp_path: Path
):
    watcher = watched(client, video_id)
    shown: list[dict[str, Any]] = [json.loads(watcher.next())]
    client.act("videos:processVideo", videoId=video_id)
    while shown[-1].get("progress", 0) < 30:
        shown.append(json.loads(watcher.next()))
    example.restart()
    while shown[-1]["status"] != "completed":
        shown.append(json.loads(watcher.next()))
    watcher.end()
    assert [video["status"] for video in shown] == ["uploaded", *["processing"] * (len(shown) - 2), "completed"]
    progress = [video["progress"] for video in shown[1:]]
    begins = [at for at, percent in enumerate(progress) if percent == 0]
    assert len(begins) == 2, f"a new attempt begins anew, and only that: {progress}"
    for attempt in (progress[: begins[1]], progress[begins[1] :]):
        assert attempt == sorted(attempt)
        assert len(attempt) >= 5, "it is shown as it goes"
    assert progress[-1] == 100
    found = {"duration": SECONDS, "fps": RATE, "totalFrames": SECONDS * RATE, "processedFrames": SECONDS * RATE}
    sizes = {"videoWidth": SIZE[0], "videoHeight": SIZE[1], "players": []}
    assert shown[-1]["results"] == found | sizes
    made = client.server.client.get(f"/storage/{shown[-1]['processedVideoStorageId']}")
    (tmp_path / "made.mp4").write_bytes(made.content)
    assert len(list(frames(tmp_path / "made.mp4", 0, SECONDS * 1_000))) == SECONDS * RATE
    # What was replaced comes back to life, and has its say.
    assert [example.says.next(), example.give(gpu.next()), example.says.next()] == [
        done := f"done {video_id}",
        202,
        done,
    ]
    assert client.read("videos:getVideo", videoId=video_id) == shown[-1]


def test_started_twice_its_answers_do_no_harm(client: Client, example: Example, gpu: Gpu, video_id: str):
    client.act("videos:processVideo", videoId=video_id)
    given = gpu.next()
    assert example.give(given) == 202
    first = client.when(lambda video: video["status"] == "completed", "videos:getVideo", 60, videoId=video_id)
    # Both have finished, and each has had its 200: the one that came second too.
    assert {example.says.next(), example.says.next()} == {f"done {video_id}"}
    assert example.give(given) == 202
    assert example.says.next() == f"done {video_id}"
    assert client.read("videos:getVideo", videoId=video_id) == first
    assert gpu.given.empty(), "and nothing is tried again"
