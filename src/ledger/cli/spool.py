"""``ledger spool``: what a device's spool holds, and what becomes of facts that the ledger has refused."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.door import DoorError
from ledger.cli.options import AsJson
from ledger.cli.screens import aside, console, print_json, size

if TYPE_CHECKING:
    from ledger.client.outbox import Outbox

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The spool's folder.", show_default=False)]
Numbers = Annotated[
    list[int] | None, typer.Argument(metavar="[NUMBER]...", help="Only these; all without.", show_default=False)
]


def status(directory: Directory, as_json: AsJson = False) -> None:
    """Show what waits in a spool, also while a writer has it, and what was set aside, with its error.

    Example: `ledger spool status spools/cam-2`
    """
    # Imported here, for --help need not wait for it.
    from ledger.client.contents import look_into  # noqa: PLC0415

    _require_spool(directory)
    with _told():
        found = look_into(directory)
    told: dict[str, Any] = {
        "device": found.device,
        "spool": found.name,
        "recorded": found.counted.last,
        "pending": found.counted.pending,
        "bytes": found.counted.size,
        "aside": [each._asdict() | {"arguments": json.loads(each.arguments)} for each in found.aside],
    }
    if as_json:
        print_json(told)
        return
    screen = console()
    numbers = f"{told['pending']} of {told['recorded']} facts wait for the ledger, {size(told['bytes'])}"
    screen.print(f"{told['device']} (spool {told['spool']}): {numbers}", markup=False)
    for each in found.aside:
        screen.print(
            f"  {each.number} {each.function.removeprefix('production:')} was set aside: {each.message}", markup=False
        )


def retry(directory: Directory, numbers: Numbers = None) -> None:
    """Have facts that were set aside sent once more, the next time that a writer has the spool.

    Example: `ledger spool retry spools/cam-2 412`
    """
    with _opened(directory) as outbox:
        count = outbox.retry(numbers)
    aside().print(f"{count} facts will be sent once more")


def discard(directory: Directory, numbers: Numbers = None) -> None:
    """Give up facts that were set aside. The ledger is told that they will not come.

    Example: `ledger spool discard spools/cam-2 412`
    """
    with _opened(directory) as outbox:
        count = outbox.discard(numbers)
    aside().print(f"{count} facts were given up")


@contextmanager
def _opened(directory: Path) -> "Iterator[Outbox]":
    """The spool in a folder. Raises DoorError where there is none, or a writer has it."""
    from ledger.client.outbox import Outbox  # noqa: PLC0415  # as above
    from ledger.client.spool import Spool  # noqa: PLC0415

    _require_spool(directory)
    with _told(), closing(Spool(directory, None)) as spool:
        yield Outbox(spool)


def _require_spool(directory: Path) -> None:
    from ledger.client.store import FILE  # noqa: PLC0415  # as above

    if not (directory / FILE).exists():
        raise DoorError("not_found", f"there is no spool in {directory}")


@contextmanager
def _told() -> Iterator[None]:
    """What a spool says no with, as the command says it."""
    from ledger.client.failures import SpoolError  # noqa: PLC0415  # as above

    try:
        yield
    except SpoolError as failure:
        raise DoorError("refused", str(failure)) from failure
