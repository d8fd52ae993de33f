"""Servers that start within milliseconds, to be killed by the hundred."""

import json
import os
import signal
from pathlib import Path
from typing import Final

from tests.forked import Forked
from tests.serving import ROOT

ENDING_SECONDS_MAX: Final = 60
"""Who is killed while a disk is busy with what it was to sync is not gone before that is done."""


class Mortal:
    """A ledger in a folder, and one server after another on it, of which some are killed before they serve."""

    def __init__(self, directory: Path, **environment: str) -> None:
        """With ``CARELESS="fault"`` they are careless ones."""
        directory.mkdir()
        self._directory = directory
        self._environment = {**os.environ, **environment}
        self._module = "tests.careless" if "CARELESS" in environment else "tests.serving"
        self._running: Forked | None = None

    def begin(self) -> None:
        """Have a server begin to start."""
        log = self._directory / "server.log"
        self._running = Forked(
            self._module, [str(self._directory)], folder=ROOT, environment=self._environment, log=log
        )

    def port(self) -> int:
        """Wait until the server serves, and where."""
        assert self._running is not None
        line = self._running.stdout.readline()
        assert line, (self._directory / "server.log").read_text("utf-8")
        port: int = json.loads(line)["port"]
        return port

    def end(self, signal_number: int) -> int:
        """Send the server a signal, and wait until it has ended: its exit status, negative where a signal was its end."""
        assert self._running is not None
        running, self._running = self._running, None
        running.send_signal(signal_number)
        running.stdout.close()
        return running.wait(ENDING_SECONDS_MAX)

    def close(self) -> None:
        if self._running is not None:
            self.end(signal.SIGKILL)
