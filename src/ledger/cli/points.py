"""Places in a session's history, as somebody types them: a sequence or a recorded time, an event by its Id or sequence."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ledger.domain.ids import make_id

At = Annotated[
    str | None,
    typer.Option(
        metavar="SEQUENCE", help="As it was at this sequence, or at this recorded time (2026-03-14T19:42:00Z)."
    ),
]
Event = Annotated[
    str,
    typer.Argument(
        metavar="EVENT", help="An event's Id, or its sequence as `ledger tail` shows it.", show_default=False
    ),
]


def point(text: str | None, option: str = "--at", prefix: str = "at") -> dict[str, float]:
    """The arguments (``atSequence`` or ``atMs``) that name a point which somebody typed; none for no text."""
    if text is None:
        return {}
    if text.isdecimal():
        return {f"{prefix}Sequence": int(text)}
    moment = _moment(text)
    if moment is None:
        message = f"{option}: {text!r} is neither a sequence, like 120, nor a time, like 2026-03-14T19:42:00Z"
        raise typer.BadParameter(message)
    return {f"{prefix}Ms": moment}


def time_ms(text: str, option: str = "--at-ms") -> float:
    """A time that somebody typed, in milliseconds since the epoch or as a date and time, as the former."""
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        moment = _moment(text)
    if moment is None:
        message = (
            f"{option}: {text!r} is neither milliseconds, like 1773516610000, nor a time, like 2026-03-14T19:42:00Z"
        )
        raise typer.BadParameter(message)
    return moment


def event_id(session_id: str, text: str) -> str:
    """The Id of the director event that somebody typed."""
    return make_id(session_id, "event", int(text)) if text.isdecimal() else text


def _moment(text: str) -> float | None:
    """A date and time in milliseconds; UTC unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp() * 1000
