"""The timeline: session, cameras, decisions, stills and music, read together as one coherent snapshot."""

from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger.projections import cameras, director, music, stills
from ledger.projections.projection import ANSWER_LENGTH_DEFAULT, ANSWER_LENGTH_MAX

_TIMED: Final = {
    "directorEvents": director.TIMED,
    "stillCandidates": stills.TIMED,
    "musicMoments": music.TIMED,
}


class Timeline(NamedTuple):
    """Documents of each kind in time order; ``truncated`` where a window holds more than is answered with."""

    cameras: list[str]
    timed: dict[str, list[str]]
    truncated: bool


def newest(connection: Connection, session_id: str) -> Timeline:
    """The newest hundred of each kind."""
    timed = {name: view.newest(connection, session_id, ANSWER_LENGTH_DEFAULT) for name, view in _TIMED.items()}
    return Timeline(cameras.list_all(connection, session_id), timed, truncated=False)


def window(connection: Connection, session_id: str, start_ms: float | None, end_ms: float | None) -> Timeline:
    """Everything inside a window that includes both its ends, at most ANSWER_LENGTH_MAX of each kind, the earliest."""
    timed: dict[str, list[str]] = {}
    truncated = False
    for name, view in _TIMED.items():
        found = view.window(connection, session_id, start_ms, end_ms, ANSWER_LENGTH_MAX + 1)
        truncated |= len(found) > ANSWER_LENGTH_MAX
        timed[name] = found[:ANSWER_LENGTH_MAX]
    return Timeline(cameras.list_all(connection, session_id), timed, truncated)
