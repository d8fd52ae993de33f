"""``ledger replay``: a session's history once more, at its own pace."""

import time
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from ledger.cli.choice import chosen
from ledger.cli.door import open_door
from ledger.cli.lines import History
from ledger.cli.options import AtLeast, Data, Database, Key, Session, Url, place
from ledger.cli.screens import print_json_line

MAX = "max"


def _speed(text: str) -> float | None:
    """How many times as fast as it was; None for as fast as can be. Raises ValueError for any other text."""
    if text == MAX:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise typer.BadParameter(f"{text!r} is neither a number above 0, such as 1 or 20, nor {MAX}")
    return speed


def replay(
    session: Session,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    speed: Annotated[
        str, typer.Option(metavar="FACTOR|max", help="1 is as it was, 20 is twenty times as fast, max does not wait.")
    ] = "1",
) -> None:
    """Print the events of a session as JSON lines, in the order and at the pace of program time.

    What has no program time of its own comes with what was recorded before it.

    Example: `ledger replay latest --speed 20 | jq -c .body`
    """
    factor = _speed(speed)
    with open_door(place(data, database, url, key, at_least)) as door:
        entries = list(History(door, chosen(door, session)["_id"]).news())
    began: float | None = None
    first_ms = 0.0
    for ms, entry in in_program_order(entries):
        if began is None:
            began, first_ms = time.monotonic(), ms
        if factor is not None:
            time.sleep(max(0.0, began + (ms - first_ms) / 1000 / factor - time.monotonic()))
        print_json_line(entry)


def in_program_order(entries: Iterable[dict[str, Any]]) -> Iterator[tuple[float, dict[str, Any]]]:
    """Entries, given in sequence order, with their program time and in its order, as a replay of the program has them.

    What carries no time is at the greatest one recorded before it; what comes before any, at the first. In a session that
    knows no program time at all, recorded time stands for it.
    """
    history = list(entries)
    given = [entry["body"].get("timestampMs") for entry in history]
    greatest = next((ms for ms in given if ms is not None), None)
    if greatest is None:
        given = [entry["recordedAt"] for entry in history]
        greatest = given[0] if given else 0
    timed = []
    for ms, entry in zip(given, history, strict=True):
        if ms is not None:
            greatest = max(greatest, ms)
        timed.append((greatest if ms is None else ms, entry["sequence"], entry))
    timed.sort(key=lambda item: item[:2])
    for ms, _, entry in timed:
        yield ms, entry
