"""Servers that start within milliseconds, by forking a process that has imported everything, to be killed by the hundred.

``python -m tests.acceptance.nursery DIRECTORY`` forks a server for every line on its standard input, and says when it has
ended; with ``CARELESS=fault`` in its environment, a careless one.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from tests.careless import careless
from tests.serving import ROOT


class Nursery:
    """A ledger in a folder, and one server after another on it."""

    def __init__(self, directory: Path, **environment: str) -> None:
        directory.mkdir()
        self.directory = directory
        self._pid: int | None = None
        with (directory / "server.log").open("ab") as log:
            self._forking = subprocess.Popen(
                [sys.executable, "-m", "tests.acceptance.nursery", str(directory)],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def fork(self) -> None:
        """Have a server begin to start."""
        assert self._forking.stdin is not None
        self._forking.stdin.write("one more\n")
        self._forking.stdin.flush()
        self._pid = self._next_line()["pid"]

    def port(self) -> int:
        """Wait until the server serves, and where."""
        port: int = self._next_line()["port"]
        return port

    def end(self, signal_number: int) -> int:
        """Send the server a signal, and wait until it has ended: its exit status, negative where a signal was its end."""
        assert self._pid is not None
        os.kill(self._pid, signal_number)
        while "ended" not in (line := self._next_line()):
            pass
        self._pid = None
        return os.waitstatus_to_exitcode(line["ended"])

    def close(self) -> None:
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)
        self._forking.communicate()

    def _next_line(self) -> dict[str, Any]:
        assert self._forking.stdout is not None
        line = self._forking.stdout.readline()
        assert line, (self.directory / "server.log").read_text("utf-8")
        told: dict[str, Any] = json.loads(line)
        return told


def _tell(**told: int) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    from tests.warmed import run

    fault = os.environ.get("CARELESS")
    with careless(fault) if fault else nullcontext():
        for _ in sys.stdin:
            child = os.fork()
            if child == 0:
                _tell(pid=os.getpid())
                run(Path(sys.argv[1]))
                os._exit(0)
            _tell(ended=os.waitpid(child, 0)[1])
