"""A session as of a point in its history: what its entries up to there amount to, and nothing that came later.

Folded in memory by the nouns' own rules, with no view in between: what the views show at that point must be the same.
"""

from collections.abc import Callable, Iterable
from heapq import nlargest
from typing import Any, ClassVar

from ledger.domain import assets, cameras, director, sessions, stills
from ledger.domain.assets import Asset, AssetRegistered
from ledger.domain.cameras import Camera, CameraRegistered, CameraUpdated
from ledger.domain.director import DirectorEvent, DirectorEventCorrected, DirectorEventRecorded
from ledger.domain.documents import recorded_document
from ledger.domain.entries import Entry
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.sessions import Session
from ledger.domain.stills import Still, StillRecorded
from ledger.domain.timeline import Timeline
from ledger.domain.values import Number


class SessionAsOf:
    """Grows entry by entry, in sequence order from the first. Entries in outline will do: documents come from stored bodies."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.cameras: dict[str, Camera] = {}
        self.stills: dict[int, Still] = {}
        self.assets: dict[int, Asset] = {}
        self._decisions: dict[int, Entry] = {}
        self._corrected: dict[int, DirectorEvent] = {}
        self._moments: dict[int, Entry] = {}

    def carry(self, entry: Entry) -> None:
        self._carriers[entry.event.stored_as](self, entry, entry.event)

    @property
    def director_events(self) -> dict[int, str]:
        """The documents by sequence, as corrected, the voided ones included."""
        return {sequence: self._decision(sequence) for sequence in self._decisions}

    @property
    def music_moments(self) -> dict[int, str]:
        """The documents by sequence."""
        return {sequence: recorded_document(entry, "music") for sequence, entry in self._moments.items()}

    def decisions(self, *event_types: str) -> list[DirectorEvent]:
        """The director events of these types, as corrected and without the voided ones, by time and then sequence."""
        found = []
        for sequence, entry in self._decisions.items():
            decision = self._corrected.get(sequence)
            if decision is None and _said(entry).event_type in event_types:
                found.append((_said(entry).timestamp_ms, sequence, director.recorded(entry)))
            elif decision is not None and decision.event_type in event_types and not decision.void:
                found.append((decision.timestamp_ms, sequence, decision))
        return [decision for *_, decision in sorted(found, key=lambda place: place[:2])]

    def sections(self) -> list[tuple[Number, int, str]]:
        """Where music moments name their section: when, at which sequence, and which."""
        told = ((_said(entry), sequence) for sequence, entry in self._moments.items())
        return [(moment.timestamp_ms, sequence, moment.section) for moment, sequence in told if moment.section]

    def timeline(self, newest: int) -> Timeline:
        """So many of each, the newest by their own time, in its order; every camera."""
        decided = [
            (timestamp_ms, sequence)
            for sequence, entry in self._decisions.items()
            if (timestamp_ms := self._time_of(sequence, entry)) is not None
        ]
        frames = [(still.timestamp_ms, sequence) for sequence, still in self.stills.items()]
        played = [(_said(entry).timestamp_ms, sequence) for sequence, entry in self._moments.items()]
        return Timeline(
            session=self.session.to_json() if self.session else None,
            cameras=[camera.to_json() for _, camera in sorted(self.cameras.items())],
            timed={
                "directorEvents": [self._decision(sequence) for sequence in _newest(decided, newest)],
                "stillCandidates": [self.stills[sequence].to_json() for sequence in _newest(frames, newest)],
                "musicMoments": [
                    recorded_document(self._moments[sequence], "music") for sequence in _newest(played, newest)
                ],
            },
        )

    def _time_of(self, sequence: int, entry: Entry) -> float | None:
        """When a decision was made; None for one that was voided."""
        decision = self._corrected.get(sequence)
        if decision is None:
            timestamp_ms: float = _said(entry).timestamp_ms
            return timestamp_ms
        return None if decision.void else decision.timestamp_ms

    def _decision(self, sequence: int) -> str:
        decision = self._corrected.get(sequence)
        return decision.to_json() if decision else recorded_document(self._decisions[sequence], "event")

    def _session_changed(self, entry: Entry, _: Any) -> None:
        self.session = sessions.evolve(self.session, entry)

    def _camera_changed(self, entry: Entry, event: CameraRegistered | CameraUpdated) -> None:
        self.cameras[event.camera_id] = cameras.evolve(self.cameras.get(event.camera_id), entry)

    def _decided(self, entry: Entry, _: Any) -> None:
        self._decisions[entry.sequence] = entry

    def _correct(self, entry: Entry, event: DirectorEventCorrected) -> None:
        decision = self._corrected.get(event.corrects) or director.recorded(self._decisions[event.corrects])
        self._corrected[event.corrects] = director.corrected(decision, entry)

    def _still_recorded(self, entry: Entry, _: Any) -> None:
        self.stills[entry.sequence] = stills.evolve(None, entry)

    def _still_changed(self, entry: Entry, event: Any) -> None:
        self.stills[event.still] = stills.evolve(self.stills[event.still], entry)

    def _music_played(self, entry: Entry, _: Any) -> None:
        self._moments[entry.sequence] = entry

    def _asset_registered(self, entry: Entry, _: Any) -> None:
        self.assets[entry.sequence] = assets.evolve(None, entry)

    _kinds: ClassVar[tuple[tuple[tuple[Any, ...], Callable[["SessionAsOf", Entry, Any], None]], ...]] = (
        (sessions.EVENTS, _session_changed),
        ((CameraRegistered, CameraUpdated), _camera_changed),
        ((DirectorEventRecorded,), _decided),
        ((DirectorEventCorrected,), _correct),
        ((StillRecorded,), _still_recorded),
        (stills.CHANGES, _still_changed),
        ((MusicMomentRecorded,), _music_played),
        ((AssetRegistered,), _asset_registered),
    )
    _carriers: ClassVar = {event_type.stored_as: carrier for types, carrier in _kinds for event_type in types}
    """Of the class: a session that held methods of its own would wait for the collector, with every entry that it has."""


def as_of(entries: Iterable[Entry]) -> SessionAsOf:
    """One session, from its entries in sequence order up to the point that is meant."""
    session = SessionAsOf()
    for entry in entries:
        session.carry(entry)
    return session


def _said(entry: Entry) -> Any:
    return entry.event


def _newest(places: Iterable[tuple[float, int]], count: int) -> list[int]:
    """The sequences of the last ``count`` places, given by time and then sequence, in their order."""
    return [sequence for _, sequence in reversed(nlargest(count, places))]
