"""``ledger head`` and ``ledger proof``: what to keep elsewhere, and what to hand to a stranger."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.choice import chosen
from ledger.cli.door import open_door
from ledger.cli.options import AtLeast, Data, Database, Key, Url, place
from ledger.cli.screens import aside, print_json

Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write here instead of stdout.", dir_okay=False)
]


def head(
    session: Annotated[
        str | None,
        typer.Argument(
            metavar="SESSION",
            help="A session's Id, the beginning of one, or `latest`. Without it, the head of the whole ledger.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    output: Output = None,
) -> None:
    """Print the head of a ledger, or of one session: a few lines of JSON to keep where nobody can change them together with it.

    `ledger verify --head FILE` later tells whether anything that the head speaks of was touched.

    Example: `ledger head --data shoots -o /mnt/elsewhere/2026-03-14.json`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        if session is None:
            found = door.ask("ledger:getHead", {})
        else:
            found = door.ask("production:getSessionHead", {"sessionId": chosen(door, session)["_id"]})
    _tell(found, output)


def proof(
    event: Annotated[
        str,
        typer.Argument(metavar="EVENT", help="The Id of anything that was recorded in a session.", show_default=False),
    ],
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    output: Output = None,
) -> None:
    """Print the receipt of an event: all of it as it is stored, and its way up the trees to two heads.

    Whoever has one of the heads can check the receipt without a ledger: see `verify_bundle.py`.

    Example: `ledger proof s1m7xy2k40c9ez51s6qpbk1ge-e412 -o receipt.json`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        _tell(door.ask("production:getReceipt", {"eventId": event}), output)


def _tell(found: Any, output: Path | None) -> None:
    if output is None:
        print_json(found)
    else:
        output.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
        aside().print(f"wrote {output}")
