"""The options that commands share, and the ledger that they name."""

from pathlib import Path
from typing import Annotated, Final

import typer

from ledger.cli.door import Place
from ledger.settings import Settings

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
Url = Annotated[
    str | None,
    typer.Option(
        "--url", metavar="URL", help="A running server, instead of a folder. [env: LEDGER_URL]", rich_help_panel=_WHICH
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Session = Annotated[
    str,
    typer.Argument(metavar="SESSION", help="A session's Id, the beginning of one, or `latest`.", show_default=False),
]


def place(directory: Path | None, url: str | None) -> Place:
    """The ledger that the options name, or else the environment. An option comes before any variable."""
    if directory is not None and url is not None:
        raise typer.BadParameter("give either --data or --url: a ledger is in a folder or behind a server")
    settings = Settings.from_environment()
    if directory is None and url is None:
        url = settings.url
    return Place(directory or settings.directory, url)
