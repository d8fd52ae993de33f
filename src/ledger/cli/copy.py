"""``ledger copy``: a ledger moves house."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.door import DoorError, Place, open_door
from ledger.cli.failures import stopping_on_sigterm
from ledger.cli.options import AsJson
from ledger.cli.screens import aside, console, grid, growing_progress, print_json
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.application.copy import Report
    from ledger.application.ledger import Ledger

Shards = Annotated[
    int | None,
    typer.Option(
        "--shards",
        metavar="N",
        min=1,
        help="Into how many shards a database is divided when it is made. [env: LEDGER_SHARDS; default: 16]",
        show_default=False,
    ),
]


def copy(
    source: Annotated[
        str, typer.Option("--from", metavar="PLACE", help="The ledger: its folder, or the URL of its database.")
    ],
    target: Annotated[
        str,
        typer.Option(
            "--to", metavar="PLACE", help="A folder or a database that holds no ledger, or a copy of this one."
        ),
    ],
    shards: Shards = None,
    as_json: AsJson = False,
) -> None:
    """Carry a ledger from a folder into a PostgreSQL database, or back, or to another of its kind.

    Sessions keep their Ids, sequences, times and digests, keys keep what was answered under them. In the end every session is
    compared root by root, and every view row by row. Whatever interrupts it, the same command goes on where it was. The ledger
    may be served meanwhile; what is recorded in it since is carried when its server has stopped and the command is called again.

    Example: `ledger copy --from shoots --to postgresql://ledger@db.example/shoots`
    """
    here, there = _place(source), _place(target)
    if str(here) == str(there):
        raise DoorError("invalid", "--to: a ledger cannot be copied onto itself")
    # Imported here: the database takes longer to load than most other commands to run.
    from ledger.application.copy import Copying, From, To  # noqa: PLC0415
    from ledger.bootstrap import now_ms  # noqa: PLC0415
    from ledger.log.copying import CopyError  # noqa: PLC0415
    from ledger.log.database import DATABASE_FAILED  # noqa: PLC0415
    from ledger.log.lockfile import LedgerInUseError  # noqa: PLC0415
    from ledger.log.others import DatabaseInUseError  # noqa: PLC0415
    from ledger.openings import log_to_copy_to, openings  # noqa: PLC0415

    with open_door(here):
        pass  # its views are up to its log by then, to be compared with
    count = (shards or Settings.from_environment().shards) if there.database else 1
    to = To(partial(log_to_copy_to, there.database or there.directory), partial(_ledger, there), count)
    try:
        with _interruptible():
            report = Copying(From(*openings(here.database or here.directory)), to, now_ms, growing_progress).run()
    except CopyError as failure:
        raise DoorError("refused", f"{there}: {failure}") from failure
    except (LedgerInUseError, DatabaseInUseError) as in_use:
        raise DoorError("in_use", f"{there}: {in_use}") from in_use
    except ValueError as unreadable:
        raise DoorError("invalid", f"--to: {unreadable}") from unreadable
    except DATABASE_FAILED as failure:
        why = str(failure).splitlines()[0]
        raise DoorError("unavailable", f"{why}; what was carried stays: the same command goes on with it") from failure
    _tell(here, there, report, as_json=as_json)


def _place(given: str) -> Place:
    if "://" in given:
        return Place(Path(), database=given)
    return Place(Path(os.path.abspath(given)))  # noqa: PTH100  # as it is called, for two names of one folder to be seen


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C and SIGTERM end it, and whoever sent them is told what becomes of what was done."""
    try:
        with stopping_on_sigterm():
            yield
    except KeyboardInterrupt:
        aside().print("interrupted: what was carried stays, and the same command goes on with it")
        raise


@contextmanager
def _ledger(there: Place) -> "Iterator[Ledger]":
    """The copy, once it is a ledger."""
    from ledger.cli import embedded  # noqa: PLC0415  # as above

    opening: AbstractContextManager[Ledger] = (
        embedded.database(there.database, writing=True)
        if there.database
        else embedded.writable(there.directory, Settings.from_environment().vocabulary)
    )
    with opening as ledger:
        yield ledger


def _tell(here: Place, there: Place, report: "Report", *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "from": str(here),
                "to": str(there),
                **{name: getattr(report, name) for name in ("epoch", "entries", "partitions", "sha256")},
                "steps": [step._asdict() for step in report.steps],
                "tables": [table._asdict() for table in report.tables],
                "files": report.files,
                "cameSince": report.came_since,
            }
        )
    else:
        rows = [(step.name, f"{step.seconds:.2f}", step.found) for step in report.steps]
        console().print(grid(("step", "seconds", "found"), rows, right=("seconds",), fold=("found",)))
        console().print(
            f"{there}: {report.entries:,} entries, the same as in {here}, in epoch {report.epoch}", soft_wrap=True
        )
    if report.files:
        aside().print(
            f"{report.files:,} stored files are known there; their bytes lie beside the ledger (`files` in its folder,"
            " or LEDGER_STORAGE), by their SHA-256: copy those as they are"
        )
    if report.came_since:
        aside().print(
            f"{here} has recorded {report.came_since:,} entries since: stop its server and call this again to carry them too"
        )
