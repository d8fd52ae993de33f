"""``ledger rebuild``: the views built anew, while those that are shown go on being shown."""

import secrets
import time
from typing import Annotated, Any, Final

import typer

from ledger.cli.door import Door, DoorError, open_door
from ledger.cli.options import AsJson, Data, Database, Key, Url, place
from ledger.cli.screens import aside, console, grid, growing_progress, print_json

_LOOK_SECONDS: Final = 0.1
_COLUMNS: Final = ("table", "rows", "sha256", "difference")


def rebuild(
    back: Annotated[
        bool, typer.Option("--back", help="Show again what was shown before the last rebuild, brought up to now.")
    ] = False,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Build all views anew beside those that are shown, show them in one step once they have come as far, and compare the two.

    Nobody waits for it: reads go on, each from one of the two. What was shown before is kept until the next rebuild, and `--back`
    shows it again. Through `--url` the server does it; a folder must not be open elsewhere.

    Example: `ledger rebuild --url http://127.0.0.1:8000`
    """
    with open_door(place(data, database, url, key), "write") as door:
        door.tell("ledger:rebuildViews", {"back": back}, secrets.token_hex())
        found = _watched(door)
    if found["state"] == "failed":
        raise DoorError("internal", f"the views are shown as they were: {found['error']}")
    if as_json:
        print_json(found)
        return
    tables = found["tables"]
    rows = [(it["table"], f"{it['rows']:,}", it["sha256"][:16], it.get("difference") or "none") for it in tables]
    console().print(grid(_COLUMNS, rows, right=("rows",), fold=("difference",)))
    differing = [it["table"] for it in tables if it.get("difference")]
    shown = f"build {found['number']} of the views is shown"
    if differing:
        aside().print(f"{shown}; others than before are {', '.join(differing)} (these were shown, those are)")
    else:
        aside().print(f"{shown}; every row is as it was before")


def _watched(door: Door) -> dict[str, Any]:
    """What has come of it, once it has ended."""
    with growing_progress("entries") as advance:
        while True:
            found: dict[str, Any] = door.tell("ledger:getRebuild", {}, secrets.token_hex())
            if found["state"] in ("done", "failed"):
                return found
            advance(found["done"], found["total"])
            time.sleep(_LOOK_SECONDS)
