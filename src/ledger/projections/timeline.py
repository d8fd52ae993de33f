"""The timeline: session, cameras, decisions, stills and music, read together as one coherent snapshot."""

from typing import Final

from sqlalchemy import Connection

from ledger.domain.timeline import Timeline
from ledger.projections import cameras, director, music, sessions, stills
from ledger.projections.projection import ANSWER_LENGTH_DEFAULT, ANSWER_LENGTH_MAX

_TIMED: Final = {
    "directorEvents": director.TIMED,
    "stillCandidates": stills.TIMED,
    "musicMoments": music.TIMED,
}


def newest(connection: Connection, session_id: str, count: int = ANSWER_LENGTH_DEFAULT) -> Timeline:
    """The newest of each kind, so many."""
    timed = {name: view.newest(connection, session_id, count) for name, view in _TIMED.items()}
    return Timeline(sessions.get(connection, session_id), cameras.list_all(connection, session_id), timed)


def window(connection: Connection, session_id: str, start_ms: float | None, end_ms: float | None) -> Timeline:
    """Everything inside a window that includes both its ends, at most ANSWER_LENGTH_MAX of each kind, the earliest."""
    timed: dict[str, list[str]] = {}
    truncated = False
    for name, view in _TIMED.items():
        found = view.window(connection, session_id, start_ms, end_ms, ANSWER_LENGTH_MAX + 1)
        truncated |= len(found) > ANSWER_LENGTH_MAX
        timed[name] = found[:ANSWER_LENGTH_MAX]
    return Timeline(sessions.get(connection, session_id), cameras.list_all(connection, session_id), timed, truncated)
