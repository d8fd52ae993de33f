"""The bytes of stored files, as backups take them along: out of a ledger's store, and into it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.door import DoorError, Place
from ledger.cli.screens import aside, growing_progress, size
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.application.kept_files import Carried
    from ledger.storage.store import FileStore

FAULTS_TOLD_MAX = 20

FilesOfBackups = Annotated[
    Path | None,
    typer.Option(
        "--files",
        metavar="DIR",
        help="The folder in which all backups of this ledger have the bytes of stored files.",
        file_okay=False,
    ),
]


def place_of_files(where: Place) -> str | None:
    """Where a ledger's files are kept: a folder, or the URL of a bucket; None where a database's deployment has not said."""
    from ledger.bootstrap import FILES_FOLDER  # noqa: PLC0415  # with the database, which is loaded when it is needed

    return Settings.from_environment().files or (None if where.database else str(where.directory / FILES_FOLDER))


def store_at(place: str) -> "FileStore":
    """Raises DoorError where there can be none."""
    from ledger.storage.opening import open_store  # noqa: PLC0415  # as above
    from ledger.storage.store import StoreError  # noqa: PLC0415

    try:
        return open_store(place)
    except StoreError as failure:
        raise DoorError("unavailable", str(failure)) from failure


def carry(log: Path, source: str, target: str) -> "Carried":
    """Copy what the log names from one place of files to another, where it is not there yet. Raises DoorError."""
    from ledger.application.kept_files import copy_files  # noqa: PLC0415  # as above
    from ledger.log.backup import opened_database  # noqa: PLC0415

    with growing_progress("copying files") as advance, opened_database(log) as connection:
        return copy_files(connection, store_at(source), store_at(target), advance)


def told_of(carried: "Carried | None") -> dict[str, Any]:
    """What came of it for machines, where anything was asked for."""
    if carried is None:
        return {}
    told = {"copied": carried.copied, "copiedBytes": carried.copied_bytes, "wereThere": carried.were_there}
    return {"files": {"place": carried.target, **told, "faults": [fault.rule for fault in carried.faults]}}


def sentence(carried: "Carried") -> str:
    counts = f"{carried.copied:,} files copied, {size(carried.copied_bytes)}; {carried.were_there:,} were there"
    return f"{carried.target}: {counts}"


def require_all(carried: "Carried") -> None:
    """Name what was not brought. Raises DoorError where that is anything."""
    if not carried.faults:
        return
    for fault in carried.faults[:FAULTS_TOLD_MAX]:
        aside().print(fault.rule, markup=False, soft_wrap=True)
    raise DoorError("refused", f"the bytes of {len(carried.faults):,} stored files could not be copied; all else was")
