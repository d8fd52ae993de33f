"""Music moments: the structure that motion gave the music, as facts on the music engine's clock."""

from typing import Any, ClassVar

from ledger.domain.entries import Event
from ledger.domain.refusals import SessionNotFound
from ledger.domain.sessions import Session
from ledger.domain.values import Json, Measure, Name, Number, Text, TimestampMs


class MusicMomentRecorded(Event):
    stored_as: ClassVar[str] = "music-moment-recorded.1"
    timestamp_ms: Number
    section: str | None = None
    tempo: Number | None = None
    confidence: Number | None = None
    phase: Number | None = None
    energy: Number | None = None
    motion_signature: str | None = None
    audio_snapshot: Any = None
    metadata: Any = None


class RecordMusicMoment(MusicMomentRecorded):
    """A music moment as a caller states it: the event itself, under the rules for new ones."""

    session_id: Name
    """Whose it is: said by where it is kept, and not stored again."""
    timestamp_ms: TimestampMs
    section: Name | None = None
    tempo: Measure | None = None
    confidence: Measure | None = None
    phase: Measure | None = None
    energy: Measure | None = None
    motion_signature: Text | None = None
    audio_snapshot: Json = None
    metadata: Json = None


def decide(command: RecordMusicMoment, session: Session | None) -> list[MusicMomentRecorded]:
    """The moment as a fact, however late. Raises SessionNotFound."""
    if session is None:
        raise SessionNotFound(command.session_id)
    return [command]
