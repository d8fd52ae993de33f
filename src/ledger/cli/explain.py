"""``ledger explain``: one decision of the director, told as somebody would tell it."""

from collections.abc import Iterator
from typing import Any, Final

from rich.text import Text

from ledger.cli.choice import chosen
from ledger.cli.door import open_door
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Session, Url, place
from ledger.cli.points import Event, event_id
from ledger.cli.screens import console, lag, moment, print_json, time_of_day

_MARKERS_TOLD_MAX: Final = 6
_NOT_RUNNING: Final = {
    "not_begun": "before the program began",
    "paused": "while the program was paused",
    "ended": "after the program had ended",
}


def explain(
    session: Session,
    event: Event,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    as_json: AsJson = False,
) -> None:
    """Explain a decision: what was in force, on air and held, what led up to it, what it did, and who recorded it when.

    For a cut as for any other event of the director. Times are UTC.

    Example: `ledger explain latest 412`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        session_id = chosen(door, session)["_id"]
        told = door.ask("production:explainCut", {"sessionId": session_id, "eventId": event_id(session_id, event)})
    if as_json:
        print_json(told)
        return
    screen = console()
    for sentence in sentences(told):
        screen.print(Text(sentence), soft_wrap=True)


def sentences(told: dict[str, Any]) -> Iterator[str]:
    """An explanation, as the contract answers it, in words."""
    yield _what(told)
    yield f"In force: {_in_force(told['context'])}."
    if "contextAfter" in told:
        yield f"From then on: {_in_force(told['contextAfter'])}."
    yield f"Active cameras: {', '.join(told['activeCameras']) or 'none'}."
    held = [f"{_camera(hold['cameraId'])} since {time_of_day(hold['inMs'])}{_by(hold)}" for hold in told["openHolds"]]
    yield f"Held: {', '.join(held) or 'nothing'}."
    yield f"In the 10 s before: {_markers(told)}."
    yield from _outcome(told)
    yield from _record(told)


def _what(told: dict[str, Any]) -> str:
    event = told["event"]
    camera = event.get("cameraId")
    match event["eventType"]:
        case "cut" if told["program"] == "running" and told["onAir"] is not None:
            what = f"the director cut from {told['onAir']} to {_camera(camera)}"
        case "cut":
            what = f"the director cut to {_camera(camera)}"
        case "hold" | "release" as kind:
            what = f"the director {'held' if kind == 'hold' else 'released'} {camera or 'the camera'}"
        case kind:
            what = kind.replace("_", " ") + (f" on {camera}" if camera else "")
    circumstance = _NOT_RUNNING.get(told["program"])
    told_more = [
        f", {circumstance}" if circumstance else "",
        f", because: {event['reason']}" if event.get("reason") else "",
        f", score {event['score']}" if event.get("score") is not None else "",
    ]
    voided = "Voided, it never happened: at" if event.get("void") else "At"
    return f"{voided} {time_of_day(event['timestampMs'])} {what}{''.join(told_more)}."


def _in_force(context: dict[str, Any]) -> str:
    priorities = ", ".join(f"{camera} {weight}" for camera, weight in context["priorities"].items())
    parts = [
        f"mode {context['mode']}" if context["mode"] else "",
        f"section {context['section']}" if context["section"] else "",
        f"{context['tempo']} bpm" if context["tempo"] is not None else "",
        f"priorities {priorities}" if priorities else "",
    ]
    return ", ".join(part for part in parts if part) or "nothing"


def _markers(told: dict[str, Any]) -> str:
    """The last of each kind, with how long before, and how many there were."""
    last: dict[str, dict[str, Any]] = {}
    counts: dict[str, int] = {}
    for marker in told["markers"]:
        kind = marker["eventType"].replace("_", " ") + (f" on {marker['cameraId']}" if "cameraId" in marker else "")
        last[kind], counts[kind] = marker, counts.get(kind, 0) + 1
    parts = []
    for kind, marker in sorted(last.items(), key=lambda item: -item[1]["timestampMs"]):
        before = (told["event"]["timestampMs"] - marker["timestampMs"]) / 1000
        score = f" ({marker['score']})" if "score" in marker else ""
        parts.append(f"{kind}{score} {before:.3f} s before" + (f", {counts[kind]} in all" if counts[kind] > 1 else ""))
    left_out = len(parts) - _MARKERS_TOLD_MAX
    return "; ".join(parts[:_MARKERS_TOLD_MAX]) + (f"; and {left_out} more" if left_out > 0 else "") or "no marker"


def _outcome(told: dict[str, Any]) -> Iterator[str]:
    segment = told.get("segment")
    if segment is not None:
        length = (segment["outMs"] - segment["inMs"]) / 1000
        span = f"from {time_of_day(segment['inMs'])} to {time_of_day(segment['outMs'])}, {length:.3f} s"
        flags = f" ({', '.join(segment['flags'])})" if segment["flags"] else ""
        camera = segment["cameraId"]
        yield (f"It put {camera} on air" if camera else "It left a gap") + f" {span}{flags}."
    elif told["event"]["eventType"] == "cut":
        yield "It is no edit of the program."
    for hold in told["holds"]:
        status = hold["status"].replace("_", " ")
        span = f"{time_of_day(hold['inMs'])} to {time_of_day(hold['outMs'])}"
        yield f"The hold {hold['holdId']} on {_camera(hold['cameraId'])}, {span}: {status}."
    for odd in told["audit"]:
        yield f"Odd: {odd['kind'].replace('_', ' ')}: {odd['note'].removeprefix(odd['kind'] + ': ')}."


def _record(told: dict[str, Any]) -> Iterator[str]:
    recorded, shown = told["recorded"], told.get("original") or told["event"]
    yield (
        f"Recorded by {recorded['actor']} as entry {recorded['sequence']} at {moment(recorded['recordedAt'])}, "
        f"{lag(recorded['recordedAt'] - shown['timestampMs'])} from its own time."
    )
    if "original" in told:
        original = told["original"]
        words = [f"{original['eventType'].replace('_', ' ')} at {time_of_day(original['timestampMs'])}"]
        words += [f"{name} {original[name]}" for name in ("cameraId", "score", "reason") if name in original]
        yield f"It was first recorded as: {', '.join(words)}."
    for correction in told["corrections"]:
        changes = correction["changes"]
        said = ["it never happened"] if changes.get("void") else []
        said += [f"{name} {value}" for name, value in changes.items() if name not in ("void", "unset")]
        said += [f"no {name}" for name in changes.get("unset", ())]
        yield (
            f"Corrected by {correction['actor']} as entry {correction['sequence']} at {moment(correction['recordedAt'])}: "
            f"{', '.join(said)}; because: {correction['reason']}."
        )


def _camera(camera_id: str | None) -> str:
    return camera_id or "no camera"


def _by(hold: dict[str, Any]) -> str:
    return f" by {hold['heldBy']}" if "heldBy" in hold else ""
