"""The sample shoot's poses: hero pose markers, still markers, and the still candidates that come of them."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from ledger.demo.music import Bar
from ledger.demo.script import POSES, SESSION, Call, Fact, Part, Ref, Times

_LABELS: Final = ("reach", "arabesque", "turn", "stillness", "leap", "contrapposto")
_CAMERAS: Final = ("hero", "hero", "hero", "left", "right", "detail")
"""The hero camera sees half of the poses best."""

MODEL: Final = "pose-net 3.2"


@dataclass(frozen=True)
class PoseWindow:
    """A pose that is held for a moment, and the camera that sees it best."""

    number: int
    label: str
    camera_id: str
    begin_ms: int
    end_ms: int
    score: float


@dataclass(frozen=True)
class StillPlan:
    """A still candidate that will exist, for whoever works on it later."""

    name: str
    at_ms: int
    label: str
    camera_id: str
    score: float


def strike(random: Random, bars: list[Bar]) -> list[PoseWindow]:
    """The pose windows of a performance: one every few bars, more often where there is energy."""
    windows: list[PoseWindow] = []
    next_bar = 3
    for bar in bars:
        if bar.number < next_bar:
            continue
        begin_ms = round(bar.ms + random.uniform(0.15, 0.45) * bar.length_ms)
        end_ms = begin_ms + random.randint(1_100, 1_900)
        score = round(random.uniform(0.62, 0.98), 3)
        label, camera_id = random.choice(_LABELS), random.choice(_CAMERAS)
        windows.append(PoseWindow(len(windows) + 1, label, camera_id, begin_ms, end_ms, score))
        next_bar = bar.number + random.choice((3, 4, 5) if bar.energy > 0.7 else (4, 5, 7))
    return windows


def watch(random: Random, windows: list[PoseWindow], times: Times) -> tuple[Part, list[StillPlan]]:
    """What the pose logic records of the windows, and the stills that it proposes."""
    part, stills = Part(), []
    for window in windows:
        hero_ms = times.claim(window.begin_ms)
        _tell(part, hero_ms, "hero_pose_marker", window, f"pose-{window.number}", window.score)
        count = random.choice((2, 3, 3, 4))
        step = (window.end_ms - window.begin_ms) / (count + 1)
        for index in range(count):
            name = f"pose-{window.number}-still-{index + 1}"
            score = round(min(0.999, max(0.3, window.score + random.uniform(-0.12, 0.08))), 3)
            marked_ms = times.claim(hero_ms + (index + 1) * step)
            _tell(part, marked_ms, "still_candidate_marker", window, f"{name}-marker", score)
            part.calls.append(_still(random, window, name, score, marked_ms, window.end_ms + 40 + index))
            stills.append(StillPlan(name, marked_ms, window.label, window.camera_id, score))
    return part, stills


def _tell(part: Part, ms: int, event_type: str, window: PoseWindow, name: str, score: float) -> None:
    event = {
        "timestampMs": ms,
        "eventType": event_type,
        "cameraId": window.camera_id,
        "reason": window.label,
        "score": score,
        "metadata": {"pose": window.label, "window": window.number, "model": MODEL},
    }
    part.facts.append(Fact(POSES, ms, event, name))


def _still(random: Random, window: PoseWindow, name: str, score: float, marked_ms: int, at_ms: int) -> Call:
    """A candidate goes out once its window has closed: only then have all of its markers their Ids."""
    components = {part: round(random.uniform(0.5, 1), 3) for part in ("sharpness", "extension", "balance", "face")}
    still: dict[str, Any] = {
        "sessionId": SESSION,
        "cameraId": window.camera_id,
        "timestampMs": marked_ms,
        "score": score,
        "poseLabel": window.label,
        "sourceEventId": Ref(f"{name}-marker"),
        "metadata": {"model": MODEL, "components": components},
    }
    return Call(at_ms, "production:createStillCandidate", still, (name,))
