"""A witness: what a session comes to by the domain's own fold, as its ``as-of`` is answered, with no projection in between.

A projection that is wrong in the same way whenever it folds agrees with itself, and not with this.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, Connection, Table, select

from ledger.domain.as_of import SessionAsOf
from ledger.domain.entries import Entry
from ledger.domain.sessions import SessionStarted
from ledger.projections.assets import ASSETS
from ledger.projections.cameras import CAMERAS
from ledger.projections.director import DIRECTOR_EVENTS
from ledger.projections.drift import Drift
from ledger.projections.music import MUSIC_MOMENTS
from ledger.projections.sessions import SESSIONS
from ledger.projections.stills import STILLS

ENTRIES_MAX: Final = 10_000
"""Of a longer session it says nothing: it holds all of it in memory, some 3 KB an entry."""


class _Shown(NamedTuple):
    """Where a view has the documents of a session, and what they come to."""

    table: Table
    owner: Column[Any]
    key: Column[Any]
    documents: Callable[[SessionAsOf], Mapping[Any, str]]


def _documents(things: Mapping[Any, Any]) -> dict[Any, str]:
    return {key: thing.to_json() for key, thing in things.items()}


_n, _c, _d, _s, _m, _a = SESSIONS.c, CAMERAS.c, DIRECTOR_EVENTS.c, STILLS.c, MUSIC_MOMENTS.c, ASSETS.c
_VIEWS: Final = (
    _Shown(
        SESSIONS,
        _n.number,
        _n.created_at,
        lambda it: _documents({it.session.created_at: it.session} if it.session else {}),
    ),
    _Shown(CAMERAS, _c.session, _c.camera_id, lambda it: _documents(it.cameras)),
    _Shown(DIRECTOR_EVENTS, _d.session, _d.sequence, lambda it: it.director_events),
    _Shown(STILLS, _s.session, _s.sequence, lambda it: _documents(it.stills)),
    _Shown(MUSIC_MOMENTS, _m.session, _m.sequence, lambda it: it.music_moments),
    _Shown(ASSETS, _a.session, _a.sequence, lambda it: _documents(it.assets)),
)


class Witness:
    """Carries the entries of sessions, each in its order from the first; of other partitions it knows nothing."""

    def __init__(self) -> None:
        self._sessions: dict[str, SessionAsOf] = {}

    def carry(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.event.stored_as == SessionStarted.stored_as:
                self._sessions[entry.partition] = SessionAsOf()
            elif entry.sequence > ENTRIES_MAX:
                self._sessions.pop(entry.partition, None)
            if (session := self._sessions.get(entry.partition)) is not None:
                session.carry(entry)

    def drifts(self, views: Connection, numbers: Mapping[str, int], rest: Callable[[], None]) -> Iterator[Drift]:
        """What the views show else of the sessions; ``numbers`` are those that views know them by."""
        for partition, number in numbers.items():
            session = self._sessions.get(partition)
            for shown in _VIEWS if session is not None else ():
                assert session is not None, "it was looked up"
                if difference := _difference(shown, views, number, session):
                    yield Drift(shown.table.name, partition, difference)
                rest()


def _difference(view: _Shown, views: Connection, number: int, session: SessionAsOf) -> str | None:
    """The first document that is not what the session comes to."""
    rows = views.execute(select(view.key, view.table.c.document).where(view.owner == number))
    found: dict[Any, str] = {row[0]: row[1] for row in rows}
    wanted = view.documents(session)
    for key in sorted(found.keys() | wanted.keys()):
        if found.get(key) != wanted.get(key) and (how := _how(found.get(key), wanted.get(key))):
            return f"the row of {view.key.name} {key!r} {how} (by the domain's own fold of its events)"
    return None


def _how(found: str | None, wanted: str | None) -> str:
    """In what a document differs, apart from the order of its fields."""
    if found is None or wanted is None:
        return "is missing" if found is None else "should not be there"
    these, those = _parsed(found), json.loads(wanted)
    if not isinstance(these, dict):
        return "holds no document"
    fields = [name for name in sorted(these.keys() | those.keys()) if these.get(name) != those.get(name)]
    return f"differs in {', '.join(fields)}" if fields else ""


def _parsed(document: str) -> Any:
    try:
        return json.loads(document)
    except ValueError:
        return None
