"""``ledger restored``: a database that PostgreSQL's own tools have restored begins a new epoch."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.door import DoorError, Place
from ledger.cli.options import AsJson, Data, Database, NoUrl, here
from ledger.cli.screens import console, print_json

if TYPE_CHECKING:
    from ledger.log.restored import RestoredDatabase


def restored(
    data: Data = None,
    database: Database = None,
    url: NoUrl = None,
    instead_of: Annotated[
        str | None,
        typer.Option(
            "--instead-of",
            metavar="URL",
            help="The database that it takes the place of, where that can still be read: tokens of its epochs will be known.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say that a PostgreSQL database was restored, from a dump or to a point in time, before its ledger is served again.

    The ledger begins a new epoch: what was recorded after the backup is lost to it, and whoever hands back a position or a cursor
    of the lost time is told where to go back to. Nothing happens while a server has the database open. `ledger verify` says
    whether what was restored is whole.

    Example: `ledger restored --database postgresql://ledger@db.example/shoots`
    """
    where = here(data, database, url, "restored")
    if not where.database:
        raise DoorError("invalid", f"{where}: a folder is restored by `ledger restore`; name a --database")
    # Imported here: the database takes longer to load than most other commands to run.
    from ledger.bootstrap import NoLedgerError  # noqa: PLC0415
    from ledger.log.database import DATABASE_FAILED  # noqa: PLC0415
    from ledger.log.others import DatabaseInUseError  # noqa: PLC0415
    from ledger.openings import restored_database  # noqa: PLC0415

    try:
        found = restored_database(where.database, instead_of)
    except NoLedgerError as missing:
        raise DoorError("not_found", str(missing)) from missing
    except DatabaseInUseError as in_use:
        raise DoorError("in_use", f"{where}: {in_use}") from in_use
    except ValueError as unreadable:
        raise DoorError("invalid", f"--database: {unreadable}") from unreadable
    except DATABASE_FAILED as failure:
        raise DoorError("unavailable", f"{where}: {str(failure).splitlines()[0]}") from failure
    if as_json:
        print_json(_told(where, found))
    else:
        _show(where, found)


def _told(where: Place, found: "RestoredDatabase") -> dict[str, Any]:
    epoch, sessions = found
    assert epoch.origin is not None, "it goes on from another"
    return {
        "ledger": str(where),
        "epoch": epoch.name,
        "heads": epoch.origin.heads,
        "sessions": sessions,
        "restoredFrom": epoch.origin.epoch,
    }


def _show(where: Place, found: "RestoredDatabase") -> None:
    told = _told(where, found)
    console().print(
        f"{where}: sessions: {told['sessions']}, entries: {sum(told['heads'])}; epoch {told['restoredFrom']} ends there,"
        f" epoch {told['epoch']} begins",
        soft_wrap=True,
    )
