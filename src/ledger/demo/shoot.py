"""The sample shoot as a whole: about ten minutes of a dance performance with five cameras, the same for a seed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from ledger.demo import music, poses, post
from ledger.demo.direction import WEIGHTS, Director, Incidents
from ledger.demo.music import Bar, Pause
from ledger.demo.script import MULTICAM, MUSIC, POSES, POST, SESSION, WRITERS, Call, Fact, Times, calls_of

SEED: Final = 7
BAR_COUNT: Final = 282
PAUSE_AFTER: Final = 207
PAUSE_MS: Final = 32_000
START_MS: Final = int(datetime(2026, 3, 14, 19, 30, tzinfo=UTC).timestamp()) * 1000
_ROLLING_AFTER_MS: Final = 20_000
_CAMERAS: Final = (
    ("hero", "iphone", "hero", "iPhone 17 Pro", "centre, 3 m"),
    ("left", "iphone", "left_profile", "iPhone 16", "left, 4 m"),
    ("right", "iphone", "right_profile", "iPhone 16", "right, 4 m"),
    ("detail", "iphone", "detail", "iPhone 15 Pro", "hands and feet"),
    ("wide", "insta360_x4", "wide", "Insta360 X4", "ceiling"),
)


@dataclass(frozen=True)
class Shoot:
    """Every writer's calls, each writer's in its own order."""

    calls: dict[str, list[Call]]
    facts: list[Fact]
    """The director events among them, as they happened."""

    @property
    def call_count(self) -> int:
        return sum(map(len, self.calls.values()))

    def count(self, function: str) -> int:
        return sum(call.function == function for calls in self.calls.values() for call in calls)


def sample_shoot(seed: int = SEED) -> Shoot:
    """The shoot of a seed. Its times are fixed, so that its cut log is the same wherever and whenever it is played."""
    random = Random(seed)  # noqa: S311  # a made-up performance, not a secret
    times = Times()
    begin_ms = times.claim(START_MS + _ROLLING_AFTER_MS)
    bars, pause = music.compose(random, begin_ms + 1_000, BAR_COUNT, PAUSE_AFTER, PAUSE_MS)
    # Taken before any fact: what changes the session has its place to itself.
    end_ms = times.claim(bars[-1].ms + bars[-1].length_ms + 400)
    pause = Pause(times.claim(pause.begin_ms), times.claim(pause.end_ms))
    windows = poses.strike(random, bars)
    played = music.perform(random, bars, times)
    watched, stills = poses.watch(random, windows, times)
    director = Director(random, times, Incidents())
    director.direct(bars, windows, pause)
    facts = [*played.facts, *watched.facts, *_delayed(director.facts, bars)]
    sent = calls_of(facts)
    calls = {
        MULTICAM: [*_session(begin_ms, pause, end_ms, times), *_camera_changes(director), *sent[MULTICAM]],
        POSES: [*watched.calls, *sent[POSES]],
        MUSIC: [*played.calls, *sent[MUSIC]],
        POST: post.finish(random, stills, end_ms),
    }
    return Shoot({writer: sorted(calls[writer], key=lambda call: call.at_ms) for writer in WRITERS}, facts)


def _delayed(facts: list[Fact], bars: list[Bar]) -> list[Fact]:
    """The multicam server loses its network for some bars, and sends all of them in one batch when it is back."""
    first_ms, back_ms = bars[Incidents.offline].ms, round(bars[Incidents.online].ms)
    return [replace(fact, sent_ms=back_ms) if first_ms <= fact.ms < back_ms else fact for fact in facts]


def _session(begin_ms: int, pause: Pause, end_ms: int, times: Times) -> list[Call]:
    start_ms = times.claim(START_MS)
    start = {
        "sessionType": "photoshoot_performance",
        "status": "setup",
        "title": "Studio B: solo for five cameras",
        "projectSlug": "sample-shoot",
        "directorMode": "motion",
        "musicMode": "live_sketch",
        "metadata": {"initialCamera": "wide"},
        "timestampMs": start_ms,
    }
    cameras = [_camera(index, times.claim(START_MS + 100)) for index in range(len(_CAMERAS))]
    return [
        Call(start_ms, "production:startProductionSession", start, (SESSION.name,)),
        *cameras,
        _status("rolling", begin_ms),
        _status("paused", pause.begin_ms),
        _status("rolling", pause.end_ms),
        Call(end_ms, "production:completeProductionSession", {"sessionId": SESSION, "timestampMs": end_ms}),
    ]


def _status(status: str, ms: int) -> Call:
    return Call(ms, "production:updateProductionSession", {"sessionId": SESSION, "status": status, "timestampMs": ms})


def _camera(index: int, ms: int) -> Call:
    camera_id, source_type, role, device_name, position = _CAMERAS[index]
    camera: dict[str, Any] = {
        "sessionId": SESSION,
        "cameraId": camera_id,
        "sourceType": source_type,
        "role": role,
        "deviceName": device_name,
        "positionHint": position,
        "priorityWeight": WEIGHTS[camera_id],
        "isActive": True,
        "isWideFallback": camera_id == "wide",
        "timestampMs": ms,
    }
    return Call(ms, "production:upsertProductionCamera", camera)


def _camera_changes(director: Director) -> list[Call]:
    lost = next(
        fact.event["cameraId"] for fact in reversed(director.facts) if fact.ms < director.lost_ms and _is_cut(fact)
    )
    return [
        _active(lost, director.lost_ms, is_active=False),
        _active(lost, director.found_ms, is_active=True),
    ]


def _is_cut(fact: Fact) -> bool:
    return bool(fact.event["eventType"] == "cut")


def _active(camera_id: str, ms: int, *, is_active: bool) -> Call:
    change = {"sessionId": SESSION, "cameraId": camera_id, "isActive": is_active, "timestampMs": ms}
    return Call(ms, "production:setProductionCameraState", change)
