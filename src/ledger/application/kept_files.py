"""The bytes of files: checked against what the log says was brought, and copied by it."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final, NamedTuple

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
    by_digest = _by_digest(connection)
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


class Carried(NamedTuple):
    """What came of bringing the bytes of files into another store; of files that share bytes these are one."""

    target: str
    copied: int
    copied_bytes: int
    were_there: int
    faults: list[Fault]


def copy_files(
    connection: Connection, source: FileStore, target: FileStore, progress: Progress = lambda done, total: None
) -> Carried:
    """Bring into a store what the log names and it has not. What comes is hashed on the way: nothing else is kept.

    What could not be brought is a fault for each file that had it; the rest is brought all the same.
    """
    target.sweep(None)  # what an interrupted copy has left
    by_digest = _by_digest(connection)
    copied = copied_bytes = were_there = 0
    faults = []
    for done, (digest, files) in enumerate(by_digest.items(), 1):
        size = files[0].size
        found = target.size_of(digest)
        if found == size:
            were_there += 1
        else:
            wrong = (
                _bring(source, target, digest, size)
                if found is None
                else f"{target} keeps {found:,} bytes of its {size:,}: remove them there"
            )
            faults += [Fault(f"file {file.storage_id}: {wrong}") for file in files if wrong is not None]
            if wrong is None:
                copied, copied_bytes = copied + 1, copied_bytes + size
        progress(done, len(by_digest))
    return Carried(str(target), copied, copied_bytes, were_there, faults)


def missing_files(connection: Connection, store: FileStore) -> tuple[int, list[Fault]]:
    """How many files the log names, and of which the bytes are not there, or not as many: without reading them."""
    files = list(kept_files(connection))
    return len(files), [
        Fault(f"file {file.storage_id}: its bytes are missing")
        for file in files
        if store.size_of(file.sha256) != file.size
    ]


def _by_digest(connection: Connection) -> dict[str, list[Kept]]:
    by_digest: dict[str, list[Kept]] = {}
    for file in kept_files(connection):
        by_digest.setdefault(file.sha256, []).append(file)
    return by_digest


def _bring(source: FileStore, target: FileStore, digest: str, size: int) -> str | None:
    """What kept bytes from being brought, None where nothing did."""
    try:
        if source.size_of(digest) is None:
            return "its bytes are missing"
        incoming = target.receive()
        try:
            for chunk in source.read(digest, 0, size):
                incoming.write(chunk)
            if incoming.received() != (digest, size):
                incoming.discard()
                return "the bytes that are kept are not those that came"
            incoming.keep()
        except BaseException:
            incoming.discard()
            raise
        incoming.settle()
    except StoreError as failure:
        return f"its bytes cannot be copied: {failure}"
    return None
