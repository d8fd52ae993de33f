"""``ledger history``: everything that was recorded of a session, or what somebody asks for of it."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from ledger.cli.choice import chosen
from ledger.cli.door import open_door
from ledger.cli.lines import History, line, what_of
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Session, Url, place
from ledger.cli.points import event_id
from ledger.cli.screens import aside, console, print_json_line


def history(
    session: Session,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--type", metavar="TYPE", help="Only what a line calls so: `cut`, `still updated`; or a stored name."
        ),
    ] = None,
    actor: Annotated[str | None, typer.Option(metavar="NAME", help="Only what this writer recorded.")] = None,
    about: Annotated[
        str | None,
        typer.Option(metavar="THING", help="Only what is about this Id, or about the event at this sequence."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a session's history in the order in which it was recorded, the corrected entries included.

    A line is: sequence, program time (UTC), who recorded it, what. With `--json` every entry is a line of JSON, whole.

    Example: `ledger history latest --type cut --actor multicam`
    """
    stored = kind is not None and re.search(r"\.\d+$", kind) is not None
    with open_door(place(data, database, url, key, at_least)) as door:
        session_id = chosen(door, session)["_id"]
        entity_id = event_id(session_id, about) if about is not None else None
        walk = History(door, session_id, type=kind if stored else None, actor=actor, entityId=entity_id)
        shown = 0
        for entry in _called(walk.news(), None if stored else kind):
            shown += 1
            if as_json:
                print_json_line(entry)
            else:
                console().print(line(entry), no_wrap=True, overflow="ellipsis")
    if not shown:
        aside().print("Nothing in this session's history is so.")


def _called(entries: Iterator[dict[str, Any]], kind: str | None) -> Iterator[dict[str, Any]]:
    wanted = kind and kind.replace("_", " ").replace("-", " ")
    return (entry for entry in entries if wanted is None or what_of(entry) == wanted)
