"""``ledger sessions``: what is in the ledger."""

from itertools import islice
from typing import Annotated, Any

import typer

from ledger.cli.choice import sessions_of
from ledger.cli.door import open_door
from ledger.cli.options import AsJson, Data, Url, place
from ledger.cli.screens import aside, clock, console, grid, print_json

_COLUMNS = ("session", "status", "started (UTC)", "type", "title")


def sessions(
    data: Data = None,
    url: Url = None,
    status: Annotated[str | None, typer.Option(metavar="STATUS", help="Only sessions that are `rolling`, say.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="At most this many.")
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """List the sessions of a ledger, newest first.

    Example: `ledger sessions --status complete -n 20`
    """
    with open_door(place(data, url)) as door:
        found = list(islice(sessions_of(door, limit, status=status), limit + 1))
    shown = found[:limit]
    if as_json:
        print_json(shown)
    elif shown:
        console().print(grid(_COLUMNS, [_row(session) for session in shown], fold=("title",)))
    else:
        aside().print("No sessions." if status is None else f"No sessions that are {status}.")
    if len(found) > limit:
        aside().print(f"There are more than {limit}: --limit shows more of them.")


def _row(session: dict[str, Any]) -> tuple[str, ...]:
    return (
        session["_id"],
        session["status"],
        clock(session["startedAt"]),
        session["sessionType"],
        session.get("title", ""),
    )
