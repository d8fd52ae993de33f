"""``ledger demo``: a shoot recorded over HTTP by its writers, replayed, and written as files."""

import shutil
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from ledger.cli.door import Door, DoorError, Place, open_door
from ledger.cli.failures import stopping_on_sigterm
from ledger.cli.import_atem import read
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
        help="Keep the ledger and the files here. [default: a new temporary folder]",
        file_okay=False,
    ),
]


def demo(
    recording: From = None,
    serve: Annotated[bool, typer.Option("--serve", help="Leave the server up at the end, until Ctrl-C.")] = False,
    output: Output = None,
) -> None:
    """Record a sample shoot, replay it, and show what becomes of it. Takes a few seconds.

    A server starts on an empty ledger. Four writers, each on a connection of its own, record a ten-minute dance performance
    through it: cuts and holds, poses and stills, music, and post-production. Then its cut log is rebuilt and printed, and
    written for editing systems.

    Example: `ledger demo --serve -o my-demo`
    """
    imported = read(recording, _day_of(recording)) if recording else None
    folder = _folder(output)
    # Imported here: nothing else needs the exports, and the server has its own libraries to load meanwhile.
    from ledger.cli.demo_steps import import_recording, play_sample, show_timeline  # noqa: PLC0415
    from ledger.cli.program import fetch, settings_of, show, write  # noqa: PLC0415
    from ledger.cli.server import running_server  # noqa: PLC0415
    from ledger.domain.timecode import parse_rate  # noqa: PLC0415
    from ledger.exports import render  # noqa: PLC0415

    with stopping_on_sigterm(), ExitStack() as closing:
        say(f"Starting a server on an empty ledger in {folder / LEDGER}")
        server = closing.enter_context(running_server(folder / LEDGER))
        here = Place(folder / LEDGER, server.url)
        session_id = import_recording(server.url, imported) if imported else play_sample(server.url)
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
        _next_steps(here if serve else Place(folder / LEDGER), session_id, log.sequence)
        if serve:
            say(f"Serving {server.url} until Ctrl-C; the routes are described at {server.url}/docs")
            _wait(server.process)


def _folder(output: Path | None) -> Path:
    if output is None:
        return Path(tempfile.mkdtemp(prefix="ledger-demo-"))
    if (output / LEDGER).exists():
        raise DoorError(
            "conflict",
            f"{output / LEDGER} is there already, and the demo wants an empty ledger; name another folder with -o",
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


def _wait(process: Any) -> None:
    try:
        process.wait()
    except KeyboardInterrupt:
        aside().print("Stopped.")


def say(message: str) -> None:
    """What the demo is about to do, or has done."""
    aside().print(Text(f"\n{message}", style="bold green"))
