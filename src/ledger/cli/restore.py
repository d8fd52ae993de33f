"""``ledger restore``: a ledger made of a backup."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.door import DoorError, Place
from ledger.cli.failures import stopping_on_sigterm
from ledger.cli.kept_files import FilesOfBackups, carry, place_of_files, require_all, sentence, told_of
from ledger.cli.options import AsJson, Data, NoUrl, folder
from ledger.cli.screens import clock, console, growing_progress, print_json

if TYPE_CHECKING:
    from ledger.application.kept_files import Carried
    from ledger.log.restore import Restored


def restore(
    backup: Annotated[Path, typer.Argument(metavar="DIR", help="A backup's folder.", show_default=False)],
    data: Data = None,
    url: NoUrl = None,
    files: FilesOfBackups = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move the ledger that is there aside, under a dated name in its folder.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a ledger of a backup. Nothing happens where the backup is damaged, or while a server has the ledger open.

    The ledger begins a new epoch: what was recorded after the backup is lost to it, and whoever hands back a position or a cursor
    of the lost time is told where to go back to. The backup stays as it is. The bytes of stored files that are not there any more
    are brought back with --files.

    Example: `ledger restore /mnt/backups/2026-03-14 --files /mnt/backups/files --data shoots --replace`
    """
    directory = folder(data, url, "restore")
    # Imported here: the database takes longer to load than most other commands to run.
    from ledger.bootstrap import LOG_FILE, now_ms  # noqa: PLC0415
    from ledger.log.backup import BackupError  # noqa: PLC0415
    from ledger.log.lockfile import LedgerInUseError  # noqa: PLC0415
    from ledger.log.restore import restore as restore_log  # noqa: PLC0415

    try:
        with stopping_on_sigterm(), growing_progress("copying and checking") as advance:
            restored = restore_log(backup, directory / LOG_FILE, now_ms(), replace=replace, progress=advance)
    except BackupError as failure:
        raise DoorError("refused", str(failure)) from failure
    except LedgerInUseError as in_use:
        holder = f"process {in_use.pid}" if in_use.pid else "another process"
        message = f"{directory} is open for writing by {holder}; stop it before restoring"
        raise DoorError("in_use", message) from in_use
    place = place_of_files(Place(directory)) or ""
    carried = carry(directory / LOG_FILE, str(files), place) if files is not None else None
    if as_json:
        print_json(_told(directory, restored) | told_of(carried))
    else:
        _show(directory, restored, carried)
    if carried is not None:
        require_all(carried)


def _told(directory: Path, restored: "Restored") -> dict[str, Any]:
    return {
        "ledger": str(directory),
        "epoch": restored.epoch.name,
        "heads": restored.manifest.heads,
        "sessions": restored.manifest.sessions,
        "takenAt": restored.manifest.taken_at,
        "movedAside": str(restored.aside) if restored.aside else None,
    }


def _show(directory: Path, restored: "Restored", carried: "Carried | None") -> None:
    manifest = restored.manifest
    console().print(
        f"{directory}: sessions: {manifest.sessions}, entries: {sum(manifest.heads)}, as of {clock(manifest.taken_at)} UTC;"
        f" epoch {manifest.epoch} ends there, epoch {restored.epoch.name} begins",
        soft_wrap=True,
    )
    if restored.aside:
        console().print(f"the ledger that was there is in {restored.aside}", soft_wrap=True)
    if carried is not None:
        console().print(sentence(carried), soft_wrap=True)
