"""``ledger status``: how a ledger stands."""

from pathlib import Path
from typing import Any

from ledger.cli.choice import sessions_of
from ledger.cli.door import WHEN_HALTED, open_door
from ledger.cli.options import AsJson, Data, Database, Key, Url, place
from ledger.cli.screens import console, grid, print_json, size
from ledger.log.lockfile import LedgerInUseError, LockFile


def status(
    data: Data = None, database: Database = None, url: Url = None, key: Key = None, as_json: AsJson = False
) -> None:
    """Show how far a ledger has come: its epoch and position, how far its views are behind, its sessions.

    Of a folder also the sizes of its files and who has it open for writing; only whoever has the folder can see those.

    Example: `ledger status --json`
    """
    where = place(data, database, url, key)
    is_folder = not (where.url or where.database)
    held_by = _holder(where.directory) if is_folder else None
    with open_door(where) as door:
        standing = door.standing()
        count = sum(1 for _ in sessions_of(door))
    told: dict[str, Any] = {
        "ledger": str(where),
        "epoch": standing.epoch,
        "position": standing.position,
        "lag": standing.lag,
        "lagMs": standing.lag_ms,
        "backlog": standing.backlog,
        "rate": standing.rate,
        "halted": standing.halted,
        "parked": standing.parked,
        "drifts": standing.drifts,
        "rebuild": standing.rebuild._asdict() if standing.rebuild else None,
        "sessions": count,
    }
    if is_folder:
        told |= {"files": _sizes(where.directory), "heldBy": held_by}
    if as_json:
        print_json(told)
    else:
        table = grid(("", ""), _rows(told), fold=("",))
        table.show_header = False
        console().print(table)


def _rows(told: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [
        ("ledger", told["ledger"]),
        ("epoch", told["epoch"]),
        ("position", told["position"]),
        ("views", _views(told)),
        ("sessions", str(told["sessions"])),
    ]
    if told["parked"]:
        rows.append(("parked", f"{told['parked']:,} events that the views cannot apply: see `ledger parked list`"))
    rows += [("drifted", drift) for drift in told["drifts"]]
    if (rebuild := told["rebuild"]) and rebuild["state"] != "done":
        rows.append(("rebuild", f"{rebuild['state']}, {rebuild['done']:,} of {rebuild['total']:,} entries"))
    if "files" in told:
        rows += [(name, size(byte_count)) for name, byte_count in told["files"].items()]
        held_by = told["heldBy"]
        who = (
            f"process {held_by['pid']}" + (f", serving {held_by['url']}" if held_by["url"] else "")
            if held_by
            else "nobody"
        )
        rows.append(("open for writing", who))
    return rows


def _views(told: dict[str, Any]) -> str:
    rate = f", {told['rate']:,.0f} a second" if told["rate"] else ""
    behind = f"{told['lag']:,} entries and {told['lagMs'] / 1_000:,.1f} s behind{rate}" if told["lag"] else ""
    if told["halted"]:
        return f"halted: {told['halted']}" + (f"; {behind}" if behind else "") + f"; {WHEN_HALTED}"
    return behind or "up to the log"


def _sizes(directory: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted(directory.glob("*.sqlite*"))}


def _holder(directory: Path) -> dict[str, Any] | None:
    """Who has the folder open for writing."""
    if not directory.is_dir():
        return None
    try:
        LockFile(directory).release()
    except LedgerInUseError as in_use:
        return {"pid": in_use.pid, "url": in_use.url}
    return None
