"""The steps of the demo that speak to its server: play the sample shoot or import a recording, and look at the timeline."""

from contextlib import ExitStack
from secrets import token_hex
from threading import Lock
from typing import Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from ledger.cli.door import Door, DoorError, Place, open_door
from ledger.cli.import_atem import ACTOR, record
from ledger.cli.screens import aside, warn
from ledger.demo.player import Send, play
from ledger.demo.script import SESSION
from ledger.demo.shoot import sample_shoot
from ledger.imports.recording import Recording

_TIMED: Final = ("directorEvents", "stillCandidates", "musicMoments")
_HOUR_MS: Final = 3_600_000


def play_sample(server: Place) -> str:
    """Play the sample shoot through a server, each writer on a connection of its own, and answer the session's Id.

    Played again, it is another session.
    """
    shoot = sample_shoot()
    with ExitStack() as closing:
        send_as: dict[str, Send] = {}
        for writer in shoot.calls:
            door = closing.enter_context(open_door(server, "write", writer))
            send_as[writer] = door.tell
        aside().print(f"Four writers record {shoot.call_count} calls, about ten minutes of programme:")
        shown = closing.enter_context(_bars())
        lock = Lock()
        tasks: dict[str, TaskID] = {w: shown.add_task(f"  {w}", total=len(calls)) for w, calls in shoot.calls.items()}

        def progressed(writer: str) -> None:
            with lock:
                shown.advance(tasks[writer])

        stage = play(shoot, send_as, progressed, key=f"sample-{token_hex(4)}")
    return stage.id_of(SESSION)


def import_recording(server: Place, recording: Recording) -> str:
    """Import a recording through a server, and answer the session's Id."""
    with open_door(server, "write", ACTOR) as door:
        return record(door, recording, "The recording")


def show_timeline(door: Door, session_id: str) -> None:
    """Ask for the whole timeline, and say whether it is one coherent snapshot. Raises DoorError where it is not."""
    session = door.ask("production:getProductionSession", {"sessionId": session_id})
    window = {
        "windowStartMs": max(0, session["startedAt"] - _HOUR_MS),
        "windowEndMs": session["startedAt"] + 24 * _HOUR_MS,
    }
    timeline = door.ask("production:getProductionTimeline", {"sessionId": session_id, **window})
    incoherent = list(incoherences(timeline, session_id))
    if incoherent:
        raise DoorError("internal", f"the timeline is not coherent: {'; '.join(incoherent)}")
    counts = [(len(timeline["cameras"]), "cameras"), *((len(timeline[name]), _words(name)) for name in _TIMED)]
    told = ", ".join(f"{number} {what}" for number, what in counts)
    aside().print(Text(f"\nThe timeline answers in one coherent snapshot: {told}.", style="bold green"))
    if timeline.get("truncated"):
        warn("the timeline shows the first 10,000 of each")


def incoherences(timeline: dict[str, Any], session_id: str) -> list[str]:
    """What does not fit together in a whole timeline."""
    found = []
    if timeline["session"]["_id"] != session_id:
        found.append("it is of another session")
    for name in _TIMED:
        times = [document["timestampMs"] for document in timeline[name]]
        if times != sorted(times):
            found.append(f"{name} are not in time order")
        if any(document["sessionId"] != session_id for document in timeline[name]):
            found.append(f"{name} hold another session's")
    events = {event["_id"] for event in timeline["directorEvents"]}
    orphans = [
        still
        for still in timeline["stillCandidates"]
        if still.get("sourceEventId", next(iter(events), None)) not in events
    ]
    if orphans and not timeline.get("truncated"):
        found.append(f"{len(orphans)} stills come of events that are not there")
    return found


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=aside())


def _words(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
