"""Calls of a shoot: sessions and their cameras, what the director, the pose logic and the music decide, and what comes of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, Unpack

from ledger.client.calls.stating import Stating, Told, stated


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
    unset: Sequence[str] | None


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


class Shoots(Stating[Told]):
    """The writes of a production session."""

    def start_session(self, session_type: str, **details: Unpack[SessionStart]) -> Told:
        """Records a new session and answers its Id."""
        return self.call("startProductionSession", stated(details, session_type=session_type))

    def update_session(self, session_id: str, **changes: Unpack[SessionUpdate]) -> Told:
        """Patches a session: given fields change, those named in `unset` are cleared, a status moves as the contract allows."""
        return self.call("updateProductionSession", stated(changes, session_id=session_id))

    def complete_session(self, session_id: str, **end: Unpack[SessionEnd]) -> Told:
        """Ends a session as complete or cancelled. Repeating it answers as before."""
        return self.call("completeProductionSession", stated(end, session_id=session_id))

    def reopen_session(self, session_id: str, *, reason: str) -> Told:
        """Takes an ended session back to paused, and keeps why."""
        return self.call("reopenProductionSession", stated({}, session_id=session_id, reason=reason))

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
        """Registers a camera of a session, or patches it, and answers its Id."""
        required = {"source_type": source_type, "role": role, "priority_weight": priority_weight}
        given = stated(details, session_id=session_id, camera_id=camera_id, is_active=is_active, **required)
        return self.call("upsertProductionCamera", given)

    def set_camera_state(self, session_id: str, camera_id: str, **state: Unpack[CameraState]) -> Told:
        """Patches a camera that is registered: its activity, role or priority."""
        return self.call("setProductionCameraState", stated(state, session_id=session_id, camera_id=camera_id))

    def append_director_event(self, session_id: str, event_type: str, **marker: Unpack[Marker]) -> Told:
        """Records one decision of the director and answers its Id."""
        return self.call("appendDirectorEvent", stated(marker, session_id=session_id, event_type=event_type))

    def mark_hero_pose(self, session_id: str, **marker: Unpack[Marker]) -> Told:
        """Records a hero pose marker and answers its Id."""
        return self.call("markHeroPose", stated(marker, session_id=session_id))

    def correct_director_event(
        self, session_id: str, event_id: str, *, changes: Mapping[str, Any], reason: str
    ) -> Told:
        """Records what a director event should have said, or that it never happened; the original stays in the history.

        ``changes`` has the contract's field names, or is ``{"void": True}``.
        """
        given = stated({}, session_id=session_id, event_id=event_id, changes=dict(changes), reason=reason)
        return self.call("correctDirectorEvent", given)

    def create_still(self, session_id: str, camera_id: str, *, score: float, **details: Unpack[StillDetails]) -> Told:
        """Records a still candidate and answers its Id. ``source_event_id`` may be what a marker's call has just answered."""
        given = stated(details, session_id=session_id, camera_id=camera_id, score=score)
        return self.call("createStillCandidate", given)

    def update_still(self, still_candidate_id: str, **changes: Unpack[StillUpdate]) -> Told:
        """Patches a still candidate: its image, score, label, or whether it is a favourite or selected for the edit."""
        return self.call("updateStillCandidate", stated(changes, still_candidate_id=still_candidate_id))

    def append_music_moment(self, session_id: str, **moment: Unpack[MusicMoment]) -> Told:
        """Records a music moment and answers its Id."""
        return self.call("appendMusicMoment", stated(moment, session_id=session_id))

    def create_asset(self, session_id: str, asset_type: str, path: str, **details: Unpack[AssetDetails]) -> Told:
        """Registers an exported output and answers its Id."""
        given = stated(details, session_id=session_id, asset_type=asset_type, path=path)
        return self.call("createProductionAsset", given)
