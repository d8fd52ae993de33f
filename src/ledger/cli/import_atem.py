"""``ledger import atem``: a switcher's recording becomes a session."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ledger.cli.door import Door, DoorError, open_door
from ledger.cli.options import Data, Database, Key, Url, place
from ledger.cli.screens import aside, progress
from ledger.domain.refusals import Invalid

if TYPE_CHECKING:
    from ledger.imports.recording import Recording

ACTOR: Final = "atem-import"
"""The same whoever imports: a session's Id follows from it and the file, so that a second import finds the first."""


def import_atem(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="An ATEM ISO project (.drp).", exists=True, dir_okay=False, readable=True),
    ],
    on: Annotated[
        datetime,
        typer.Option(
            "--date", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="The day it was recorded: the file does not say."
        ),
    ],
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Make a session of a Blackmagic ATEM recording, and print the session's Id.

    The file is read to its end before anything is recorded. Importing it again, after a crash too, finds the same session
    and adds only what is missing.

    Example: `ledger import atem Show.drp --date 2026-03-14`
    """
    recording = read(file, on.date())
    with open_door(place(data, database, url, key), "write", ACTOR) as door:
        session_id = record(door, recording, file.name)
    typer.echo(session_id)


def read(file: Path, on: date) -> "Recording":
    """What a file says, read to its end. Raises Invalid, naming the line, where it cannot be."""
    from ledger.imports import atem  # noqa: PLC0415  # only an import has to wait for it

    with file.open("rb") as opened:
        content = opened.read(atem.BYTES_MAX + 1)
    try:
        return atem.read(content, on)
    except Invalid as refusal:
        raise DoorError(refusal.code, f"{file.name}: {refusal.message}; nothing was recorded") from refusal


def record(door: Door, recording: "Recording", name: str) -> str:
    """Record a recording as a session, and answer its Id. Raises DoorError."""
    opening = recording.opening_call()
    session_id: str = door.tell(opening.function, opening.args, recording.key)
    calls = recording.following_calls(session_id)
    with progress(f"recording {name}", len(calls)) as advance:
        for number, call in enumerate(calls, 1):
            door.tell(call.function, call.args, f"{recording.key}-{number}")
            advance(number)
    aside().print(f"{name}: {_counted(len(recording.cameras), 'camera')}, {_counted(len(recording.events), 'cut')}")
    return session_id


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
