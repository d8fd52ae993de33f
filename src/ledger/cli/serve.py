"""``ledger serve``: a ledger over HTTP."""

import errno
import socket
import sys
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.door import DoorError, Place
from ledger.cli.failures import stopping_on_sigterm
from ledger.cli.options import Database, place
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.application.ledger import Ledger

Directory = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The ledger's folder, made if it is missing. [env: LEDGER_DATA; default: ledger-data]",
        file_okay=False,
    ),
]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-origin",
        metavar="URL",
        help="A web page's origin, beside loopback ones, that may use this server; may be repeated."
        " [env: LEDGER_ALLOW_ORIGIN]",
    ),
]


def serve(
    data: Directory = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The address to listen on; others than loopback ones need keys.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65_535, help="The port; 0 takes any free one.")
    ] = 8000,
    allow_origin: Origins = None,
    database: Database = None,
    no_project: Annotated[
        bool, typer.Option("--no-project", help="Leave the views of a database to `ledger project`.")
    ] = False,
) -> None:
    """Serve a ledger over HTTP, until Ctrl-C or SIGTERM.

    The first line on stdout says where: `serving http://127.0.0.1:8000 from /srv/shoots`. The routes are described at `/docs`.

    Any number of servers may serve one PostgreSQL database; a folder has one.

    Example: `ledger serve --data shoots --port 8010`, or `ledger serve --database postgresql://ledger@db.example/shoots`
    """
    where = place(data, database, None)
    settings = Settings.from_environment()
    settings = replace(settings, allowed_origins=settings.allowed_origins | frozenset(allow_origin or ()))
    # Imported here: the web framework takes longer to load than most other commands to run.
    from ledger.api.guard import is_loopback  # noqa: PLC0415
    from ledger.api.server import create_app  # noqa: PLC0415
    from ledger.api.server import serve as serve_app  # noqa: PLC0415
    from ledger.workers.running import running  # noqa: PLC0415

    if not is_loopback(host):
        _require_key(host, where)
    listening = _listening(host, port)
    url = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"

    def tell() -> None:
        sys.stdout.write(f"serving {url} from {where if where.database else where.directory.resolve()}\n")
        sys.stdout.flush()

    with (
        suppress(KeyboardInterrupt),
        stopping_on_sigterm(),
        listening,
        _opened(where, url, is_building=not no_project) as ledger,
        running(ledger, settings, url),
    ):
        serve_app(create_app(ledger, settings), listening, tell, settings.limits)


def _opened(where: Place, url: str, *, is_building: bool) -> "AbstractContextManager[Ledger]":
    from ledger.cli import embedded  # noqa: PLC0415  # as above

    if where.database:
        return embedded.database(where.database, writing=True, is_building=is_building)
    if not is_building:
        raise DoorError("invalid", "--no-project: a folder's views are built by the one process that has it open")
    return embedded.writable(where.directory, Settings.from_environment().vocabulary, url)


def _require_key(host: str, where: Place) -> None:
    """Raises DoorError where the ledger has no key that would let anybody in."""
    from ledger.bootstrap import NoLedgerError, open_database_for_following, open_for_following  # noqa: PLC0415  # as above

    vocabulary = Settings.from_environment().vocabulary
    try:
        with (
            open_database_for_following(where.database, vocabulary)
            if where.database
            else open_for_following(where.directory, vocabulary)
        ) as ledger:
            if ledger.keyring.has_good_one():
                return
    except NoLedgerError:
        pass
    raise DoorError(
        "refused",
        f"{host} can be reached from other machines, and this ledger has no keys: whoever reached it could write. Add one"
        f" first: `ledger keys add NAME --scope admin {where.option}`",
    )


def _listening(host: str, port: int) -> socket.socket:
    from ledger.api.server import bind  # noqa: PLC0415  # as above

    try:
        return bind(host, port)
    except OSError as failure:
        if failure.errno == errno.EADDRINUSE:
            message = f"port {port} of {host} is taken; choose another with --port, or any free one with --port 0"
            raise DoorError("in_use", message) from failure
        raise DoorError("refused", f"cannot listen on {host}, port {port}: {failure.strerror or failure}") from failure
