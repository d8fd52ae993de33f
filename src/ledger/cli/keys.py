"""``ledger keys``: who may come in, and what each may do."""

import secrets
import sys
from typing import Annotated, Any, Final, get_args

import typer

from ledger.cli.choice import chosen
from ledger.cli.door import open_door
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Url, place
from ledger.cli.screens import aside, clock, console, grid, print_json
from ledger.domain.keys import PREFIX, Scope, digest_of_key

KEY_BYTES: Final = 32
_COLUMNS: Final = ("name", "scopes", "session", "added (UTC)", "by", "revoked (UTC)")

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Who holds it: the writer that its facts name.", show_default=False)
]
Scopes = Annotated[
    list[str],
    typer.Option(
        "--scope",
        metavar="SCOPE",
        help=f"What it is for; may be repeated. One of {', '.join(get_args(Scope))}.",
        show_default=False,
    ),
]
BoundTo = Annotated[
    str | None,
    typer.Option(
        "--session", metavar="ID", help="The only session that it is good for: an Id, its beginning, or `latest`."
    ),
]


def add(
    name: Name,
    scope: Scopes,
    session: BoundTo = None,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Make a key, and print it: alone on stdout, this once. The ledger keeps only its SHA-256.

    From its first key on a ledger asks for a key for everything, on loopback too.

    Example: `ledger keys add multicam --scope write:director --scope write:cameras`
    """
    made = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    wanted: dict[str, Any] = {"name": name, "sha256": digest_of_key(made), "scopes": scope}
    with open_door(place(data, database, url, key), "write") as door:
        if session is not None:
            wanted["sessionId"] = chosen(door, session)["_id"]
        door.tell("ledger:addKey", wanted, secrets.token_hex())
    if "admin" not in scope:
        aside().print("Keys are added and revoked through a running server with a key that has the scope admin only.")
    aside().print(f"The key of {name}, shown only now:")
    sys.stdout.write(f"{made}\n")


def list_(
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    as_json: AsJson = False,
) -> None:
    """List every key that there ever was: whose it is, what it is for, and when it was revoked.

    Example: `ledger keys list --json`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        found: list[dict[str, Any]] = door.ask("ledger:listKeys", {})
    if as_json:
        print_json(found)
    elif found:
        console().print(grid(_COLUMNS, [_cells(held) for held in found], fold=("scopes",)))
    else:
        aside().print("No keys: the ledger is served on loopback only, to whoever is on this machine.")


def revoke(name: Name, data: Data = None, database: Database = None, url: Url = None, key: Key = None) -> None:
    """End a key, at once and for ever. What was written with it stays, under its name.

    Example: `ledger keys revoke multicam --url http://127.0.0.1:8000`
    """
    with open_door(place(data, database, url, key), "write") as door:
        door.tell("ledger:revokeKey", {"name": name}, secrets.token_hex())
    aside().print(f"The key of {name} is revoked.")


def _cells(held: dict[str, Any]) -> list[str]:
    return [
        held["name"],
        " ".join(held["scopes"]),
        held.get("sessionId", ""),
        clock(held["createdAt"]),
        held["createdBy"],
        clock(held.get("revokedAt")),
    ]
