"""A process that runs one of the tests' programs and starts at once, forked from one that has imported what they are made of.

A server takes a second of the processor to import everything, and there are a hundred of them in the suite.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Final

_FORKING: Final = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.warmed"])


class Forked:
    """What ``python -m MODULE ARGUMENTS`` would be, spoken to as a ``subprocess.Popen`` of text is."""

    def __init__(
        self, module: str, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path
    ):
        """Its standard error goes to ``log``."""
        listening, saying = _FORKING.Pipe(duplex=False)
        self._process = _FORKING.Process(
            target=_run, args=(module, arguments, folder, dict(environment), log, saying), daemon=True
        )
        self._process.start()
        saying.close()
        self.stdout: IO[str] = os.fdopen(os.dup(listening.fileno()), encoding="utf-8")
        listening.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Its exit status, negative where a signal was its end."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        return status

    def terminate(self) -> None:
        self._process.terminate()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def _run(
    module: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path, saying: Connection
) -> None:
    os.dup2(saying.fileno(), 1)
    saying.close()
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", encoding="utf-8"), os.fdopen(2, "w", buffering=1, encoding="utf-8")
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.modules.pop(module, None)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
