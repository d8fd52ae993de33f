"""The options that commands share, and the ledger that they name."""

from pathlib import Path
from typing import Annotated, Final

import typer

from ledger.cli.door import DoorError, Place
from ledger.domain.refusals import Invalid
from ledger.log.positions import Position
from ledger.settings import Settings

_BESIDE_A_SERVER: Final = frozenset({"backup", "drill", "verify"})
_IN_DATABASES: Final = "a database is backed up by PostgreSQL's own tools, see `ledger restored`"
_WHICH: Final = "Which ledger"

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The ledger's folder. [env: LEDGER_DATA; default: ledger-data]",
        rich_help_panel=_WHICH,
        file_okay=False,
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="A PostgreSQL database that keeps the ledger, instead of a folder. [env: LEDGER_DATABASE]",
        rich_help_panel=_WHICH,
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", metavar="URL", help="A running server, instead of a folder. [env: LEDGER_URL]", rich_help_panel=_WHICH
    ),
]
NoUrl = Annotated[str | None, typer.Option("--url", hidden=True)]
"""For commands that need the folder itself, to say so."""
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="KEY",
        help="Your key, where the server asks for one; other users of this machine can see it in a command line."
        " [env: LEDGER_KEY]",
        rich_help_panel=_WHICH,
    ),
]
AtLeast = Annotated[
    str | None,
    typer.Option(
        "--at-least",
        metavar="POSITION",
        help="Only an answer that shows this much: what a write was answered as its Ledger-Position, or `ledger status` tells."
        " Waits two seconds for it, then fails with exit status 3.",
        show_default=False,
    ),
]
"""For commands that only read."""
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Session = Annotated[
    str,
    typer.Argument(metavar="SESSION", help="A session's Id, the beginning of one, or `latest`.", show_default=False),
]


def place(
    directory: Path | None, database: str | None, url: str | None, key: str | None = None, at_least: str | None = None
) -> Place:
    """The ledger that the options name, or else the environment. An option comes before any variable."""
    if sum(given is not None for given in (directory, database, url)) > 1:
        raise typer.BadParameter(
            "give one of --data, --database and --url: a ledger is in a folder, in a database or behind a server"
        )
    if at_least is not None:
        try:
            Position.parse(at_least)
        except Invalid as invalid:
            raise typer.BadParameter(f"--at-least {invalid.detail['rule']}") from invalid
    settings = Settings.from_environment()
    if directory is None and database is None and url is None:
        url = settings.url
        database = None if url else settings.database
    return Place(directory or settings.directory, url, key or settings.key, database, at_least)


def folder(directory: Path | None, url: str | None, command: str) -> Path:
    """The folder of the ledger that is meant, for a command that copies its files. Raises DoorError where that is none."""
    where = here(directory, None, url, command)
    if where.database:
        raise DoorError(
            "invalid", f"`ledger {command}` works on a ledger's files, and {where} is no folder: {_IN_DATABASES}"
        )
    return where.directory


def here(directory: Path | None, database: str | None, url: str | None, command: str) -> Place:
    """The folder or database that is meant, for a command that no server carries out. Raises DoorError where that is a server."""
    where = place(directory, database, url)
    if where.url:
        beside = ". A server that is running need not be stopped for it" if command in _BESIDE_A_SERVER else ""
        raise DoorError(
            "invalid",
            f"`ledger {command}` works on a ledger's files or its database, and {where} is neither: run it on the server's"
            f" machine with --data or --database{beside}",
        )
    return where
