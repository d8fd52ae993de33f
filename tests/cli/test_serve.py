"""``ledger serve``: a process of its own, found by its lock file and gone when it is told."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx2
import pytest

from tests.cli.terminal import done, run

COMMAND: Final = [sys.executable, "-m", "ledger.cli", "serve", "--port", "0"]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, Path]]:
    directory = tmp_path / "ledger"
    command = [*COMMAND, "--data", str(directory), "--allow-origin", "https://studio.example"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said, url, _, folder = server.stdout.readline().split()
        assert (said, folder) == ("serving", str(directory))
        yield server, url, directory
        server.kill()


def test_from_its_first_line_to_its_end(served: tuple[subprocess.Popen[str], str, Path]):
    server, url, directory = served
    assert httpx2.get(f"{url}/healthz").json() == {"ok": True}
    allowed = httpx2.get(f"{url}/production/session/active", headers={"Origin": "https://studio.example"})
    assert allowed.status_code == 200

    assert json.loads((directory / "lock").read_text()) == {"pid": server.pid, "url": url}
    project = directory.parent / "Show.drp"
    project.write_text(
        '{"masterTimecode":"10:00:00:00","videoMode":"1080p25","sources":[],"mixEffectBlocks":[{"source":1}]}'
    )
    refused = run("import", "atem", project, "--date", "2026-03-14", "--data", directory)
    assert refused.status == 1
    assert f"--url {url}" in refused.err
    assert done("import", "atem", project, "--date", "2026-03-14", "--url", url).out
    assert done("status", "--json", "--data", directory).answer["heldBy"] == {"pid": server.pid, "url": url}

    second = run("serve", "--data", directory, "--port", "0")
    assert second.status == 1
    assert f"--url {url}" in second.err

    began = time.monotonic()
    server.send_signal(signal.SIGTERM)
    out, err = server.communicate(timeout=60)
    assert (server.returncode, out, err) == (0, "", "")
    assert time.monotonic() - began < 4.5, "uvicorn waits for five seconds where it must"
    assert (directory / "lock").read_text() == ""
    assert done("status", "--json", "--data", directory).answer["heldBy"] is None


@pytest.mark.long
def test_ctrl_c_is_an_end_like_any_other(served: tuple[subprocess.Popen[str], str, Path]):
    server, _, _ = served
    os.kill(server.pid, signal.SIGINT)
    _, err = server.communicate(timeout=60)
    assert (server.returncode, err) == (0, "")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "studio.example"])  # refused is the point
def test_what_others_could_reach_is_refused(tmp_path: Path, host: str):
    said = run("serve", "--host", host, "--data", tmp_path / "ledger")
    assert said.status == 1
    assert "ledger keys add" in said.err
    assert not (tmp_path / "ledger").exists()


def test_a_port_that_is_taken(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = run("serve", "--port", other.getsockname()[1], "--data", tmp_path / "ledger")
    assert said.status == 1
    assert "is taken; choose another with --port" in said.err
    assert not (tmp_path / "ledger").exists()


@pytest.mark.long
def test_with_a_key_it_listens_where_others_can_reach_it(tmp_path: Path):
    directory = tmp_path / "ledger"
    key = done("keys", "add", "ann", "--scope", "read", "--data", directory).out.strip()
    command = [*COMMAND, "--data", str(directory), "--host", "0.0.0.0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = server.stdout.readline().split()[1].rpartition(":")[2]
        asked = [
            httpx2.get(f"http://127.0.0.1:{port}/production/sessions", headers=headers).status_code
            for headers in ({}, {"Authorization": f"Bearer {key}", "Host": "ledger.example"})
        ]
        server.terminate()
    assert asked == [401, 200]


def test_a_ledger_whose_keys_are_all_revoked_lets_nobody_in_and_is_not_served(tmp_path: Path):
    directory = tmp_path / "ledger"
    done("keys", "add", "ann", "--scope", "read", "--data", directory)
    done("keys", "revoke", "ann", "--data", directory)
    said = run("serve", "--host", "0.0.0.0", "--data", directory)
    assert said.status == 1
    assert "ledger keys add" in said.err
