"""``ledger verify``: whether anything in a ledger was touched since it was recorded."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from ledger.cli.door import DoorError, Place
from ledger.cli.failures import REFUSED
from ledger.cli.kept_files import place_of_files, store_at
from ledger.cli.options import AsJson, Data, Database, NoUrl, here
from ledger.cli.screens import aside, console, grid, growing_progress, print_json
from ledger.domain.refusals import Invalid

if TYPE_CHECKING:
    from ledger.application.verify import Check, Verification
    from ledger.log.database import Opening
    from ledger.log.scan import Fault
    from ledger.openings import Openings

FAULTS_TOLD_MAX: Final = 20

Heads = Annotated[
    list[Path] | None,
    typer.Option(
        "--head",
        metavar="FILE",
        help="A head or receipt that was kept elsewhere: what it speaks of must still be there. May be repeated.",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
]
Views = Annotated[
    bool, typer.Option("--views", help="Fold every session anew as well, and hold the views against what comes out.")
]
Sample = Annotated[
    int | None, typer.Option("--sample", metavar="N", min=1, help="With --views: only so many sessions, at random.")
]
Files = Annotated[bool, typer.Option("--files", help="Hash every stored file as well, and hold it against the log.")]


def verify(
    data: Data = None,
    database: Database = None,
    url: NoUrl = None,
    head: Heads = None,
    files: Files = False,
    views: Views = False,
    sample: Sample = None,
    as_json: AsJson = False,
) -> None:
    """Check every entry of a ledger, straight from its database, and say whether anything was touched.

    Leaf hashes are computed anew from what is stored, and trees anew from those. Works beside a running server. A change whose
    author rewrote hashes and trees to match is found with a head that was kept elsewhere: see `ledger head`.

    Exit status 1 says that something is wrong, and the table where it begins.

    Example: `ledger verify --data shoots --head kept/2026-03-14.json`
    """
    where = here(data, database, url, "verify")
    if sample is not None and not views:
        raise DoorError("invalid", "--sample: says how many sessions --views looks at; name both")
    # Imported here: the database takes longer to load than most other commands to run.
    from sqlalchemy.exc import DatabaseError  # noqa: PLC0415

    from ledger.application.verify import verify as verify_log  # noqa: PLC0415

    heads = {str(path): _kept(path) for path in head or ()}
    try:
        log, shown = _tables(where)
        with growing_progress("entries checked") as advance:
            found = verify_log(log, shown, heads, progress=advance)
        if files:
            found = replace(found, checks=[*found.checks, _check_files(where, log)])
        if views:
            found = replace(found, checks=[*found.checks, _check_views(log, shown, sample)])
    except DatabaseError as failure:
        raise DoorError("refused", f"{where} cannot be read: {failure.orig}") from failure
    if as_json:
        print_json(_told(where, found))
    else:
        _show(found)
    if not found.is_sound:
        raise typer.Exit(REFUSED)


def _tables(where: Place) -> "tuple[Path, Path] | Openings":
    """Where the log and the views of a ledger are. Raises DoorError where there is none."""
    from ledger.bootstrap import LOG_FILE, NoLedgerError, views_file  # noqa: PLC0415  # as above
    from ledger.openings import openings_of_database  # noqa: PLC0415

    try:
        if where.database:
            return openings_of_database(where.database)
        if not (where.directory / LOG_FILE).exists():
            raise NoLedgerError(where.directory)
    except NoLedgerError as missing:
        raise DoorError("not_found", str(missing)) from missing
    except ValueError as unreadable:
        raise DoorError("invalid", f"--database: {unreadable}") from unreadable
    return where.directory / LOG_FILE, views_file(where.directory)


def _check_files(where: Place, log: "Path | Opening") -> "Check":
    from ledger.application.kept_files import check_files  # noqa: PLC0415  # as above
    from ledger.log.database import open_sqlite  # noqa: PLC0415
    from ledger.storage.store import StoreError  # noqa: PLC0415

    place = place_of_files(where)
    if place is None:
        raise DoorError("invalid", "--files: a ledger in a database keeps its files where LEDGER_FILES says; set it")
    engine = open_sqlite(log, durability="FULL", writing=False) if isinstance(log, Path) else log()
    try:
        with growing_progress("files hashed") as advance, engine.begin() as connection:
            return check_files(connection, store_at(place), advance)
    except StoreError as failure:
        raise DoorError("unavailable", f"{place}: {failure}") from failure
    finally:
        engine.dispose()


def _check_views(log: "Path | Opening", shown: "Path | Opening", sample: int | None) -> "Check":
    from ledger.application.drift import NAME, check_views  # noqa: PLC0415  # as above
    from ledger.application.verify import Check  # noqa: PLC0415
    from ledger.bootstrap import now_ms  # noqa: PLC0415
    from ledger.log.database import has_tables, open_sqlite  # noqa: PLC0415
    from ledger.log.eventlog import EventLog  # noqa: PLC0415
    from ledger.projections.views import Views as AllViews  # noqa: PLC0415

    if isinstance(shown, Path) and not shown.exists():
        return Check(NAME, "none have been built yet")
    engines = [
        open_sqlite(at, durability="NORMAL", writing=False) if isinstance(at, Path) else at() for at in (log, shown)
    ]
    try:
        if not has_tables(engines[1]):
            return Check(NAME, "none have been built yet")
        reading = EventLog(writing=None, reading=engines[0], clock=now_ms)
        with growing_progress("entries folded") as advance:
            return check_views(reading, AllViews(writing=None, reading=engines[1], log=reading), sample, advance)
    finally:
        for engine in engines:
            engine.dispose()


def _kept(path: Path) -> Any:
    from ledger.domain.proofs import kept_heads  # noqa: PLC0415  # as above

    try:
        return kept_heads(path.read_bytes())
    except Invalid as refusal:
        raise DoorError(refusal.code, f"{path}: {refusal.message}") from refusal


def _told(where: Place, found: "Verification") -> dict[str, Any]:
    return {
        "ledger": str(where),
        "epoch": found.epoch,
        "entries": found.entries,
        "sessions": found.sessions,
        "sound": found.is_sound,
        "checks": [{"check": name, "of": told, "faults": len(faults)} for name, told, faults in found.checks],
        "faults": [_fault(fault) for fault in found.faults],
    }


def _fault(fault: "Fault") -> dict[str, Any]:
    named = {
        "rule": fault.rule,
        "column": fault.column,
        "sessionId": fault.partition,
        "sequence": fault.sequence,
        "shard": fault.shard,
        "position": fault.position,
    }
    return {name: value for name, value in named.items() if value is not None}


def _show(found: "Verification") -> None:
    screen = console()
    rows = [(check.name, check.told, f"{len(check.faults)} wrong" if check.faults else "ok") for check in found.checks]
    screen.print(grid(("check", "of", ""), rows, fold=("of",)))
    if found.is_sound:
        screen.print(
            f"{found.entries:,} entries in {found.sessions:,} sessions, epoch {found.epoch}: nothing was touched"
        )
        return
    first, *more = found.faults
    aside().print(Text.assemble(("first wrong: ", "bold red"), str(first)))
    for fault in more[: FAULTS_TOLD_MAX - 1]:
        aside().print(Text(f"also: {fault}"))
    if len(found.faults) > FAULTS_TOLD_MAX:
        aside().print(f"and {len(found.faults) - FAULTS_TOLD_MAX:,} more; --json tells them all")
