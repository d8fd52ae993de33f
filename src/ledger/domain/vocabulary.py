"""The listed values that the contract marks *known*; a deployment adds its own in its settings."""

from dataclasses import dataclass, field
from typing import Final

from ledger.domain.jobs import Policy
from ledger.domain.refusals import UnknownValue

SESSION_TYPES = frozenset({"photoshoot_performance", "photoshoot_review", "music_demo"})
DIRECTOR_MODES = frozenset({"motion", "pose", "reset", "manual"})
MUSIC_MODES = frozenset({"live_sketch", "capture_only", "disabled"})
EVENT_TYPES = frozenset(
    {
        "cut",
        "hold",
        "release",
        "mode_change",
        "camera_priority_change",
        "hero_pose_marker",
        "still_candidate_marker",
        "music_phrase_start",
        "music_phrase_end",
        "bar_fire",
        "tempo_update",
    }
)
UPLOAD_BYTES_MAX: Final = 1024**3
"""The contract's uploads of up to 1 GB, in either reading of that."""


@dataclass(frozen=True)
class Vocabulary:
    """Which values a deployment accepts where the contract lists known ones, how large a file, and how it deals with jobs."""

    session_types: frozenset[str] = SESSION_TYPES
    director_modes: frozenset[str] = DIRECTOR_MODES
    music_modes: frozenset[str] = MUSIC_MODES
    event_types: frozenset[str] = EVENT_TYPES
    upload_bytes_max: int = UPLOAD_BYTES_MAX
    jobs: Policy = field(default_factory=Policy)


def require_known(field: str, value: str | None, known: frozenset[str]) -> None:
    """Raises UnknownValue where a given value is not among the known ones."""
    if value is not None and value not in known:
        raise UnknownValue(field, value, known)
