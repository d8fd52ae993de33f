"""``ledger gaps``: which facts of which device never arrived."""

from typing import Annotated, Any

import typer

from ledger.cli.door import open_door
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Url, place
from ledger.cli.screens import aside, console, moment, print_json


def gaps(
    device: Annotated[
        str | None, typer.Argument(metavar="DEVICE", help="Only this device.", show_default=False)
    ] = None,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    as_json: AsJson = False,
) -> None:
    """Show what never arrived of what devices have recorded in spools of their own, what is lost and why, and what came late.

    A device numbers its facts without a gap, and the numbers come along. What is missing is on its way, or lost with its disk; it
    is missing no more once it has arrived. Of what a device recorded after the ledger last heard of it, nothing is known here.

    Example: `ledger gaps cam-2 --url http://127.0.0.1:8000`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        told = door.ask("ledger:listWriterGaps", {"device": device})
    if as_json:
        print_json(told)
        return
    if not told:
        aside().print("No device has sent anything from a spool of its own yet.")
    for numbers in told:
        show(numbers)


def show(numbers: dict[str, Any]) -> None:
    """Draw what the contract answers of one spool."""
    screen = console()
    name = f"{numbers['device']}'s writer"
    screen.print(
        f"{name} (spool {numbers['spool']}): {numbers['factCount']} of {numbers['last']} facts arrived", markup=False
    )
    for missing in numbers["missing"]:
        screen.print(f"  {_stretch(missing)} never arrived", markup=False)
    for lost in numbers["lost"]:
        why = f": {lost['message']}" if "message" in lost else ""
        screen.print(f"  {_stretch(lost)} {lost['why']}, told {moment(lost['recordedAt'])}{why}", markup=False)
    for late in numbers["late"]:
        screen.print(f"  {_stretch(late)} came after {late['after']}", markup=False)


def _stretch(numbers: dict[str, Any]) -> str:
    return str(numbers["first"]) if numbers["first"] == numbers["last"] else f"{numbers['first']} to {numbers['last']}"
