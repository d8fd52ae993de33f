"""``ledger demo``: a shoot recorded over HTTP by its writers, replayed, and written as files."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from subprocess import Popen
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from ledger.cli.door import Door, DoorError, Place, open_door
from ledger.cli.failures import stopping_on_sigterm
from ledger.cli.import_atem import read
from ledger.cli.options import Data, Key, Url, place
from ledger.cli.screens import aside, console

LEDGER: Final = "ledger"
CUT_LOG: Final = "cut-log"
FORMATS: Final = ("edl", "otio")


From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE.drp",
        help="Import this ATEM recording instead of the sample shoot.",
        exists=True,
        dir_okay=False,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="DIR",
        help="Keep the files here, and a ledger of the demo's own. [default: a new temporary folder]",
        file_okay=False,
    ),
]


def demo(
    recording: From = None,
    serve: Annotated[bool, typer.Option("--serve", help="Leave the server up at the end, until Ctrl-C.")] = False,
    output: Output = None,
    data: Data = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Record a sample shoot, replay it, and show what becomes of it. Takes a few seconds.

    A server starts on an empty ledger. Four writers, each on a connection of its own, record a ten-minute dance performance
    through it: cuts and holds, poses and stills, music, and post-production. Then its cut log is rebuilt and printed, and
    written for editing systems.

    With --data or --url the shoot is one more session of a ledger that you have: a page that watches it sees it arrive.

    Example: `ledger demo --serve -o my-demo`, or `ledger demo --url http://127.0.0.1:8000`
    """
    imported = read(recording, _day_of(recording)) if recording else None
    yours = place(data, None, url, key) if data or url else None
    if serve and url:
        raise typer.BadParameter("--serve is for a server that the demo starts; the one at --url stays up by itself")
    folder = _folder(output, is_empty=yours is None)
    # Imported here: nothing else needs the exports, and the server has its own libraries to load meanwhile.
    from ledger.cli.demo_steps import import_recording, play_sample, show_timeline  # noqa: PLC0415
    from ledger.cli.program import fetch, settings_of, show, write  # noqa: PLC0415
    from ledger.domain.timecode import parse_rate  # noqa: PLC0415
    from ledger.exports import render  # noqa: PLC0415

    with stopping_on_sigterm(), _server(yours, folder / LEDGER) as (here, process):
        session_id = import_recording(here, imported) if imported else play_sample(here)
        with open_door(here) as door:
            session = _session(door, session_id)
            log = fetch(door, session_id)
            settings = settings_of(door, session, parse_rate("25"), None)
            say("Replayed from the ledger, at 25 frames a second:")
            show(log, settings, console())
            show_timeline(door, session_id)
        written = [
            path for form in FORMATS for path in write(render(log, form, settings), folder / f"{CUT_LOG}.{form}")
        ]
        say("Wrote " + ", ".join(map(str, written)))
        _next_steps(here if serve or url else Place(here.directory), session_id, log.sequence)
        if serve and process:
            say(f"Serving {here.url} until Ctrl-C; the routes are described at {here.url}/docs")
            _wait(process)


@contextmanager
def _server(yours: Place | None, empty: Path) -> Iterator[tuple[Place, Popen[str] | None]]:
    """The server that the demo records through, and its process where the demo started it."""
    if yours and yours.url:
        say(f"Recording through the server at {yours.url}")
        yield yours, None
        return
    from ledger.cli.server import running_server  # noqa: PLC0415

    directory = yours.directory if yours else empty
    say(f"Starting a server on {'the' if yours else 'an empty'} ledger in {directory}")
    with running_server(directory) as server:
        yield Place(directory, server.url, yours.key if yours else None), server.process


def _folder(output: Path | None, *, is_empty: bool) -> Path:
    """Where the files go. Raises DoorError where a ledger is wanted that ``is_empty``, and there is one already."""
    if output is None:
        return Path(tempfile.mkdtemp(prefix="ledger-demo-"))
    if is_empty and (output / LEDGER).exists():
        raise DoorError(
            "conflict",
            f"{output / LEDGER} is there already, and the demo wants an empty ledger; name another folder with -o, or"
            f" have it record into that one with --data",
        )
    output.mkdir(parents=True, exist_ok=True)
    return output


def _day_of(recording: Path) -> date:
    """The file does not say when it was recorded; the day it was last written is the best guess."""
    return datetime.fromtimestamp(recording.stat().st_mtime, UTC).date()


def _session(door: Door, session_id: str) -> dict[str, Any]:
    session: dict[str, Any] | None = door.ask("production:getProductionSession", {"sessionId": session_id})
    if session is None:
        raise DoorError("not_found", f"the session {session_id} was recorded and cannot be found")
    return session


def _next_steps(place: Place, session_id: str, sequence: int) -> None:
    command = _command()
    say("What to try next:")
    for arguments in (
        f"cut-log {session_id} {place.option} --rate 29.97df -o show.edl",
        f"cut-log {session_id} {place.option} --at {sequence // 2}",
        f"replay {session_id} {place.option} --speed 20",
        f"tail {session_id} {place.option} --no-follow -n 30",
        f"status {place.option}",
        *(() if place.url else (f"serve {place.option}",)),
    ):
        aside().print(Text(f"  {command} {arguments}"))


def _command() -> str:
    """How this command can be called again from this shell."""
    called = Path(sys.argv[0])
    if called.name == "ledger" and shutil.which("ledger") is None:
        return str(called)
    return "ledger" if shutil.which("ledger") else f"{sys.executable} -m ledger.cli"


def _wait(process: Popen[str]) -> None:
    try:
        process.wait()
    except KeyboardInterrupt:
        aside().print("Stopped.")


def say(message: str) -> None:
    """What the demo is about to do, or has done."""
    aside().print(Text(f"\n{message}", style="bold green"))
