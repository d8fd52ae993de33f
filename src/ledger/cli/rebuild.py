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
VIEWS: Final = {
    "sessions": ("sessions",),
    "cameras": ("cameras",),
    "director_events": ("director_events",),
    "stills": ("stills",),
    "music_moments": ("music_moments",),
    "assets": ("assets",),
    "captures": ("captures",),
    "activity": ("activity",),
    "jobs": ("jobs",),
    "images": ("images",),
    "videos": ("videos",),
    "recordings": ("recordings", "screenshots", "ocr_results", "documentation"),
    "trees": ("tiles", "edges"),
}
"""The views by their names, and the tables of each: known here as well, where no database need be installed."""


def rebuild(
    view: Annotated[
        str | None, typer.Argument(metavar="[VIEW]", help="Tell of this view alone, such as `stills`; else of all.")
    ] = None,
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

    All views share one position, so all are built, whether one of them is named or not.

    Example: `ledger rebuild --url http://127.0.0.1:8000`
    """
    if view is not None and view not in VIEWS:
        raise DoorError("invalid", f"VIEW: there is no view {view!r}; the views are {', '.join(VIEWS)}")
    where = place(data, database, url, key)
    with open_door(where, "write") as door:
        door.tell("ledger:rebuildViews", {"back": back}, secrets.token_hex())
        try:
            found = _watched(door)
        except KeyboardInterrupt:
            going_on = "the server goes on with it: `ledger status` tells how far it is"
            aside().print(going_on if where.url else "given up: the views are shown as they were")
            raise
    if found["state"] == "failed":
        raise DoorError("internal", f"the views are shown as they were: {found['error']}")
    if view is not None:
        found["tables"] = [it for it in found["tables"] if it["table"] in VIEWS[view]]
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
        aside().print(f"{shown}; every row {f'of {view} ' if view else ''}is as it was before")
    aside().print("what was shown before is kept until the next rebuild: `ledger rebuild --back` shows it again")


def _watched(door: Door) -> dict[str, Any]:
    """What has come of it, once it has ended."""
    found: dict[str, Any] = {"state": "building"}
    for state, told in (("building", "entries taken up"), ("comparing", "shown; comparing it with what was")):
        with growing_progress(told) as advance:
            while found["state"] == state:
                found = door.tell("ledger:getRebuild", {}, secrets.token_hex())
                if state == "building" and found["total"]:
                    advance(found["done"], found["total"])
                time.sleep(_LOOK_SECONDS)
    return found
