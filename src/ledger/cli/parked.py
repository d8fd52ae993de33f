"""``ledger parked``: what the views have set aside because it cannot be applied, and how it is applied after all."""

import secrets
from typing import Annotated, Any, Final

import typer

from ledger.cli.door import PARKED, WHEN_HALTED, open_door
from ledger.cli.failures import REFUSED
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Url, place
from ledger.cli.screens import aside, clock, console, grid, print_json

_COLUMNS: Final = ("session", "from sequence", "events", "since (UTC)", "error")
_REPLAYED: Final = ("session", "applied", "still parked, because of")


def list_(
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    as_json: AsJson = False,
) -> None:
    """List the sessions of which events are parked: from which sequence on, how many, since when and why.

    Events are parked by a ledger that runs with `LEDGER_POISON=park`; without that its views stand still before such an event, and
    `ledger status` says where.

    Example: `ledger parked list --url http://127.0.0.1:8000`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        found: list[dict[str, Any]] = door.ask(PARKED, {})
        halted = None if found or as_json else door.standing().halted
    if as_json:
        print_json(found)
    elif found:
        rows = [
            (it["sessionId"], str(it["sequence"]), str(it["entries"]), clock(it["parkedAt"]), it["error"])
            for it in found
        ]
        console().print(grid(_COLUMNS, rows, right=_COLUMNS[1:3], fold=("error",)))
    elif halted:
        aside().print(f"Nothing is parked, but the views stand still: {halted}; {WHEN_HALTED}.")
    else:
        aside().print("Nothing is parked: the views show everything that they have come to.")


def replay(
    session: Annotated[
        str | None,
        typer.Argument(
            metavar="[SESSION]", help="A session's whole Id, as `list` prints it; else all.", show_default=False
        ),
    ] = None,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Apply what is parked, in order, once the fault that kept it out is mended. What still fails stays parked, and says why.

    Exit status 1 says that something is still parked.

    Example: `ledger parked replay --url http://127.0.0.1:8000`
    """
    wanted = {} if session is None else {"sessionId": session}
    with open_door(place(data, database, url, key), "write") as door:
        found: list[dict[str, Any]] = door.tell("ledger:replayParked", wanted, secrets.token_hex())
    if as_json:
        print_json(found)
    elif found:
        rows = [(it["sessionId"], str(it["applied"]), it.get("error", "")) for it in found]
        console().print(grid(_REPLAYED, rows, right=("applied",), fold=_REPLAYED[2:]))
    else:
        aside().print("Nothing is parked.")
    if any("error" in it for it in found):
        raise typer.Exit(REFUSED)
