"""``python -m tests.log.holding DIRECTORY``: holds the lock of a directory until it is ended, and says so."""

import sys
from pathlib import Path

from ledger.log.lockfile import LockFile

if __name__ == "__main__":
    lock = LockFile(Path(sys.argv[1]), "http://127.0.0.1:8000")
    print("held", flush=True)
    sys.stdin.read()
