"""``ledger correct``: what a director event should have said, or that it never happened."""

import json
from typing import Annotated, Any
from uuid import uuid4

import typer

from ledger.cli.choice import chosen
from ledger.cli.door import ACTOR, open_door
from ledger.cli.explain import sentences
from ledger.cli.options import Data, Database, Key, Session, Url, place
from ledger.cli.points import Event, event_id, time_ms
from ledger.cli.screens import aside, print_json

Reason = Annotated[str, typer.Option(metavar="WHY", help="Why it is corrected; kept with the correction.")]
Camera = Annotated[str | None, typer.Option(metavar="CAMERA", help="The camera it should have named.")]
AtMs = Annotated[
    str | None,
    typer.Option(metavar="MS", help="When it really was: milliseconds since the epoch, or 2026-03-14T19:42:00.5Z."),
]
Type = Annotated[str | None, typer.Option("--type", metavar="TYPE", help="What it really was: `cut`, say.")]
Score = Annotated[float | None, typer.Option(metavar="SCORE", help="The score it should have had.")]
EventReason = Annotated[str | None, typer.Option(metavar="TEXT", help="The reason that the event itself should give.")]
Metadata = Annotated[str | None, typer.Option(metavar="JSON", help="The metadata it should have carried.")]
Unset = Annotated[
    list[str] | None,
    typer.Option(metavar="FIELD", help="A field it should not have: cameraId, reason, score, metadata. Repeatable."),
]
Void = Annotated[bool, typer.Option("--void", help="It never happened.")]
Actor = Annotated[
    str, typer.Option(metavar="NAME", help="Who corrects; kept with the correction. With a key, its name is.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the event as it counts now.")]


def correct(
    session: Session,
    event: Event,
    reason: Reason,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    camera: Camera = None,
    at_ms: AtMs = None,
    kind: Type = None,
    score: Score = None,
    event_reason: EventReason = None,
    metadata: Metadata = None,
    unset: Unset = None,
    void: Void = False,
    actor: Actor = ACTOR,
    as_json: AsJson = False,
) -> None:
    """Correct a director event, or void it. Nothing is overwritten: the original stays in the history.

    Views, as-of and the cut log count the event as its latest correction says, from the correction on. Prints the correction's Id,
    and on stderr what the event says now.

    Example: `ledger correct latest 412 --camera close --reason "the button stuck"`
    """
    wanted: dict[str, Any] = {"cameraId": camera, "eventType": kind, "score": score, "reason": event_reason}
    wanted["timestampMs"] = time_ms(at_ms) if at_ms is not None else None
    wanted["metadata"] = _json(metadata) if metadata is not None else None
    wanted |= {"unset": unset or None, "void": void or None}
    changes = {name: value for name, value in wanted.items() if value is not None}
    if not changes:
        raise typer.BadParameter(
            "say what is wrong: --camera, --at-ms, --type, --score, --unset, or --void for all of it"
        )
    with open_door(place(data, database, url, key), "write", actor) as door:
        session_id = chosen(door, session)["_id"]
        about = {"sessionId": session_id, "eventId": event_id(session_id, event)}
        correction = door.tell(
            "production:correctDirectorEvent", {**about, "changes": changes, "reason": reason}, str(uuid4())
        )
        explained = door.ask("production:explainCut", about)
    if as_json:
        print_json(explained["event"])
        return
    typer.echo(correction)
    for sentence in sentences(explained):
        aside().print(sentence, markup=False)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as failure:
        raise typer.BadParameter(f"--metadata: is not JSON: {failure}") from None
