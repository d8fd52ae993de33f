"""``ledger tail``: what is being recorded, line by line."""

import time
from collections import deque
from contextlib import suppress
from typing import Annotated, Any, Final

import typer

from ledger.cli.choice import active_or_newest, chosen
from ledger.cli.door import DoorError, open_door
from ledger.cli.failures import remembering_ctrl_c
from ledger.cli.lines import History, SessionRestoredError, line
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Url, place
from ledger.cli.screens import aside, console, print_json_line, warn

POLL_SECONDS: Final = 0.5


def tail(
    session: Annotated[
        str | None,
        typer.Argument(
            metavar="SESSION",
            help="A session's Id, the beginning of one, or `latest`. Without it, the session that goes on now, else the latest.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    lines: Annotated[
        int, typer.Option("--lines", "-n", metavar="LINES", min=0, help="How many entries to begin with.")
    ] = 10,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Go on with what comes, until Ctrl-C.")] = True,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries of a session's history, and follow it live.

    Where the ledger is restored from a backup meanwhile, it says so, and goes on from the last entry that is still there.

    A line is: sequence, program time (UTC), who recorded it, what. With `--json` every entry is a line of JSON, whole.

    Example: `ledger tail --url http://127.0.0.1:8000 -n 50`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        found = active_or_newest(door) if session is None else chosen(door, session)
        if not as_json:
            aside().print(f"{found['_id']}  {found.get('title', '')}  ({found['status']})", style="dim")
        history = History(door, found["_id"])
        for entry in deque(history.news(), maxlen=lines):
            _show(entry, as_json)
        door.at_least = None  # what comes is newer, and may be of another life of the ledger
        with suppress(KeyboardInterrupt), remembering_ctrl_c() as is_over:
            while follow and not is_over():
                time.sleep(POLL_SECONDS)
                _show_news(history, as_json)


def _show_news(history: History, as_json: bool) -> None:
    try:
        for entry in history.news():
            _show(entry, as_json)
    except SessionRestoredError as restored:
        warn(f"{restored.message}; going on after it")
    except DoorError as lost:
        if lost.code != "unreachable":
            raise
        warn(f"{lost.message}; trying again")
        time.sleep(4 * POLL_SECONDS)


def _show(entry: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json_line(entry)
    else:
        console().print(line(entry), no_wrap=True, overflow="ellipsis")
