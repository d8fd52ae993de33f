"""Node and the clients' packages, for tests; without them these tests are skipped, and say so."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
INSTALLED: Final = HERE.parents[1] / "build" / "clients"
INSTALL_SECONDS_MAX: Final = 300
RUN_SECONDS_MAX: Final = 120
_NAMES: Final = ("package.json", "package-lock.json", ".npmrc")


def installed() -> Path:
    """A folder with the packages, made where it is missing or of other versions, and the scripts of today."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are missing: the JavaScript clients are not tried")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED / ".lock").open("w") as held:  # tests that run side by side install once
        fcntl.flock(held, fcntl.LOCK_EX)
        _install(npm)
    return INSTALLED


def _install(npm: str) -> None:
    lock = INSTALLED / "node_modules" / ".package-lock.json"
    wanted = (HERE / "package-lock.json").read_bytes()
    if not lock.exists() or (INSTALLED / "package-lock.json").read_bytes() != wanted:
        for name in _NAMES:
            shutil.copy(HERE / name, INSTALLED)
        subprocess.run([npm, "ci"], cwd=INSTALLED, check=True, timeout=INSTALL_SECONDS_MAX)
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, INSTALLED)


def run(*arguments: str, **environment: str) -> str:
    """What a script says. Fails with what it said where it failed."""
    folder = installed()
    ran = subprocess.run(
        ["node", *arguments],
        check=False,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
