"""``ledger demo``, as somebody who has just installed it sees it."""

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import opentimelineio
import pytest

from ledger.cli.demo import _day_of
from tests.cli.terminal import done, run
from tests.cli.test_import_atem import HEADER, change
from tests.serving import Serving

KNOWN = {"cut-log", "replay", "tail", "status", "serve"}


@pytest.mark.long
def test_it_shows_the_whole_way_and_what_it_proposes_works(tmp_path: Path):
    said = done("demo", "-o", tmp_path / "demo")
    assert "source lost: fall back to the wide" in said.out
    assert "hold_open_at_end" in said.out
    assert "one coherent snapshot: 5 cameras" in said.err
    assert (tmp_path / "demo" / "cut-log.edl").read_text().startswith("TITLE: ")
    assert opentimelineio.adapters.read_from_file(str(tmp_path / "demo" / "cut-log.otio")).tracks

    proposed = [shlex.split(line) for line in said.err.partition("What to try next:")[2].splitlines() if line]
    commands = [command[next(at for at, word in enumerate(command) if word in KNOWN) :] for command in proposed]
    assert [command[0] for command in commands] == ["cut-log", "cut-log", "replay", "tail", "status", "serve"]
    for command in commands[:-1]:
        in_no_time = ["--speed", "max"] if command[0] == "replay" else []
        elsewhere = ["-o", str(tmp_path / "show.edl")] if "-o" in command else []
        assert done(*command, *in_no_time, *elsewhere)
    assert (tmp_path / "show.edl").exists()

    again = run("demo", "-o", tmp_path / "demo")
    assert again.status == 1
    assert "wants an empty ledger" in again.err


def _project(folder: Path) -> Path:
    lines: list[dict[str, Any]] = [HEADER, change("10:00:04:00", source=2), change("10:00:20:00", onAir=False)]
    path = folder / "Show.drp"
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


@pytest.mark.long
def test_a_recording_instead_with_the_server_left_up(tmp_path: Path):
    project = _project(tmp_path)
    command = [
        sys.executable,
        "-m",
        "ledger.cli",
        "demo",
        "--from",
        str(project),
        "--serve",
        "-o",
        str(tmp_path / "demo"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        url = next(line.split()[1] for line in running.stderr if line.startswith("Serving "))
        session = httpx2.get(f"{url}/production/sessions").json()["result"]["page"][0]
        assert session["metadata"]["initialCamera"] == "cam-1"
        running.send_signal(signal.SIGTERM)
        out, _ = running.communicate(timeout=60)
    assert "01:00:04:00" in out
    assert done("status", "--json", "--data", tmp_path / "demo" / "ledger").answer["heldBy"] is None


def test_a_recordings_day_is_that_of_its_file(tmp_path: Path):
    assert _day_of(_project(tmp_path)).year >= 2024


def test_a_bad_recording_fails_before_a_server_starts(tmp_path: Path):
    bad = tmp_path / "bad.drp"
    bad.write_text("{")
    said = run("demo", "--from", bad, "-o", tmp_path / "demo")
    assert said.status == 1
    assert "bad.drp: line 1" in said.err


@pytest.mark.long
def test_a_shoot_is_one_more_session_of_a_ledger_that_is_served(serving: Serving, tmp_path: Path):
    slug = {"projectSlug": "sample-shoot"}
    said = [done("demo", "--url", serving.url, "-o", tmp_path / "files") for _ in range(2)]
    assert all("source lost: fall back to the wide" in it.out for it in said)
    assert all(f"status --url {serving.url}" in it.err for it in said)
    assert len(serving.ask("sessions", **slug)["page"]) == 2
    assert sorted(file.name for file in (tmp_path / "files").iterdir()) == ["cut-log.edl", "cut-log.otio"]
    assert "--serve is for a server that the demo starts" in run("demo", "--url", serving.url, "--serve").err


@pytest.mark.long
def test_or_of_a_ledger_in_a_folder(tmp_path: Path):
    said = done("demo", "--data", tmp_path / "shoots", "--from", _project(tmp_path), "-o", tmp_path / "files")
    assert "01:00:04:00" in said.out
    assert len(done("sessions", "--json", "--data", tmp_path / "shoots").answer) == 1
