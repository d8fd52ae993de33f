"""``ledger backup``: a copy of a ledger, beside whoever writes it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.door import DoorError, Place
from ledger.cli.failures import stopping_on_sigterm
from ledger.cli.kept_files import FilesOfBackups, carry, place_of_files, require_all, sentence, told_of
from ledger.cli.options import AsJson, Data, NoUrl, folder
from ledger.cli.screens import clock, console, growing_progress, print_json, size, warn

if TYPE_CHECKING:
    from ledger.application.kept_files import Carried
    from ledger.log.backup import Manifest


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to make: one that is not there yet.", show_default=False)
    ],
    data: Data = None,
    url: NoUrl = None,
    files: FilesOfBackups = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of a backup that is there, once it is complete.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy a ledger as it stands at one moment, while it is being written.

    The log is copied, all that was acknowledged, with a manifest that says what it holds. Views are not: they are built anew from
    it. A backup appears under its name when it is complete and on disk, or not at all. `ledger drill` proves that it would restore.

    The bytes of stored files, of which the log holds digests, are taken along with --files, into a folder that all backups share:
    what is there from earlier ones is not copied again.

    Example: `ledger backup /mnt/backups/2026-03-14 --files /mnt/backups/files --data shoots`
    """
    directory = folder(data, url, "backup")
    # Imported here: the database takes longer to load than most other commands to run.
    from ledger.bootstrap import LOG_FILE, NoLedgerError, now_ms  # noqa: PLC0415
    from ledger.log.backup import COPY, BackupError, back_up, opened_database  # noqa: PLC0415
    from ledger.log.files import kept_files  # noqa: PLC0415

    if not (directory / LOG_FILE).exists():
        raise DoorError("not_found", str(NoLedgerError(directory)))
    try:
        with stopping_on_sigterm(), growing_progress("copying the log") as advance:
            manifest = back_up(directory / LOG_FILE, target, now_ms(), replace=replace, progress=advance)
    except BackupError as failure:
        raise DoorError("refused", str(failure)) from failure
    with opened_database(target / COPY) as connection:
        file_count = sum(1 for _ in kept_files(connection))
    place = place_of_files(Place(directory)) or ""
    carried = carry(target / COPY, place, str(files)) if files is not None else None
    if as_json:
        told = {"backup": str(target), **manifest.model_dump(mode="json", by_alias=True)}
        elsewhere = {"filesElsewhere": file_count} if file_count and carried is None else {}
        print_json(told | elsewhere | told_of(carried))
    else:
        _show(target, manifest, carried)
    if carried is not None:
        require_all(carried)
    elif file_count:
        not_in_it = f"the bytes of stored files ({file_count:,}) are not in it"
        warn(f"{not_in_it}: take them along with --files DIR, or copy {place} after this")


def _show(target: Path, manifest: "Manifest", carried: "Carried | None") -> None:
    console().print(
        f"{target}: sessions: {manifest.sessions}, entries: {sum(manifest.heads)}, {size(manifest.bytes)},"
        f" as of {clock(manifest.taken_at)} UTC in epoch {manifest.epoch}",
        soft_wrap=True,
    )
    if carried is not None:
        console().print(sentence(carried), soft_wrap=True)
