"""The bytes of files, checked against what the log says was brought."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from ledger.application.verify import Check
from ledger.log.files import Kept, kept_files
from ledger.log.scan import Fault
from ledger.storage.store import FileStore, StoreError

NAME: Final = "files"
Progress = Callable[[int, int], None]


def check_files(connection: Connection, store: FileStore, progress: Progress = lambda done, total: None) -> Check:
    """Hash every file that the log knows, each digest once; ``progress`` is told of digests.

    What is kept and named by no fact is told and is no fault: an upload may be on its way, or have been refused at the last moment.
    """
    kept = set(store.digests())  # before the log: what is recorded meanwhile was kept before it
    by_digest: dict[str, list[Kept]] = {}
    for file in kept_files(connection):
        by_digest.setdefault(file.sha256, []).append(file)
    faults = []
    size = 0
    for done, (digest, files) in enumerate(by_digest.items(), 1):
        size += files[0].size
        wrong = _wrong(store, digest, files[0].size)
        faults += [Fault(f"file {file.storage_id}: {wrong}") for file in files if wrong is not None]
        progress(done, len(by_digest))
    count = sum(map(len, by_digest.values()))
    unnamed = len(kept - by_digest.keys())
    told = f"{count:,}, {size:,} bytes" + (f"; {unnamed:,} kept that no fact names" if unnamed else "")
    return Check(NAME, told, faults)


def _wrong(store: FileStore, digest: str, size: int) -> str | None:
    """What is wrong with the bytes that are kept under a digest, None where they are what came."""
    try:
        found = store.size_of(digest)
        if found is None:
            return "its bytes are missing"
        if found != size:
            return f"{size:,} bytes came, and {found:,} are kept"
        hashed = sha256()
        for chunk in store.read(digest, 0, size):
            hashed.update(chunk)
    except StoreError as failure:
        return f"its bytes cannot be read: {failure}"
    return None if hashed.hexdigest() == digest else "the bytes that are kept are not those that came"
