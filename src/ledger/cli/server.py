"""A ledger's server as a process of its own, for a command that needs one for a while."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from ledger.cli.door import DoorError

STOP_SECONDS: Final = 10.0
_SAYS: Final = "serving "


class RunningServer(NamedTuple):
    url: str
    process: subprocess.Popen[str]


@contextmanager
def running_server(directory: Path) -> Iterator[RunningServer]:
    """A server of a folder's ledger on a free port, stopped at the end. Raises DoorError where it does not start."""
    command = [sys.executable, "-m", "ledger.cli", "serve", "--data", str(directory), "--port", "0"]
    # Its errors go to our own stderr; nothing but its address comes through the pipe.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own command
        try:
            assert process.stdout is not None, "it was asked for"
            said = process.stdout.readline()
            if not said.startswith(_SAYS):
                raise DoorError("unavailable", "the server did not start; see above for why")
            yield RunningServer(said.removeprefix(_SAYS).split()[0], process)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    """Ask it to stop, and insist where it does not; a Ctrl-C has asked it already."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while True:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
            return
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return
        except KeyboardInterrupt:
            continue
