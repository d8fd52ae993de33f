"""A shoot to begin from, and ways to look at what its replay made of it."""

from typing import Any

from hypothesis import strategies as st

from ledger.domain.cutlog import CutLog, Segment
from ledger.domain.director import DirectorEventRecorded
from ledger.domain.program import fold
from tests.recordings import Recording


def shoot(*, start: int = 1000, cameras: str = "ABC", **metadata: str) -> Recording:
    """A session that rolls at ``start``, with its cameras registered."""
    recording = Recording().started(0, metadata=metadata or None).cameras(*cameras)
    return recording.rolling(start)


def on_air(cut_log: CutLog) -> list[tuple[str | None, int, int]]:
    return [(segment.camera_id, segment.in_ms, segment.out_ms) for segment in cut_log.segments]


def audited(recording: Recording, *kinds: str) -> list[tuple[str, str | None, int]]:
    """The audit list of a recording: kind, what the event is called there, time. All of it, or only some kinds."""
    entries = [entry for entry in fold(recording.entries).audit if not kinds or entry.kind in kinds]
    return [(entry.kind, recording.name_of(entry.event_id), entry.timestamp_ms) for entry in entries]


def holds_of(recording: Recording) -> list[tuple[str | None, int, int, str]]:
    return [(hold.camera_id, hold.in_ms, hold.out_ms, hold.status) for hold in fold(recording.entries).holds]


def segment_at(recording: Recording, ms: int) -> Segment:
    return next(segment for segment in fold(recording.entries).segments if segment.in_ms <= ms < segment.out_ms)


times = st.integers(900, 1100)
cameras = st.sampled_from([*"ABCZ", None])
director_events = st.tuples(
    st.sampled_from(["cut"] * 4 + ["hold", "release", "mode_change", "bar_fire", "tempo_update"]), times, cameras
)
changes = st.tuples(
    st.sampled_from(
        ["paused", "rolling", "ended", "reopened", "lost", "found", "music", "still", "corrected", "voided"]
    ),
    st.none() | times,
)


def recorded(happenings: list[tuple[Any, ...]]) -> Recording:
    """Any history at all, also one that no caller could bring about: a replay has to stand it."""
    recording = shoot()
    for what, at, *camera in happenings:
        match what:
            case "paused" | "rolling" | "ended":
                getattr(recording, what)(at)
            case "reopened":
                recording.reopened()
            case "lost" | "found":
                recording.camera_changed("A", at, is_active=what == "found")
            case "music":
                recording.music(at or 1000, section="drop")
            case "still":
                recording.still("A", at or 1000)
            case "corrected" | "voided":
                decided = [it.sequence for it in recording.entries if isinstance(it.event, DirectorEventRecorded)]
                if decided:
                    changes = {"void": True} if what == "voided" else {"timestamp_ms": at, "camera_id": "B"}
                    recording.correct(decided[(at or 0) % len(decided)], **changes)
            case _:
                recording.decided(what, at, camera[0])
    return recording
