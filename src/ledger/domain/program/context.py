"""What is in force at any moment of the program: never a cut of its own, always the reason why one may have been made."""

from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.domain.cutlog import Context
from ledger.domain.program.chronology import Chronology, Decision
from ledger.domain.program.metadata import first_name, first_number, member
from ledger.domain.sessions import SessionStarted, SessionUpdated
from ledger.domain.values import Number


class InForce:
    """Cameras and mode begin as they were first stated: facts about a camera may well be recorded after its first cut."""

    def __init__(self, facts: Chronology) -> None:
        self.mode = facts.start.director_mode if facts.start else None
        self.section: str | None = None
        self.tempo: Number | None = None
        self.priorities = {camera_id: camera.priority_weight for camera_id, camera in facts.registrations.items()}

    def context(self, score: Number | None) -> Context:
        """What a segment that starts now keeps."""
        return Context(
            mode=self.mode, priorities=dict(self.priorities), section=self.section, tempo=self.tempo, score=score
        )

    def session_changed(self, change: SessionStarted | SessionUpdated) -> None:
        if change.director_mode is not None or isinstance(change, SessionStarted):
            self.mode = change.director_mode
        elif "directorMode" in (change.unset or ()):
            self.mode = None

    def camera_changed(self, change: CameraRegistered | CameraUpdated) -> None:
        if change.priority_weight is not None:
            self.priorities[change.camera_id] = change.priority_weight

    def mode_changed(self, decision: Decision) -> bool:
        """False where the event does not say which mode."""
        metadata = decision.metadata
        mode = first_name(member(metadata, "mode"), member(metadata, "directorMode"), decision.reason)
        self.mode = mode or self.mode
        return mode is not None

    def priority_changed(self, decision: Decision) -> bool:
        """False where the event does not say which camera, or how much."""
        metadata = decision.metadata
        weight = first_number(member(metadata, "priorityWeight"), member(metadata, "priority"), decision.score)
        if decision.camera_id is None or weight is None:
            return False
        self.priorities[decision.camera_id] = weight
        return True

    def phrase_started(self, decision: Decision) -> None:
        self.section = first_name(member(decision.metadata, "section")) or self.section

    def tempo_updated(self, decision: Decision) -> None:
        metadata = decision.metadata
        tempo = first_number(member(metadata, "tempo"), member(metadata, "bpm"), decision.score)
        self.tempo = self.tempo if tempo is None else tempo
