"""``ledger compare``: what changed about a program between two points of its session's history."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from ledger.cli.choice import chosen
from ledger.cli.door import open_door
from ledger.cli.lines import what_of
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Session, Url, place
from ledger.cli.points import point
from ledger.cli.screens import console, grid, print_json, time_of_day

_COLUMNS: Final = ("", "in (UTC)", "out (UTC)", "camera", "what")
_TIMES: Final = ("inMs", "outMs")
_NAMES: Final = {
    "cameraId": "camera",
    "inMs": "in",
    "outMs": "out",
    "causeEventId": "cause",
    "heldBy": "held by",
}


def compare(
    session: Session,
    start: Annotated[
        str,
        typer.Argument(
            metavar="FROM", help="A sequence, or a recorded time (2026-03-14T19:42:00Z).", show_default=False
        ),
    ],
    end: Annotated[
        str | None,
        typer.Argument(metavar="TO", help="The same; without it, the history as it is now.", show_default=False),
    ] = None,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed about the program between two points of a session's history: what did the late writer change?

    Of each shot and hold: `+` it came, `-` it went, `~` it is different. The same for what was odd.

    Example: `ledger compare latest 412`
    """
    asked = point(start, "FROM", "from") | point(end, "TO", "to")
    with open_door(place(data, database, url, key, at_least)) as door:
        session_id = chosen(door, session)["_id"]
        told = door.ask("production:compareCutLogs", {"sessionId": session_id, **asked})
    if as_json:
        print_json(told)
        return
    screen = console()
    screen.print(Text(_between(told), style="bold"))
    rows = [*_rows(told, "segments", "reason"), *_rows(told, "holds", "holdId")]
    if rows:
        screen.print()
        screen.print(grid(_COLUMNS, rows, fold=("what",)))
    odd = [*_odd(told["auditAdded"], "+"), *_odd(told["auditRemoved"], "-")]
    if odd:
        screen.print()
        screen.print(grid(("", "at (UTC)", "odd", "note"), odd, fold=("note",)))
    if not rows:
        screen.print(Text("The program is the same."))


def _between(told: dict[str, Any]) -> str:
    """How many entries lie between, by whom and of what kind."""
    of_actor: dict[str, Counter[str]] = {}
    for entry in told["entries"]:
        body = {"eventType": entry["eventType"]} if "eventType" in entry else {}
        of_actor.setdefault(entry["actor"], Counter())[what_of({"type": entry["type"], "body": body})] += 1
    count = f"{len(told['entries'])}{' and more' if told.get('truncated') else ''}"
    writers = [
        f"{actor}: {', '.join(f'{number} {kind}' for kind, number in kinds.most_common())}"
        for actor, kinds in of_actor.items()
    ]
    span = f"From sequence {told['fromSequence']} to {told['toSequence']}"
    return " · ".join([f"{span}, {count} entries", *writers])


def _rows(told: dict[str, Any], kind: str, name: str) -> Iterator[list[str]]:
    label = "" if kind == "segments" else "hold "
    for sign, things in (("+", told[f"{kind}Added"]), ("-", told[f"{kind}Removed"])):
        for thing in things:
            yield [sign, *_place(thing), f"{label}{thing[name]}"]
    for change in told[f"{kind}Changed"]:
        before, after = change["before"], change["after"]
        said = "; ".join(_changed(field, before.get(field), after.get(field)) for field in change["changed"])
        yield ["~", *_place(after), f"{label}{after[name]}: {said}"]


def _place(thing: dict[str, Any]) -> list[str]:
    return [*(time_of_day(thing[name]) for name in _TIMES), thing["cameraId"] or "no camera"]


def _changed(field: str, before: Any, after: Any) -> str:
    if field == "context":
        changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
        return "; ".join(_changed(name, before.get(name), after.get(name)) for name in changed)
    return f"{_NAMES.get(field, field)} {_words(field, before)} → {_words(field, after)}"


def _words(field: str, value: Any) -> str:
    if field in _TIMES:
        return time_of_day(value)
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items()) or "none"
    return "none" if value is None else str(value)


def _odd(entries: list[dict[str, Any]], sign: str) -> Iterator[list[str]]:
    for entry in entries:
        yield [sign, time_of_day(entry["timestampMs"]), entry["kind"].replace("_", " "), entry["note"]]
