"""The tutorial is true: its commands are run as they stand, against a server of their own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.cli.server import running_server
from tests.serving import ROOT

TUTORIAL = ROOT / "docs" / "tutorial.md"


@pytest.mark.long
@pytest.mark.timeout(120)
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="it is written for curl and a shell")
def test_the_tutorial_does_what_it_says(tmp_path: Path):
    serve, export, *steps = re.findall(r"^```sh\n(.*?)^```", TUTORIAL.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert serve == "ledger serve --data shoots --port 8000\n"
    assert export.startswith("export LEDGER_URL=")
    command = tmp_path / "bin" / "ledger"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m ledger.cli "$@"\n')
    command.chmod(0o755)
    with running_server(tmp_path / "shoots") as server:
        path = f"{command.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "LEDGER_URL": server.url}
        script = "set -eu\n" + "\necho\n".join(steps)
        told = subprocess.run(
            ["bash", "-c", script],
            check=False,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=110,
        )
    assert told.returncode == 0, told.stderr
    assert told.stdout.count('"ok":true') == 6
    assert "known are bar_fire" in told.stdout
    assert "hold_broken" in told.stdout
    assert "nobody registered balcony" in told.stdout
    assert "the director cut from close to wide, because: the jump." in told.stdout
    assert "in 19:30:18.500 → 19:30:18.250" in told.stdout
    assert "004  BALCONY" in told.stdout
    assert (tmp_path / "first-shoot.otio").exists()
