"""Backups: a copy of the log as it stood at one moment, taken beside its writer, that stands alone and says what it holds."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from ledger.domain.sessions import ENTITY
from ledger.domain.values import Frozen
from ledger.log.database import open_sqlite
from ledger.log.disk import make_folder, sync
from ledger.log.epochs import read_epochs
from ledger.log.tables import EVENTS, SHARDS

COPY: Final = "log.sqlite"
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
PAGES_A_STEP: Final = 1_000

COPY_FAILED: Final = (OSError, sqlite3.Error, DBAPIError)
Progress = Callable[[int, int], None]
"""Told what is done and what there is in all, in pages or bytes."""


class BackupError(Exception):
    """A backup cannot be taken, or is none that can be restored, and why."""


class Manifest(Frozen, extra="ignore"):
    """What a backup says of itself."""

    format: int
    taken_at: int
    """Milliseconds since the epoch."""
    epoch: str
    heads: tuple[int, ...]
    """The position of the newest entry of each shard."""
    sessions: int
    bytes: int
    sha256: str
    """Of the copy, in hexadecimal."""


def back_up(
    log: Path, target: Path, now_ms: int, *, replace: bool = False, progress: Progress = lambda done, total: None
) -> Manifest:
    """Copy a log, whoever writes it meanwhile, into the folder ``target``, which appears whole or not at all.

    Raises BackupError where something stands there already (with ``replace`` another backup gives way), or where the copy
    cannot be made: the disk is full, say.
    """
    _require_room(target, replace=replace)
    make_folder(target.parent)
    building = Path(mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
    try:
        copy_database(log, building / COPY, progress)
        manifest = _manifest_of(building / COPY, now_ms)
        (building / MANIFEST).write_text(manifest.model_dump_json(by_alias=True, indent=2) + "\n", "utf-8")
        for made in (building / COPY, building / MANIFEST, building):
            sync(made)
        _put_in_place(building, target)
    except COPY_FAILED as failure:
        raise BackupError(f"{target}: the backup failed and has left nothing behind: {reason(failure)}") from failure
    finally:
        rmtree(building, ignore_errors=True)
    return manifest


def read_manifest(backup: Path) -> Manifest:
    """What a backup says of itself. Raises BackupError where the folder is none, or one of a later version."""
    try:
        manifest = Manifest.model_validate_json((backup / MANIFEST).read_bytes())
    except FileNotFoundError as missing:
        raise BackupError(f"{backup} is no backup: it has no {MANIFEST}") from missing
    except ValidationError as unreadable:
        raise BackupError(f"{backup} is no backup that can be read: {MANIFEST}: {unreadable}") from unreadable
    if manifest.format != FORMAT:
        raise BackupError(f"{backup} is a backup of format {manifest.format}; this version reads format {FORMAT}")
    return manifest


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def reason(failure: BaseException) -> str:
    """What went wrong, in the database's or the system's own words."""
    return str(failure.orig if isinstance(failure, DBAPIError) else failure)


@contextmanager
def opened_database(file: Path) -> Iterator[Connection]:
    """A snapshot of an SQLite database."""
    engine = open_sqlite(file, durability="FULL", writing=False)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def copy_database(file: Path, copy: Path, progress: Progress) -> None:
    """Copy an SQLite database that others may be writing, step by step, out of one snapshot.

    The snapshot is what keeps a busy writer in another process from making SQLite begin again with every commit; in WAL mode
    it holds up nobody.
    """

    def stepped(_status: int, remaining: int, total: int) -> None:
        progress(total - remaining, total)

    with opened_database(file) as snapshot:
        snapshot.exec_driver_sql("SELECT count(*) FROM sqlite_schema").all()
        source: Any = snapshot.connection.driver_connection
        target = sqlite3.connect(copy, isolation_level=None)
        try:
            target.execute("PRAGMA synchronous = OFF")  # it is synced as a whole once it is whole
            source.backup(target, pages=PAGES_A_STEP, progress=stepped)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, which can be read where nothing can be written
        finally:
            target.close()


def _require_room(target: Path, *, replace: bool) -> None:
    if (target / MANIFEST).exists():
        if not replace:
            raise BackupError(f"{target} holds a backup already; name another folder, or have it replaced (--replace)")
    elif target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise BackupError(f"{target} is there already and is no backup; name a folder that is not there yet")


def _manifest_of(copy: Path, now_ms: int) -> Manifest:
    session_starts = select(func.count()).where(EVENTS.c.entity == ENTITY, EVENTS.c.sequence == 1)
    with opened_database(copy) as connection:
        return Manifest(
            format=FORMAT,
            taken_at=now_ms,
            epoch=read_epochs(connection).present.name,
            heads=tuple(connection.execute(select(SHARDS.c.position).order_by(SHARDS.c.shard)).scalars()),
            sessions=connection.execute(session_starts).scalar_one(),
            bytes=copy.stat().st_size,
            sha256=digest_of(copy),
        )


def _put_in_place(building: Path, target: Path) -> None:
    if not (target / MANIFEST).exists():
        building.rename(target)
    else:
        before = building.with_suffix(".replaced")
        target.rename(before)
        try:
            building.rename(target)
        except OSError:
            before.rename(target)
            raise
        rmtree(before, ignore_errors=True)
    sync(target.parent)
