"""What is in force at a moment of the program: never a cut of its own, always why one may have been made."""

from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.domain.cutlog import Context
from ledger.domain.program.chronology import Chronology, Decision
from ledger.domain.program.metadata import as_name, first_name, first_number, member
from ledger.domain.sessions import SessionStarted, SessionUpdated
from ledger.domain.values import Number


class InForce:
    """Cameras and mode begin as they were first stated: a camera may well be registered after the first cut to it."""

    def __init__(self, facts: Chronology) -> None:
        self.mode = facts.start.director_mode if facts.start else None
        self.section: str | None = None
        self.tempo: Number | None = None
        self.priorities = {camera_id: camera.priority_weight for camera_id, camera in facts.registrations.items()}

    def context(self, score: Number | None) -> Context:
        """What a segment that starts now keeps: its own copy, as validation makes one."""
        return Context(mode=self.mode, priorities=self.priorities, section=self.section, tempo=self.tempo, score=score)

    def session_changed(self, change: SessionStarted | SessionUpdated) -> None:
        if change.director_mode is not None or isinstance(change, SessionStarted):
            self.mode = change.director_mode
        elif "directorMode" in (change.unset or ()):
            self.mode = None

    def camera_changed(self, change: CameraRegistered | CameraUpdated) -> None:
        if change.priority_weight is not None:
            self.priorities[change.camera_id] = change.priority_weight

    # Each of the following answers whether it could read what the event says.

    def mode_changed(self, decision: Decision) -> bool:
        metadata = decision.metadata
        mode = first_name(member(metadata, "mode"), member(metadata, "directorMode"), decision.reason)
        self.mode = mode or self.mode
        return mode is not None

    def priority_changed(self, decision: Decision) -> bool:
        metadata = decision.metadata
        weight = first_number(member(metadata, "priorityWeight"), member(metadata, "priority"), decision.score)
        if decision.camera_id is None or weight is None:
            return False
        self.priorities[decision.camera_id] = weight
        return True

    def phrase_started(self, decision: Decision) -> bool:
        section = member(decision.metadata, "section")
        self.section = as_name(section) or self.section
        return section is None or as_name(section) is not None

    def tempo_updated(self, decision: Decision) -> bool:
        metadata = decision.metadata
        given = member(metadata, "tempo"), member(metadata, "bpm")
        tempo = first_number(*given, decision.score)
        self.tempo = self.tempo if tempo is None else tempo
        return tempo is not None or given == (None, None)  # A summary of phase and energy alone is not odd.
