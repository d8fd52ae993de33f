"""The terminal as tests use it: commands in this process, and a studio whose ledger a server has open."""

import json
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from ledger.cli import app
from tests.serving import Serving

COMMAND: Final = get_command(app)
"""Put together once: that takes three times as long as most of what it is told to do."""
T0: Final = 1_773_516_600_000


class Said(NamedTuple):
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """Its stdout as one JSON value."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Its stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


def run(*arguments: object, lines: str = "", **environment: str) -> Said:
    """Call ``ledger`` with arguments and so many lines to read. The environment names no ledger unless the test says so."""
    variables = {"LEDGER_DATA": None, "LEDGER_URL": None, "LEDGER_KEY": None, "COLUMNS": None} | environment
    with CliRunner().isolation(lines, variables) as (out, err, _):
        with pytest.raises(SystemExit) as ended:
            COMMAND.main(list(map(str, arguments)), prog_name="ledger")
        sys.stdout.flush()
        sys.stderr.flush()
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, out.getvalue().decode(), err.getvalue().decode())


def done(*arguments: object, **environment: str) -> Said:
    """The same, for a command that must succeed."""
    said = run(*arguments, **environment)
    assert said.status == 0, said.err
    return said


class Studio(NamedTuple):
    """A folder that a server has open, with a finished shoot and one that goes on."""

    directory: Path
    url: str
    finished: str
    rolling: str

    @property
    def places(self) -> list[list[str]]:
        """Both ways in, as options."""
        return [["--data", str(self.directory)], ["--url", self.url]]


def furnish(serving: Serving) -> Studio:
    """Record two shoots through a server."""
    finished = _shoot(serving, T0, "Duet")
    serving.record("session/complete", sessionId=finished, timestampMs=T0 + 60_000)
    rolling = _shoot(serving, T0 + 86_400_000, "Solo")
    return Studio(serving.directory, serving.url, finished, rolling)


def _shoot(serving: Serving, begin_ms: int, title: str) -> str:
    session_id = serving.session(
        sessionType="photoshoot_performance",
        status="rolling",
        title=title,
        timestampMs=begin_ms,
        metadata={"initialCamera": "wide"},
    )
    for camera_id, metadata in (("wide", {}), ("close", {"file": "Video ISO Files\\Duet CAM 2.mp4"})):
        camera = {"cameraId": camera_id, "sourceType": "iphone", "role": "hero", "priorityWeight": 1, "isActive": True}
        device = {"deviceName": f"Phone {camera_id}", "metadata": metadata}
        serving.record("camera/upsert", sessionId=session_id, timestampMs=begin_ms, **camera, **device)
    cuts = [("close", 10_000), ("wide", 20_000), ("wide", 25_000), ("nobody", 40_000)]
    events = [
        {"timestampMs": begin_ms + ms, "eventType": "cut", "cameraId": camera, "reason": f"to {camera}"}
        for camera, ms in cuts
    ]
    serving.record("event/batch", sessionId=session_id, events=events)
    serving.record("music-moment", sessionId=session_id, timestampMs=begin_ms + 41_000, section="drop", tempo=124)
    return session_id
