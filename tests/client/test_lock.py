"""Two processes on one spool are refused, and a process that has died keeps nobody out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.client.failures import SpoolInUseError
from ledger.client.lock import SpoolLock

_HOLD = """
import pathlib, sys
from ledger.client.lock import SpoolLock
held = SpoolLock(pathlib.Path(sys.argv[1]))
print("held", flush=True)
input()
"""


def test_who_holds_it_is_told(tmp_path: Path):
    held = SpoolLock(tmp_path)
    with pytest.raises(SpoolInUseError, match=f"process {os.getpid()}"):
        SpoolLock(tmp_path)
    held.release()
    SpoolLock(tmp_path).release()


def test_another_process_holds_it_until_it_dies(tmp_path: Path):
    holding = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(holding, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(SpoolInUseError, match=f"process {holder.pid}"):
            SpoolLock(tmp_path)
        holder.kill()
        holder.wait()
    SpoolLock(tmp_path).release()
