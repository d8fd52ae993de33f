"""``ledger project``: views are built by whoever is there to build them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from tests.cli.terminal import done, run
from tests.postgres import empty_database

START = {"sessionType": "music_demo", "status": "rolling"}


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as empty:
        yield empty


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on, once it has said its first line on either output."""
    command = [sys.executable, "-m", "ledger.cli", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.long
def test_one_builds_the_views_and_another_goes_on_when_it_is_killed(url: str):
    place = ("--database", url)
    with (
        running("serve", "--port", "0", "--no-project", *place) as server,
        httpx2.Client(base_url=first_line(server).split()[1], timeout=60) as client,
    ):
        session = client.post("/production/session/start", json=START).json()["result"]

        def is_shown() -> bool:
            answer = client.get("/production/session", params={"sessionId": session})
            return answer.json()["result"] is not None and "ledger-stale" not in answer.headers

        assert not is_shown(), "nobody builds the views"
        with running("project", *place) as one, running("project", *place) as other:
            assert {first_line(one), first_line(other)} <= {"1 entry behind", "the views are up to the log"}
            assert is_shown()
            os.kill(one.pid, signal.SIGKILL)
            for number in range(20):
                client.post("/production/session/update", json={"sessionId": session, "title": f"take {number}"})
                assert is_shown()
            other.send_signal(signal.SIGTERM)
            assert other.wait(60) == 0
        assert done("sessions", "--json", *place).answer[0]["title"] == "take 19"
        assert done("status", "--json", *place).answer["lag"] == 0


def test_a_folder_needs_none(tmp_path: object):
    refused = run("project", "--data", "here")
    assert refused.status == 1
    assert "name a --database" in refused.err


@pytest.mark.parametrize("wrong", ["mysql://nobody@nowhere/none", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_database_that_is_none_is_told(wrong: str):
    refused = run("sessions", "--database", wrong)
    assert refused.status == 1
    assert refused.err.startswith("error: ")
    assert "Traceback" not in refused.err
