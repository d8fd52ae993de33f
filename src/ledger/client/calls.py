"""The writes of the contract as typed calls, the same for programs that wait and for those that await.

A call answers with what the fact is called from now on: an Id where one is known already, else a reference that later calls of the
same writer may give wherever an Id is asked for. Times are milliseconds since the epoch by the device's clock; without one, now.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Generic, Literal, TypedDict, TypeVar, Unpack

from pydantic.alias_generators import to_camel

Told = TypeVar("Told")
"""What a call answers with: a text, or a text to be awaited."""


class SessionDetails(TypedDict, total=False):
    title: str | None
    notes: str | None
    director_mode: str | None
    music_mode: str | None
    project_slug: str | None
    timestamp_ms: float | None
    metadata: Any


class SessionStart(SessionDetails, total=False):
    status: Literal["setup", "rolling"] | None


class SessionUpdate(SessionDetails, total=False):
    session_type: str | None
    status: Literal["setup", "rolling", "paused", "complete", "cancelled"] | None
    unset: Sequence[str] | None


class SessionEnd(TypedDict, total=False):
    status: Literal["complete", "cancelled"] | None
    notes: str | None
    timestamp_ms: float | None


class CameraDetails(TypedDict, total=False):
    device_name: str | None
    position_hint: str | None
    is_wide_fallback: bool | None
    timestamp_ms: float | None
    metadata: Any
    unset: Sequence[str] | None


class CameraState(TypedDict, total=False):
    is_active: bool | None
    role: str | None
    priority_weight: float | None
    timestamp_ms: float | None
    metadata: Any


class Marker(TypedDict, total=False):
    camera_id: str | None
    reason: str | None
    score: float | None
    timestamp_ms: float | None
    metadata: Any


class StillDetails(TypedDict, total=False):
    image_path: str | None
    pose_label: str | None
    source_event_id: str | None
    is_favorite: bool | None
    selected_for_edit: bool | None
    timestamp_ms: float | None
    metadata: Any


class StillUpdate(TypedDict, total=False):
    score: float | None
    image_path: str | None
    pose_label: str | None
    is_favorite: bool | None
    selected_for_edit: bool | None
    metadata: Any
    unset: Sequence[str] | None


class MusicMoment(TypedDict, total=False):
    section: str | None
    tempo: float | None
    confidence: float | None
    phase: float | None
    energy: float | None
    motion_signature: str | None
    audio_snapshot: Any
    timestamp_ms: float | None
    metadata: Any


class AssetDetails(TypedDict, total=False):
    source: str | None
    status: str | None
    metadata: Any


class Calls(ABC, Generic[Told]):
    """One method for each write. They raise Invalid at once for a wrong argument, naming the field and the rule."""

    @abstractmethod
    def call(self, function: str, arguments: Mapping[str, Any]) -> Told:
        """Record a call by its name in the contract, its arguments as JSON has them."""

    def start_session(self, session_type: str, **details: Unpack[SessionStart]) -> Told:
        """Begin a session. What is answered can be used as its Id at once."""
        return self.call("startProductionSession", _stated(details, session_type=session_type))

    def update_session(self, session_id: str, **changes: Unpack[SessionUpdate]) -> Told:
        """Patch a session, or move its status; the fields in ``unset`` are cleared."""
        return self.call("updateProductionSession", _stated(changes, session_id=session_id))

    def complete_session(self, session_id: str, **end: Unpack[SessionEnd]) -> Told:
        """End a session as complete, unless it says ``status="cancelled"``."""
        return self.call("completeProductionSession", _stated(end, session_id=session_id))

    def reopen_session(self, session_id: str, *, reason: str) -> Told:
        """Take an ended session back to paused."""
        return self.call("reopenProductionSession", _stated({}, session_id=session_id, reason=reason))

    def upsert_camera(
        self,
        session_id: str,
        camera_id: str,
        *,
        source_type: str,
        role: str,
        priority_weight: float,
        is_active: bool,
        **details: Unpack[CameraDetails],
    ) -> Told:
        """Register a camera, or say anew what it is."""
        required = {"source_type": source_type, "role": role, "priority_weight": priority_weight}
        stated = _stated(details, session_id=session_id, camera_id=camera_id, is_active=is_active, **required)
        return self.call("upsertProductionCamera", stated)

    def set_camera_state(self, session_id: str, camera_id: str, **state: Unpack[CameraState]) -> Told:
        """Say what has changed about a camera that is registered."""
        return self.call("setProductionCameraState", _stated(state, session_id=session_id, camera_id=camera_id))

    def append_director_event(self, session_id: str, event_type: str, **marker: Unpack[Marker]) -> Told:
        """Record one decision of the director."""
        return self.call("appendDirectorEvent", _stated(marker, session_id=session_id, event_type=event_type))

    def mark_hero_pose(self, session_id: str, **marker: Unpack[Marker]) -> Told:
        """Record a hero pose marker."""
        return self.call("markHeroPose", _stated(marker, session_id=session_id))

    def correct_director_event(
        self, session_id: str, event_id: str, *, changes: Mapping[str, Any], reason: str
    ) -> Told:
        """Say what an event should have said: ``changes`` has the contract's field names, or ``{"void": True}``."""
        stated = _stated({}, session_id=session_id, event_id=event_id, changes=dict(changes), reason=reason)
        return self.call("correctDirectorEvent", stated)

    def create_still(self, session_id: str, camera_id: str, *, score: float, **details: Unpack[StillDetails]) -> Told:
        """Record a still candidate. ``source_event_id`` may be what a marker's call has just answered."""
        stated = _stated(details, session_id=session_id, camera_id=camera_id, score=score)
        return self.call("createStillCandidate", stated)

    def update_still(self, still_candidate_id: str, **changes: Unpack[StillUpdate]) -> Told:
        """Patch a still candidate."""
        return self.call("updateStillCandidate", _stated(changes, still_candidate_id=still_candidate_id))

    def append_music_moment(self, session_id: str, **moment: Unpack[MusicMoment]) -> Told:
        """Record a music moment."""
        return self.call("appendMusicMoment", _stated(moment, session_id=session_id))

    def create_asset(self, session_id: str, asset_type: str, path: str, **details: Unpack[AssetDetails]) -> Told:
        """Register an asset."""
        stated = _stated(details, session_id=session_id, asset_type=asset_type, path=path)
        return self.call("createProductionAsset", stated)


def _stated(details: Any, **required: Any) -> dict[str, Any]:
    """Arguments as the contract names them."""
    return {_camel(name): _listed(value) for name, value in {**required, **details}.items()}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


_camel = cache(to_camel)
