"""One process writes an embedded ledger at a time: whoever holds the lock file, which also says who that is."""

import fcntl
import json
import os
from pathlib import Path
from typing import IO, Final

LOCK: Final = "lock"


class LedgerInUseError(Exception):
    """Another process writes this ledger. ``url`` is where it serves, if it does."""

    def __init__(self, directory: Path, pid: int | None, url: str | None) -> None:
        holder = f"process {pid}" if pid else "another process"
        through = f"; go through it with --url {url}" if url else "; wait for it, or go through its server with --url"
        super().__init__(f"{directory} is open for writing by {holder}{through}")
        self.pid = pid
        self.url = url


class LockFile:
    """Held from construction to ``release`` or the end of the process, however that comes: the kernel lets go of it."""

    def __init__(self, directory: Path, url: str | None = None) -> None:
        """Raises LedgerInUseError where another process holds it."""
        self._file: IO[str] = (directory / LOCK).open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, url = self._holder()
            self._file.close()
            raise LedgerInUseError(directory, pid, url) from None
        self.announce(url)

    def announce(self, url: str | None) -> None:
        """Say in the file who holds it, and where it serves."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), "url": url}, self._file)
        self._file.flush()

    def _holder(self) -> tuple[int | None, str | None]:
        """Who says in the file that they hold it; nothing is known of one who has only just taken it."""
        self._file.seek(0)
        try:
            holder = json.load(self._file)
            return holder["pid"], holder["url"]
        except (ValueError, KeyError, TypeError):
            return None, None

    def release(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.close()
