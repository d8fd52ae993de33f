"""The events that are measured with: a director's and a music engine's, of about 300 bytes as they are stored."""

import json
from collections.abc import Iterator
from typing import Any, Final

SPACING_MS: Final = 100
"""Between two events of a session: a window of ten seconds holds a hundred, however long the shoot was."""
FIRST_MS: Final = 1_760_000_000_000
CAMERAS: Final = ("cam-hero", "cam-left", "cam-right", "cam-wide")
CUT_EVERY: Final = 20
"""One event in twenty is a cut: 5 %."""
_BETWEEN_CUTS: Final = (
    "bar_fire",
    "hero_pose_marker",
    "bar_fire",
    "tempo_update",
    "bar_fire",
    "still_candidate_marker",
    "bar_fire",
    "camera_priority_change",
    "music_phrase_start",
    "bar_fire",
    "music_phrase_end",
)
_SECTIONS: Final = ("intro", "build", "drop", "release")
PARTITION_EXAMPLE: Final = "s06fy7gq0k5m8z1b9d4w2x3cv"
"""As long as a session's Id is: for the rows that raw SQLite writes."""


def director_event(index: int) -> dict[str, Any]:
    """The event at a place in a session: a cut every CUT_EVERY, each to another camera; markers and music between them."""
    camera = CAMERAS[(index // CUT_EVERY) % len(CAMERAS)]
    facts: dict[str, Any] = {
        "timestampMs": FIRST_MS + index * SPACING_MS,
        "eventType": "cut" if index % CUT_EVERY == 0 else _BETWEEN_CUTS[index % len(_BETWEEN_CUTS)],
        "cameraId": camera,
        "reason": "pose held on the downbeat, motion settled",
        "score": (index * 7919 % 1000) / 1000,
    }
    if facts["eventType"] == "camera_priority_change":
        facts["metadata"] = {
            "priorityWeight": index % 10 / 10,
            "source": "director",
            "model": "pose-v7",
            "frame": index,
        }
        facts["metadata"]["note"] = "weights follow the energy of the phrase, and fall back in a reset"
    else:
        facts["metadata"] = {
            "frame": index,
            "bpm": 96 + index % 60 / 2,
            "pose": "contrapposto",
            "motion": [0.12, 0.48, 0.33, 0.91],
            "model": "pose-v7",
            "operator": "on the floor, stage left",
        }
    return facts


def music_moment(index: int) -> dict[str, Any]:
    """The music at a place in a session."""
    return {
        "timestampMs": FIRST_MS + index * SPACING_MS + SPACING_MS // 2,
        "section": _SECTIONS[(index // 64) % len(_SECTIONS)],
        "tempo": 96 + index % 60 / 2,
        "confidence": (index * 31 % 100) / 100,
        "phase": (index % 16) / 16,
        "energy": (index * 17 % 1000) / 1000,
        "motionSignature": "swing-left/hold/release",
        "audioSnapshot": {
            "rms": 0.31,
            "peak": 0.87,
            "centroid": 2140.5,
            "bands": [0.1, 0.4, 0.3, 0.15, 0.05],
            "window": 2048,
            "hop": 512,
        },
    }


def still(index: int, frames_apart: int) -> dict[str, Any]:
    """A still candidate; one every ``frames_apart`` events."""
    return {
        "timestampMs": FIRST_MS + index * frames_apart * SPACING_MS,
        "cameraId": CAMERAS[index % len(CAMERAS)],
        "score": (index * 7919 % 10_000) / 10_000,
        "imagePath": f"stills/take-04/{index:06}.jpg",
        "poseLabel": "contrapposto",
    }


def encoded(facts: dict[str, Any]) -> str:
    return json.dumps(facts, separators=(",", ":"))


def single_bodies(session_id: str, count: int) -> Iterator[bytes]:
    """Bodies of ``POST /production/event``."""
    for index in range(count):
        yield encoded({"sessionId": session_id, **director_event(index)}).encode()


def batch_bodies(session_id: str, count: int, size: int) -> Iterator[bytes]:
    """Bodies of ``POST /production/event/batch`` that hold ``count`` events in all."""
    for first in range(0, count, size):
        events = ",".join(encoded(director_event(index)) for index in range(first, min(first + size, count)))
        yield f'{{"sessionId":"{session_id}","events":[{events}]}}'.encode()
