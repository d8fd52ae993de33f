"""One process works on a spool at a time: whoever holds its lock file, which also says who that is."""

import fcntl
import os
from pathlib import Path
from typing import IO, Final

from ledger.client.failures import SpoolInUseError

LOCK: Final = "lock"


class SpoolLock:
    """Held from construction to ``release`` or the end of the process, however that comes: the kernel lets go of it."""

    def __init__(self, folder: Path) -> None:
        """Raises SpoolInUseError where somebody else holds it."""
        self._file: IO[str] = (folder / LOCK).open("a+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            raise SpoolInUseError(folder, int(holder) if holder.isdecimal() else None) from None
        try:
            self._file.truncate(0)
            self._file.write(str(os.getpid()))
            self._file.flush()
        except OSError:
            pass  # a full disk keeps nobody from holding the lock, only from saying who does

    def release(self) -> None:
        self._file.close()
