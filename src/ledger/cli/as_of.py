"""``ledger as-of``: what a session was at any point of its history."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from ledger.cli.choice import chosen
from ledger.cli.door import open_door
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Session, Url, place
from ledger.cli.points import At, point, time_ms
from ledger.cli.screens import console, grid, print_json, time_of_day

_TABLES: Final = {
    "cameras": ("cameraId", "role", "priorityWeight", "isActive", "deviceName"),
    "directorEvents": ("timestampMs", "eventType", "cameraId", "score", "reason"),
    "stillCandidates": ("timestampMs", "cameraId", "score", "poseLabel", "isFavorite", "selectedForEdit"),
    "musicMoments": ("timestampMs", "section", "tempo", "energy"),
}
_HEADINGS: Final = {
    "timestampMs": "time (UTC)",
    "eventType": "event",
    "cameraId": "camera",
    "priorityWeight": "weight",
    "isActive": "active",
    "deviceName": "device",
    "poseLabel": "pose",
    "isFavorite": "favourite",
    "selectedForEdit": "selected",
}
_TITLES: Final = {
    "cameras": "cameras",
    "directorEvents": "director events",
    "stillCandidates": "stills",
    "musicMoments": "music",
}


def as_of(
    session: Session,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    at: At = None,
    at_ms: Annotated[
        str | None, typer.Option(metavar="MS", help="As it was at this recorded time, in milliseconds since the epoch.")
    ] = None,
    lines: Annotated[
        int,
        typer.Option("--lines", "-n", metavar="LINES", min=0, max=100, help="How many of each to show, the newest."),
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Show a session as it stood at a point of its history, and nothing that was recorded later.

    With `--json` the newest hundred of each kind: what the timeline answered when that was all there was.

    Example: `ledger as-of latest --at 120`
    """
    if at is not None and at_ms is not None:
        raise typer.BadParameter("--at and --at-ms exclude each other")
    when = point(at) if at_ms is None else {"atMs": time_ms(at_ms)}
    with open_door(place(data, database, url, key, at_least)) as door:
        found = chosen(door, session)
        timeline = door.ask("production:getSessionAsOf", {"sessionId": found["_id"], **when})
    if as_json:
        print_json(timeline)
        return
    _show(timeline, f"as of {at or at_ms}" if when else "as it is now", lines, console())


def _show(timeline: dict[str, Any], when: str, lines: int, screen: Console) -> None:
    session = timeline["session"]
    told = (session.get("title") or session["_id"], session["status"], session.get("directorMode"), when)
    screen.print(Text(" · ".join(str(part) for part in told if part), style="bold"))
    for name, columns in _TABLES.items():
        things = timeline[name]
        shown = things if name == "cameras" else things[max(0, len(things) - lines) :]
        screen.print()
        count = str(len(things)) if len(shown) == len(things) else f"the last {len(shown)} of {len(things)}"
        screen.print(Text(f"{_TITLES[name]}: {count}", style="bold"))
        if shown:
            screen.print(_table(columns, shown))


def _table(columns: Sequence[str], things: Sequence[dict[str, Any]]) -> Any:
    """The columns that any of the things has something to say in."""
    said = [column for column in columns if any(thing.get(column) is not None for thing in things)]
    rows = [[_cell(column, thing.get(column)) for column in said] for thing in things]
    fold = tuple(column for column in ("reason", "device") if column in said)
    return grid([_HEADINGS.get(column, column) for column in said], rows, fold=fold)


def _cell(column: str, value: Any) -> str:
    if column == "timestampMs":
        return time_of_day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column == "eventType":
        return str(value).replace("_", " ")
    return "" if value is None else str(value)
