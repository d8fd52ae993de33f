"""Workers are killed, stopped and started at random, and the server under them: every job is done once, and the log tells how."""

import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any, Final

import pytest

from tests.acceptance.stories import Line, attempts, complaints, stories
from tests.places import DATABASES, Database, Folder, Place
from tests.postgres import empty_database
from tests.serving import ROOT, Serving
from tests.workers.asking import Client

pytestmark = pytest.mark.long

PATIENCE: Final[dict[str, Any]] = {
    "LEDGER_JOB_LEASE_SECONDS": "2",
    "LEDGER_JOB_BACKOFF_SECONDS": "1",
    "LEDGER_JOB_ATTEMPTS": "20",
}
KILLS_OF_SERVER: Final = 2
STOPPED_SECONDS: Final = 3.5
"""Longer than a lease: whoever is woken after that has lost the job, and does not know it."""


class Crew:
    """Workers, each a process; whoever is killed is followed by another under a new name."""

    def __init__(self, url: str, folder: Path, size: int) -> None:
        self._url = url
        self._folder = folder
        self._hired = 0
        self.killed: list[str] = []
        self._stopped: list[tuple[float, subprocess.Popen[bytes]]] = []
        self._working: dict[str, subprocess.Popen[bytes]] = {}
        for _ in range(size):
            self._hire()

    def _hire(self) -> None:
        self._hired += 1
        name = f"worker-{self._hired}"
        command = [sys.executable, "-m", "tests.acceptance.drawing", self._url, name, str(self._folder / name)]
        with (self._folder / "workers.log").open("ab") as log:
            self._working[name] = subprocess.Popen(command, cwd=ROOT, stderr=log)

    def kill_one(self, chance: Random) -> None:
        name = chance.choice(list(self._working))
        ended = self._working.pop(name)
        ended.kill()
        ended.wait()
        self.killed.append(name)
        self._hire()

    def stop_one(self, chance: Random) -> None:
        stopped = chance.choice(list(self._working.values()))
        stopped.send_signal(signal.SIGSTOP)
        self._stopped.append((monotonic() + STOPPED_SECONDS, stopped))

    def wake(self) -> None:
        """Those whose time has come go on."""
        for until, stopped in list(self._stopped):
            if monotonic() >= until:
                stopped.send_signal(signal.SIGCONT)
                self._stopped.remove((until, stopped))

    def journals(self) -> dict[tuple[str, int], str]:
        """Who had which attempt at what, by their own word."""
        lines = [line.split() for path in self._folder.glob("worker-*") for line in path.read_text().splitlines()]
        return {(job_id, int(attempt)): name for job_id, attempt, name in lines}

    def close(self) -> None:
        for worker in self._working.values():
            worker.kill()
            worker.wait()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        found: int = free.getsockname()[1]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "crew").mkdir()
    return tmp_path / "crew"


@contextmanager
def at_work(server: Serving, folder: Path) -> Iterator[Crew]:
    crew = Crew(server.url, folder, 4)
    try:
        yield crew
    finally:
        crew.close()
        server.stop()


def work_through(server: Serving, crew: Crew, count: int, chance: Random, seconds_max: float) -> None:
    """Schedule so many jobs and kill at random until all have ended, or the time is over."""
    client = Client(server)
    storage_id = client.upload("generate", b"a sketch ", "image/png")
    for _ in range(count):
        client.write("generate:scheduleImageGeneration", storageId=storage_id)
    deadline, server_kills = monotonic() + seconds_max, 0
    while monotonic() < deadline:
        left = [job for job in client.read("jobs:list", limit=count) if job["status"] not in ("completed", "failed")]
        if not left:
            return
        if len(left) < count * (0.8 - 0.3 * server_kills) and server_kills < KILLS_OF_SERVER:
            server.restart(signal.SIGKILL)
            client, server_kills = Client(server), server_kills + 1
        if len(left) > count / 10:
            chance.choice([crew.kill_one, crew.kill_one, crew.stop_one])(chance)
        crew.wake()
        sleep(chance.uniform(0.3, 1.0))


def found_wrong(told: dict[str, list[Line]], crew: Crew, count: int) -> list[str]:
    wrong = [f"{subject}: {complaint}" for subject, story in told.items() for complaint in complaints(story)]
    if len(told) != count:
        wrong.append(f"{len(told)} of {count} jobs are known")
    by_log, by_workers = attempts(told.values()), crew.journals()
    wrong += [
        f"{attempt}: {name} had it, the log says {by_log.get(attempt)}"
        for attempt, name in by_workers.items()
        if by_log.get(attempt) != name
    ]
    # Whoever was killed between its claim and its journal is known to the log alone.
    unwritten = [name for attempt, name in by_log.items() if attempt not in by_workers]
    return wrong + [f"{name}: never knew of its job" for name in unwritten if name not in crew.killed]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("database", DATABASES)
def test_two_hundred_jobs_over_four_workers_with_random_kills_are_each_done_once(
    tmp_path: Path, folder: Path, port: int, database: str
):
    count, chance = 200, Random(6)
    with ExitStack() as kept:
        environment = dict(PATIENCE)
        place: Place = Folder(tmp_path / "ledger" / "log.sqlite")
        if database == "postgresql":
            url = kept.enter_context(empty_database())
            environment, place = environment | {"LEDGER_DATABASE": url, "LEDGER_SHARDS": "4"}, Database(url)
        server = Serving(tmp_path / "ledger", PORT=str(port), **environment)
        with at_work(server, folder) as crew:
            work_through(server, crew, count, chance, 240)
        told = stories(place)
    assert found_wrong(told, crew, count) == []
    happened = Counter(line.type for story in told.values() for line in story)
    print(f"{len(crew.killed)} workers were killed: {dict(happened)}")
    assert len(crew.killed) >= 10
    assert min(happened[f"job-{what}.1"] for what in ("lease-lost", "failed", "retried", "answered-late")) > 0


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    ("fault", "complaint"), [("completed-twice", "completed what"), ("leases-trusted", "never completed")]
)
def test_a_careless_ledger_is_found_out(tmp_path: Path, folder: Path, port: int, fault: str, complaint: str):
    count, chance = 60, Random(7)
    server = Serving(tmp_path / "ledger", module="tests.careless", CARELESS=fault, PORT=str(port), **PATIENCE)
    with at_work(server, folder) as crew:
        work_through(server, crew, count, chance, 40)
    wrong = found_wrong(stories(Folder(tmp_path / "ledger" / "log.sqlite")), crew, count)
    assert complaint in "\n".join(wrong)
