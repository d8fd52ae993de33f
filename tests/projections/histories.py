"""Histories of two sessions in which everything happens, in any order that may happen."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from hypothesis import strategies as st

from ledger.domain.as_of import SessionAsOf
from ledger.domain.assets import AssetRegistered
from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.domain.director import DirectorEventChanges, DirectorEventCorrected, DirectorEventRecorded
from ledger.domain.entries import Entry, Event
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.sessions import SessionEnded, SessionReopened, SessionStarted, SessionStatusMoved, SessionUpdated
from ledger.domain.stills import (
    StillDeselected,
    StillFavourited,
    StillRecorded,
    StillSelected,
    StillUnfavourited,
    StillUpdated,
)

Told = tuple[str, Event]
STARTED: Final = SessionStarted(session_type="music_demo", status="setup", timestamp_ms=5)
_FACTS: Final[Sequence[Event]] = (
    SessionUpdated(title="Two", metadata={"a": None}),
    SessionUpdated(unset=("title",)),
    SessionStatusMoved(status="rolling"),
    SessionEnded(status="complete", timestamp_ms=9),
    SessionReopened(reason="encore"),
    DirectorEventRecorded(timestamp_ms=2, event_type="cut", camera_id="a", score=0.5),
    DirectorEventRecorded(timestamp_ms=1.5, event_type="hold", metadata=[None, "é"]),
    MusicMomentRecorded(timestamp_ms=3, section="drop"),
    StillRecorded(camera_id="a", timestamp_ms=2, score=1),
    StillRecorded(camera_id="b", timestamp_ms=1, score=0.5, is_favorite=True),
    AssetRegistered(asset_type="clip", path="c.mov"),
)
_CAMERA_CHANGES: Final[Sequence[dict[str, Any]]] = ({"role": "wide"}, {"is_active": False}, {"unset": ("metadata",)})
_CORRECTIONS: Final[Sequence[dict[str, Any]]] = (
    {"timestamp_ms": 9},
    {"void": True},
    {"camera_id": "b", "unset": ("score",)},
    {"event_type": "release"},
)
_STILL_CHANGES: Final = (StillFavourited, StillUnfavourited, StillSelected, StillDeselected)


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """Events with their sessions, in the order in which they are recorded."""
    told: list[Told] = [("s1", STARTED), ("s2", STARTED)]
    of_session: dict[str, list[Event]] = defaultdict(list, {"s1": [STARTED], "s2": [STARTED]})
    for _ in range(draw(st.integers(0, 25))):
        session = draw(st.sampled_from(["s1", "s2"]))
        event = draw(_next(of_session[session]))
        of_session[session].append(event)
        told.append((session, event))
    return told


def _next(before: list[Event]) -> st.SearchStrategy[Event]:
    """What may happen next in a session."""
    cuts = [at for at, event in enumerate(before, 1) if isinstance(event, DirectorEventRecorded)]
    frames = [at for at, event in enumerate(before, 1) if isinstance(event, StillRecorded)]
    known = {event.camera_id for event in before if isinstance(event, CameraRegistered)}
    may: list[st.SearchStrategy[Event]] = [st.sampled_from(_FACTS)]
    if {"a", "b"} - known:
        may.append(st.sampled_from(sorted({"a", "b"} - known)).map(_registered))
    if known:
        may.append(st.builds(_changed, st.sampled_from(sorted(known)), st.sampled_from(_CAMERA_CHANGES)))
    if cuts:
        may.append(st.builds(_corrected, st.sampled_from(cuts), st.sampled_from(_CORRECTIONS)))
    if frames:
        may.append(st.builds(lambda kind, at: kind(still=at), st.sampled_from(_STILL_CHANGES), st.sampled_from(frames)))
        may.append(st.sampled_from(frames).map(lambda at: StillUpdated(still=at, score=0.25)))
    return st.one_of(may)


def _registered(camera_id: str) -> Event:
    return CameraRegistered(
        camera_id=camera_id, source_type="iphone", role="hero", priority_weight=1, is_active=True, metadata=0
    )


def _changed(camera_id: str, changes: dict[str, Any]) -> Event:
    return CameraUpdated(camera_id=camera_id, **changes)


def _corrected(corrects: int, changes: dict[str, Any]) -> Event:
    return DirectorEventCorrected(corrects=corrects, changes=DirectorEventChanges(**changes), reason="slip")


def folded(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """The documents of every view, folded in memory by the domain alone."""
    of_session: dict[str, SessionAsOf] = defaultdict(SessionAsOf)
    for entry in entries:
        of_session[entry.partition].carry(entry)
    found: dict[str, list[str]] = defaultdict(list)
    for session in of_session.values():
        found["sessions"] += [session.session.to_json()] if session.session else []
        found["director_events"] += session.director_events.values()
        found["music_moments"] += session.music_moments.values()
        for name, things in (("cameras", session.cameras), ("stills", session.stills), ("assets", session.assets)):
            found[name] += [thing.to_json() for thing in things.values()]
    return found
