"""``ledger send``: records what comes through a pipe, safe on this machine's disk, and brings it to a ledger."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ledger.cli.door import DoorError
from ledger.cli.failures import REFUSED, stopping_on_sigterm
from ledger.cli.options import Key
from ledger.cli.screens import aside, print_json_line, warn
from ledger.domain.refusals import Invalid
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.client import Writer
    from ledger.client.contents import Aside

_LIMIT_BYTES: Final = 256 * 1024 * 1024

Directory = Annotated[
    Path,
    typer.Option("--spool", metavar="DIR", help="Where facts are kept until the ledger has them.", file_okay=False),
]
Server = Annotated[
    str | None, typer.Option("--url", metavar="URL", help="The server that they go to. [env: LEDGER_URL]")
]
Device = Annotated[
    str | None, typer.Option("--device", metavar="NAME", help="The device's name; without, that of DIR.")
]
InSession = Annotated[str | None, typer.Option("--session", metavar="ID", help="The session of lines that name none.")]
Limit = Annotated[int, typer.Option("--limit", metavar="BYTES", min=1, help="How much may wait on this machine.")]
Droppable = Annotated[
    list[str] | None,
    typer.Option(
        "--drop",
        metavar="KIND",
        help="What a full spool may drop, worth least first: `tempo_update`, `appendMusicMoment` …",
    ),
]
Wait = Annotated[
    float | None,
    typer.Option(
        "--wait", metavar="SECONDS", min=0, help="How long to wait at the end until the ledger has everything."
    ),
]


def send(
    spool: Directory,
    url: Server = None,
    key: Key = None,
    device: Device = None,
    session: InSession = None,
    limit: Limit = _LIMIT_BYTES,
    drop: Droppable = None,
    wait: Wait = None,
) -> None:
    """Record facts that come as lines of JSON on stdin, for machines that speak no Python.

    A line is an object with a `function` of the contract, `appendDirectorEvent` where it names none, and its arguments beside it:
    `startProductionSession`, `appendMusicMoment`, `captures:store` … A line that names another is told which there are.
    Each is answered by a line on stdout once it is safe on this disk: its `number`, and the `id` by which later lines may name it.
    A wrong line is answered with an `error`, and the others go on. What the ledger cannot be told now goes out the next time;
    what it refuses is set aside, see `ledger spool`. Exit status 1 says that a line was wrong, or a fact was refused meanwhile.

    Example: `ledger send --url http://127.0.0.1:8000 --spool spools/obs < facts.jsonl`
    """
    # Imported here, for --help need not wait for it.
    from ledger.client import Hearing, SpoolError, Writer  # noqa: PLC0415

    settings = Settings.from_environment()
    where = url or settings.url
    if not where:
        raise DoorError("invalid", "name the server with --url, or LEDGER_URL")
    refused: list[int] = []

    def tell_refused(fact: "Aside") -> None:
        refused.append(fact.number)
        warn(f"fact {fact.number} was refused and set aside: {fact.message}")

    hearing = Hearing(set_aside=tell_refused, dropped=_tell_dropped)
    options: dict[str, Any] = {"device": device, "limit_bytes": limit, "droppable": drop or (), "hearing": hearing}
    try:
        with stopping_on_sigterm(), Writer(where, key or settings.key, spool=spool, **options) as writer:
            wrong = sum(not _record(writer, line, session) for line in sys.stdin if line.strip())
            if not writer.flush(wait):
                aside().print(f"{writer.pending} facts wait in {spool}: {writer.trouble or 'there was no time'}")
            writer.close(0)
    except SpoolError as failure:
        raise DoorError("refused", str(failure)) from failure
    if wrong or refused:
        raise typer.Exit(REFUSED)


def _record(writer: "Writer", line: str, session: str | None) -> bool:
    """Whether a line was recorded; either way it is answered."""
    from ledger.client import SpoolError  # noqa: PLC0415
    from ledger.client.functions import is_of_session  # noqa: PLC0415

    try:
        stated = json.loads(line)
        if not isinstance(stated, dict):
            raise Invalid("line", "must be a JSON object")
        function = str(stated.pop("function", "appendDirectorEvent"))
        if session is not None and is_of_session(function):
            stated.setdefault("sessionId", session)
        named = writer.call(function, stated)
    except (ValueError, Invalid, SpoolError) as failure:
        print_json_line({"error": str(failure)})
        return False
    print_json_line({"number": writer.recorded, "id": named})
    return True


def _tell_dropped(numbers: Any) -> None:
    warn(f"the spool is full: {len(numbers)} facts were dropped")
