"""The pipeline is run as it is, twice: what it says is what the ledger has."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import ROOT
from tests.shared import Serve

pytestmark = pytest.mark.long

PIPELINE = ROOT / "examples" / "pipeline" / "pipeline.py"


def test_frames_are_stored_once_and_end_as_they_were_found(serve: Serve, tmp_path: Path):
    serving = serve()
    frames = [tmp_path / name for name in ("ann.jpg", "frame-2.jpg")]
    for _ in range(2):
        command = [sys.executable, str(PIPELINE), serving.url, "glasses_stream", *map(str, frames)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert ended.returncode == 0, ended.stderr
        said = [line.split() for line in ended.stdout.splitlines()]
        assert said == [["frame-2.jpg", "failed"], ["ann.jpg", "identified", "ann"]]
    assert len(serving.client.get("/captures").json()["result"]) == 2
