"""A session's history, written down as its writers would record it, for tests that replay one."""

from collections.abc import Iterable
from typing import Any, Literal, Self

from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.domain.director import DirectorEventChanges, DirectorEventCorrected, DirectorEventRecorded
from ledger.domain.entries import Entry, Event
from ledger.domain.ids import Kind, make_id
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.sessions import SessionEnded, SessionReopened, SessionStarted, SessionStatusMoved, SessionUpdated
from ledger.domain.stills import StillRecorded
from ledger.domain.values import Number

SESSION = "s0shoot"
RECORDED_AT = 1_700_000_000_000


class Recording:
    """Each call is one more entry: the next sequence, a second later. ``called`` names an entry, so that tests can."""

    def __init__(self, session_id: str = SESSION, actor: str = "multicam") -> None:
        self.session_id = session_id
        self.actor = actor
        self.entries: list[Entry] = []
        self._called: dict[str, int] = {}

    @property
    def sequence(self) -> int:
        return len(self.entries)

    def sequence_of(self, called: str) -> int:
        return self._called[called]

    def id_of(self, called: str, kind: Kind = "event") -> str:
        return make_id(self.session_id, kind, self._called[called])

    def name_of(self, event_id: str | None) -> str | None:
        """What the entry behind an Id is called in this recording."""
        names = {f"{self.session_id}-{letter}{at}": name for name, at in self._called.items() for letter in "cekma"}
        return names.get(event_id or "")

    def record(self, event: Event, called: str | None = None, actor: str | None = None) -> Self:
        sequence = self.sequence + 1
        body = event.model_dump_json(by_alias=True, exclude_none=True)
        self.entries.append(
            Entry(
                partition=self.session_id,
                sequence=sequence,
                recorded_at=RECORDED_AT + 1000 * sequence,
                actor=actor or self.actor,
                key=None,
                entity=event.entity(sequence),
                event=event,
                body=body,
            )
        )
        if called is not None:
            self._called[called] = sequence
        return self

    def record_all(self, events: Iterable[Event]) -> Self:
        for event in events:
            self.record(event)
        return self

    def started(
        self,
        at: Number | None = None,
        status: Literal["setup", "rolling"] = "setup",
        called: str | None = None,
        **details: Any,
    ) -> Self:
        event = SessionStarted(session_type="photoshoot_performance", status=status, timestamp_ms=at, **details)
        return self.record(event, called)

    def updated(self, at: Number | None = None, called: str | None = None, **details: Any) -> Self:
        return self.record(SessionUpdated(timestamp_ms=at, **details), called)

    def rolling(self, at: Number | None = None, called: str | None = None) -> Self:
        return self.record(SessionStatusMoved(status="rolling", timestamp_ms=at), called)

    def paused(self, at: Number | None = None, called: str | None = None) -> Self:
        return self.record(SessionStatusMoved(status="paused", timestamp_ms=at), called)

    def ended(self, at: Number | None = None, called: str | None = None) -> Self:
        return self.record(SessionEnded(status="complete", timestamp_ms=at), called)

    def reopened(self, called: str | None = None) -> Self:
        return self.record(SessionReopened(reason="one more take"), called)

    def cameras(self, *camera_ids: str) -> Self:
        for camera_id in camera_ids:
            self.camera(camera_id)
        return self

    def camera(
        self,
        camera_id: str,
        at: Number | None = None,
        *,
        active: bool = True,
        weight: Number = 1,
        called: str | None = None,
    ) -> Self:
        event = CameraRegistered(
            camera_id=camera_id,
            timestamp_ms=at,
            source_type="iphone",
            role="hero",
            priority_weight=weight,
            is_active=active,
        )
        if called is None and f"camera {camera_id}" not in self._called:
            called = f"camera {camera_id}"
        return self.record(event, called)

    def camera_changed(
        self, camera_id: str, at: Number | None = None, called: str | None = None, **changes: Any
    ) -> Self:
        return self.record(CameraUpdated(camera_id=camera_id, timestamp_ms=at, **changes), called)

    def camera_lost(self, camera_id: str, at: Number | None = None, called: str | None = None) -> Self:
        return self.camera_changed(camera_id, at, called, is_active=False)

    def decided(
        self, event_type: str, at: Number, camera: str | None = None, called: str | None = None, **facts: Any
    ) -> Self:
        """A director event of any type."""
        event = DirectorEventRecorded(event_type=event_type, timestamp_ms=at, camera_id=camera, **facts)
        return self.record(event, called)

    def cut(self, camera: str | None, at: Number, called: str | None = None, **facts: Any) -> Self:
        return self.decided("cut", at, camera, called, **facts)

    def hold(
        self, at: Number, camera: str | None = None, hold_id: str | None = None, called: str | None = None
    ) -> Self:
        return self.decided("hold", at, camera, called, metadata=hold_id and {"holdId": hold_id})

    def release(
        self, at: Number, camera: str | None = None, hold_id: str | None = None, called: str | None = None
    ) -> Self:
        return self.decided("release", at, camera, called, metadata=hold_id and {"holdId": hold_id})

    def corrected(self, corrects: str, called: str | None = None, **changes: Any) -> Self:
        """Corrects the event that was called so."""
        return self.correct(self.sequence_of(corrects), called, **changes)

    def correct(self, sequence: int, called: str | None = None, **changes: Any) -> Self:
        wanted = DirectorEventChanges(**changes)
        event = DirectorEventCorrected(corrects=sequence, changes=wanted, reason="a slip of the hand")
        return self.record(event, called)

    def voided(self, corrects: str) -> Self:
        return self.corrected(corrects, void=True)

    def music(self, at: Number, called: str | None = None, **facts: Any) -> Self:
        return self.record(MusicMomentRecorded(timestamp_ms=at, **facts), called)

    def still(self, camera: str, at: Number, called: str | None = None, score: Number = 0.5) -> Self:
        return self.record(StillRecorded(camera_id=camera, timestamp_ms=at, score=score), called)
