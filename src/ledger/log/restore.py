"""Restoring: a ledger is made of a backup, in a new epoch, complete before anybody can open it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final, NamedTuple

from sqlalchemy.exc import DatabaseError

from ledger.log.backup import (
    COPY,
    COPY_FAILED,
    BackupError,
    Manifest,
    Progress,
    opened_database,
    read_manifest,
    reason,
)
from ledger.log.database import open_sqlite
from ledger.log.disk import make_folder, sync
from ledger.log.epochs import Epoch, begin_epoch, read_epochs
from ledger.log.lockfile import LOCK, LockFile
from ledger.log.tables import METADATA

_CHUNK_BYTES: Final = 4 * 1024 * 1024


class Restored(NamedTuple):
    """What became of a backup."""

    manifest: Manifest
    epoch: Epoch
    aside: Path | None
    """Where the ledger is that stood there before."""


def restore(
    backup: Path, log: Path, now_ms: int, *, replace: bool = False, progress: Progress = lambda done, total: None
) -> Restored:
    """Make the log of a ledger, at the path ``log``, of a backup. With ``replace`` one that is there is moved aside.

    Raises BackupError where the backup is not whole, where a ledger is in the way, or where the disk is full; LedgerInUseError
    where a process has the ledger open. Then everything is as it was.
    """
    manifest = read_manifest(backup)
    with _locked(log.parent):
        if log.exists() and not replace:
            message = (
                f"there is a ledger in {log.parent}; restore into another folder, or have it moved aside (--replace)"
            )
            raise BackupError(message)
        building = Path(mkdtemp(prefix=".restoring.", dir=log.parent))
        try:
            copy = building / COPY
            _copy(backup, manifest, copy, progress)
            epoch = _begin_epoch(copy, now_ms, _lives_of(log) if log.exists() else ())
            sync(copy)
            aside = _move_aside(log, now_ms)
            copy.rename(log)
            sync(log.parent)
        except COPY_FAILED as failure:
            raise BackupError(f"{log.parent}: nothing was restored: {reason(failure)}") from failure
        finally:
            rmtree(building, ignore_errors=True)
    return Restored(manifest, epoch, aside)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Keep everybody from opening the folder, which is made, and is gone again where nothing came into it."""
    is_new = not directory.exists()
    make_folder(directory)
    lock = LockFile(directory)
    try:
        yield
    except BaseException:
        if is_new and {file.name for file in directory.iterdir()} <= {LOCK}:
            rmtree(directory)
        raise
    finally:
        lock.release()


def _copy(backup: Path, manifest: Manifest, copy: Path, progress: Progress) -> None:
    """Copy a backup's log and check the copy: the very bytes that will be the ledger."""
    digest = sha256()
    done = 0
    with (backup / COPY).open("rb") as source, copy.open("wb") as target:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            target.write(chunk)
            done += len(chunk)
            progress(done, manifest.bytes)
    if digest.hexdigest() != manifest.sha256:
        raise BackupError(f"{backup / COPY} is not what its manifest says: its SHA-256 is {digest.hexdigest()}")
    with opened_database(copy) as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    if found != ["ok"]:
        raise BackupError(f"{backup / COPY} is damaged: {'; '.join(found)}")


def _lives_of(log: Path) -> tuple[Epoch, ...]:
    """The lives that a log knows of: none where it cannot be read any more, which may be why another takes its place."""
    try:
        with opened_database(log) as connection:
            return tuple(read_epochs(connection))
    except DatabaseError:
        return ()


def _begin_epoch(copy: Path, now_ms: int, also_known: tuple[Epoch, ...]) -> Epoch:
    engine = open_sqlite(copy, durability="FULL", writing=True)
    try:
        METADATA.create_all(engine)
        with engine.begin() as connection:
            return begin_epoch(connection, now_ms, also_known)
    finally:
        engine.dispose()
        assert not copy.with_name(f"{copy.name}-wal").exists(), "the epoch is in the one file that is moved"


def _move_aside(log: Path, now_ms: int) -> Path | None:
    """Move a log out of the way, into a folder that is a ledger of its own; None where there is none.

    Its files get their new names before they lose the old ones: whenever the machine stops, it is whole in one place. A
    write-ahead log that was left behind alone must go as well, or SQLite would play it into the new log.
    """
    files = [file for end in ("", "-wal", "-shm") if (file := log.with_name(log.name + end)).exists()]
    if not files:
        return None
    moment = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%S.%f")[:-3]
    aside = log.parent / f"replaced-{moment}Z"
    aside.mkdir()
    try:
        for file in files:
            os.link(file, aside / file.name)
    except OSError:
        rmtree(aside)
        raise
    sync(aside)
    sync(log.parent)
    for file in files:
        file.unlink()
    sync(log.parent)
    return aside
