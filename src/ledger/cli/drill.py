"""``ledger drill``: whether a backup of this ledger would become this ledger."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from ledger.cli.door import DoorError, Place
from ledger.cli.failures import REFUSED, stopping_on_sigterm
from ledger.cli.kept_files import place_of_files, store_at
from ledger.cli.options import AsJson, Data, Database, NoUrl, here
from ledger.cli.screens import aside, console, grid, growing_progress, print_json

if TYPE_CHECKING:
    from ledger.application.drill import Drill


def drill(data: Data = None, database: Database = None, url: NoUrl = None, as_json: AsJson = False) -> None:
    """Prove that the ledger can be restored: back it up, restore it elsewhere, check it, and compare what it shows.

    The restored log is verified, as `ledger verify` does. Its views are built from nothing and compared with the live ones at the
    same position, every row of every table. Of each stored file it is looked whether its bytes are there. Works beside a running
    server and leaves nothing behind. It takes room for two copies of the ledger in the folder for temporary files, which the
    variable TMPDIR names. A database is dumped (`pg_dump`) and restored (`pg_restore`) into another one on its server, which its
    role must be allowed to make, and which is dropped again.

    Example: `ledger drill --data shoots`
    """
    where = here(data, database, url, "drill")
    with stopping_on_sigterm(), TemporaryDirectory(prefix="ledger-drill-") as scratch:
        drilling = _drill(where, Path(scratch))
        files = place_of_files(where)
        report = drilling.run(store_at(files) if files is not None else None)
    if as_json:
        print_json(
            {
                "ok": report.fault is None,
                "ledger": str(where),
                "fault": report.fault,
                "steps": [step._asdict() for step in report.steps],
                "tables": [table._asdict() for table in report.tables],
            }
        )
    else:
        rows = [(step.name, f"{step.seconds:.2f}", step.found) for step in report.steps]
        console().print(grid(("step", "seconds", "found"), rows, right=("seconds",), fold=("found",)))
    if report.fault is None:
        aside().print(f"{where} would be restored as it is")
    else:
        aside().print(f"error: the drill failed: {report.fault}", markup=False)
        raise typer.Exit(REFUSED)


def _drill(where: Place, scratch: Path) -> "Drill":
    """Raises DoorError where there is no ledger."""
    # Imported here: the database takes longer to load than most other commands to run.
    from ledger.application.drill import FolderDrill  # noqa: PLC0415
    from ledger.bootstrap import LOG_FILE, NoLedgerError, now_ms, views_file  # noqa: PLC0415
    from ledger.log.database import DATABASE_FAILED  # noqa: PLC0415
    from ledger.openings import drill_of_database  # noqa: PLC0415

    try:
        if where.database:
            return drill_of_database(where.database, scratch, growing_progress)
        if not (where.directory / LOG_FILE).exists():
            raise NoLedgerError(where.directory)
    except NoLedgerError as missing:
        raise DoorError("not_found", str(missing)) from missing
    except ValueError as unreadable:
        raise DoorError("invalid", f"--database: {unreadable}") from unreadable
    except DATABASE_FAILED as failure:
        raise DoorError("unavailable", f"{where}: {str(failure).splitlines()[0]}") from failure
    return FolderDrill(where.directory / LOG_FILE, views_file(where.directory), scratch, now_ms, growing_progress)
