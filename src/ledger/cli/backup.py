"""``ledger backup``: a copy of a ledger, beside whoever writes it."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.door import DoorError
from ledger.cli.failures import stopping_on_sigterm
from ledger.cli.options import AsJson, Data, NoUrl, folder
from ledger.cli.screens import clock, console, growing_progress, print_json, size, warn
from ledger.settings import Settings


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to make: one that is not there yet.", show_default=False)
    ],
    data: Data = None,
    url: NoUrl = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of a backup that is there, once it is complete.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy a ledger as it stands at one moment, while it is being written.

    The log is copied, all that was acknowledged, with a manifest that says what it holds. Views are not: they are built anew from
    it. Nor are stored files, of which the log holds digests: copy their folder after it, as the how-to says. A backup appears under
    its name when it is complete and on disk, or not at all. `ledger drill` proves that it would restore.

    Example: `ledger backup /mnt/backups/2026-03-14 --data shoots`
    """
    directory = folder(data, url, "backup")
    # Imported here: the database takes longer to load than most other commands to run.
    from ledger.bootstrap import FILES_FOLDER, LOG_FILE, NoLedgerError, now_ms  # noqa: PLC0415
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
    if as_json:
        told = {"backup": str(target), **manifest.model_dump(mode="json", by_alias=True)}
        print_json(told | ({"filesElsewhere": file_count} if file_count else {}))
    else:
        console().print(
            f"{target}: sessions: {manifest.sessions}, entries: {sum(manifest.heads)}, {size(manifest.bytes)},"
            f" as of {clock(manifest.taken_at)} UTC in epoch {manifest.epoch}",
            soft_wrap=True,
        )
    if file_count:
        where = Settings.from_environment().files or str(directory / FILES_FOLDER)
        warn(f"the bytes of stored files ({file_count:,}) are not in it: copy {where} as well, after this")
