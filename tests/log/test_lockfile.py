"""One process at a time: tried with two."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.log.lockfile import LedgerInUseError, LockFile


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-m", "tests.log.holding", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "held\n"
        yield running
        running.kill()


def test_a_second_process_is_refused_and_told_who_holds_it_and_where(holder: subprocess.Popen[str], tmp_path: Path):
    with pytest.raises(LedgerInUseError, match=f"process {holder.pid}; go through it with --url") as refused:
        LockFile(tmp_path)
    assert (refused.value.pid, refused.value.url) == (holder.pid, "http://127.0.0.1:8000")


def test_a_process_that_was_killed_holds_it_no_longer(holder: subprocess.Popen[str], tmp_path: Path):
    holder.kill()
    holder.wait()
    LockFile(tmp_path).release()


def test_it_is_held_until_it_is_released(tmp_path: Path):
    lock = LockFile(tmp_path)
    with pytest.raises(LedgerInUseError, match="wait for it"):
        LockFile(tmp_path)
    lock.announce("http://127.0.0.1:9000")
    with pytest.raises(LedgerInUseError, match="9000"):
        LockFile(tmp_path)
    lock.release()
    LockFile(tmp_path).release()


@pytest.mark.parametrize("left", ["", "{", "[]", '{"pid": null}', "\udce9"])
def test_whatever_the_file_says_the_lock_is_what_counts(tmp_path: Path, left: str):
    (tmp_path / "lock").write_text(left, "utf-8", errors="surrogateescape")
    lock = LockFile(tmp_path)
    (tmp_path / "lock").write_text(left, "utf-8", errors="surrogateescape")
    with pytest.raises(LedgerInUseError, match="another process"):
        LockFile(tmp_path)
    lock.release()
