"""``ledger drill``: whether a backup of this ledger would become this ledger."""

from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from ledger.cli.door import DoorError
from ledger.cli.failures import REFUSED, stopping_on_sigterm
from ledger.cli.options import AsJson, Data, NoUrl, folder
from ledger.cli.screens import aside, console, grid, growing_progress, print_json


def drill(data: Data = None, url: NoUrl = None, as_json: AsJson = False) -> None:
    """Prove that the ledger can be restored: back it up, restore it elsewhere, check it, and compare what it shows.

    The restored log is verified, as `ledger verify` does. Its views are built from nothing and compared with the live ones at the
    same position, every row of every table. Works beside a running server and leaves nothing behind. It takes room for two
    copies of the ledger in the folder for temporary files, which the variable TMPDIR names.

    Example: `ledger drill --data shoots`
    """
    directory = folder(data, url, "drill")
    # Imported here: the database takes longer to load than most other commands to run.
    from ledger.application.drill import Drill  # noqa: PLC0415
    from ledger.bootstrap import LOG_FILE, VIEWS_FILE, NoLedgerError, now_ms  # noqa: PLC0415

    if not (directory / LOG_FILE).exists():
        raise DoorError("not_found", str(NoLedgerError(directory)))
    with stopping_on_sigterm(), TemporaryDirectory(prefix="ledger-drill-") as scratch:
        report = Drill(
            directory / LOG_FILE, directory / VIEWS_FILE, Path(scratch), now_ms, watching=growing_progress
        ).run()
    if as_json:
        print_json(
            {
                "ok": report.fault is None,
                "ledger": str(directory),
                "fault": report.fault,
                "steps": [step._asdict() for step in report.steps],
                "tables": [table._asdict() for table in report.tables],
            }
        )
    else:
        rows = [(step.name, f"{step.seconds:.2f}", step.found) for step in report.steps]
        console().print(grid(("step", "seconds", "found"), rows, right=("seconds",), fold=("found",)))
    if report.fault is None:
        aside().print(f"{directory} would be restored as it is")
    else:
        aside().print(f"error: the drill failed: {report.fault}", markup=False)
        raise typer.Exit(REFUSED)
