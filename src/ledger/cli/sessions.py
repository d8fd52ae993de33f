"""``ledger sessions``: what is in the ledger."""

from itertools import islice
from typing import Annotated, Any, Final

import typer

from ledger.cli.choice import sessions_of
from ledger.cli.door import open_door
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Url, place
from ledger.cli.screens import aside, clock, console, grid, print_json

_COLUMNS = ("session", "status", "started (UTC)", "type", "title")
_WIDE_FROM: Final = 100


def sessions(
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    status: Annotated[str | None, typer.Option(metavar="STATUS", help="Only sessions that are `rolling`, say.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="At most this many.")
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """List the sessions of a ledger, newest first.

    Example: `ledger sessions --status complete -n 20`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        found = list(islice(sessions_of(door, limit, status=status), limit + 1))
    shown = found[:limit]
    if as_json:
        print_json(shown)
    elif shown:
        screen = console()
        columns = _COLUMNS if screen.width >= _WIDE_FROM else [name for name in _COLUMNS if name != "type"]
        rows = [[_cells(session)[name] for name in columns] for session in shown]
        screen.print(grid(columns, rows, fold=("title",)))
    else:
        aside().print("No sessions." if status is None else f"No sessions that are {status}.")
    if len(found) > limit:
        aside().print(f"There are more than {limit}: --limit shows more of them.")


def _cells(session: dict[str, Any]) -> dict[str, str]:
    return {
        "session": session["_id"],
        "status": session["status"],
        "started (UTC)": clock(session["startedAt"]),
        "type": session["sessionType"],
        "title": session.get("title", ""),
    }
