"""``ledger clocks``: how far each writer's clock is off the server's."""

from typing import Annotated, Any, Final

import typer
from rich.text import Text

from ledger.cli.choice import chosen
from ledger.cli.door import open_door
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Session, Url, place
from ledger.cli.screens import aside, console, grid, lag, moment, print_json

_COLUMNS: Final = ("writer", "facts", "off by", "jumps", "stray")
_OFFSETS: Final = {"smallest": "minMs", "median": "medianMs", "largest": "maxMs", "latest": "latestMs"}
_WIDE_FROM: Final = 120


def clocks(
    session: Session,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    jump: Annotated[
        int, typer.Option(metavar="MS", min=1, help="What differs by more milliseconds is another clock.")
    ] = 2_000,
    as_json: AsJson = False,
) -> None:
    """Show how far each writer's clock is off the server's, and when it jumped.

    An offset is when a fact was recorded less when it happened by its writer's clock: the clock's own error and the time that the
    fact was under way. Delay only ever adds, so the smallest steady offset is the best estimate of the clock: `off by`, above 0
    where it is behind. What was uploaded later, faster or slower than it happened, says nothing of a clock and counts as stray.

    Example: `ledger clocks latest --jump 500`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        session_id = chosen(door, session)["_id"]
        told = door.ask("production:listWriterClocks", {"sessionId": session_id, "jumpMs": jump})
    if as_json:
        print_json(told)
        return
    if not told:
        aside().print("Nobody has recorded anything with a time of its own yet.")
        return
    show(told)


def show(told: list[dict[str, Any]]) -> None:
    """Draw what the contract answers: a line a writer, then every jump."""
    screen = console()
    columns = [*_COLUMNS, *(_OFFSETS if screen.width >= _WIDE_FROM else ())]
    rows = [[_cells(writer)[column] for column in columns] for writer in told]
    screen.print(grid(columns, rows, right=columns[1:]))
    for writer in told:
        for jumped in writer["jumps"]:
            text = f"{writer['actor']}'s clock jumped at entry {jumped['sequence']}, recorded {moment(jumped['recordedAt'])}: "
            screen.print(Text(f"{text}from {lag(jumped['fromMs'])} to {lag(jumped['toMs'])}"))


def _cells(writer: dict[str, Any]) -> dict[str, str]:
    return {
        "writer": writer["actor"],
        "facts": str(writer["factCount"]),
        "off by": lag(writer["estimateMs"]) if "estimateMs" in writer else "cannot tell",
        "jumps": str(len(writer["jumps"])),
        "stray": f"{writer['strayCount']} of {writer['deliveryCount']}",
        **{column: lag(writer[name]) for column, name in _OFFSETS.items()},
    }
