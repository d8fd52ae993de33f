"""The sample shoot's direction: how the multicam server cuts to the music and to the poses, and what befalls it."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from ledger.demo.music import Bar, Pause
from ledger.demo.poses import PoseWindow
from ledger.demo.script import MULTICAM, Fact, Times

WEIGHTS: Final = {"hero": 1.0, "left": 0.7, "right": 0.7, "detail": 0.5, "wide": 0.4}
GUEST: Final = "guest-phone"
"""A phone that nobody registered."""

_BARS_A_CUT: Final = {"intro": (3, 4), "build": (2, 3), "drop": (1, 2), "release": (3, 4)}
_MODES: Final = {"intro": "motion", "build": "motion", "drop": "pose", "release": "motion"}
_REASONS: Final = {
    "intro": ("establishing", "settling in", "breath before the phrase"),
    "build": ("energy rising", "following the arm", "answering the left side"),
    "drop": ("on the drop", "motion peak", "change of level"),
    "release": ("letting go", "long lines", "the room again"),
}


@dataclass(frozen=True)
class Incidents:
    """What goes wrong, by the number of the bar it happens in."""

    same_camera: int = 40
    superseded: int = 62
    lost: int = 96
    found: int = 118
    guest: int = 134
    broken_hold: int = 150
    offline: int = 168
    online: int = 174
    mistake: int = 236


@dataclass
class Director:
    """Goes through the performance bar by bar and notes what it decides."""

    random: Random
    times: Times
    incidents: Incidents
    facts: list[Fact] = field(default_factory=list)
    on_air: str = "wide"
    weights: dict[str, float] = field(default_factory=lambda: dict(WEIGHTS))
    lost_camera: str | None = None
    lost_ms: int = 0
    found_ms: int = 0
    held_until_ms: int = 0
    next_cut: int = 2
    section: str = ""

    def direct(self, bars: list[Bar], windows: list[PoseWindow], pause: Pause) -> None:
        by_bar = {
            bar.number: window for bar in bars for window in windows if 0 <= window.begin_ms - bar.ms < bar.length_ms
        }
        self.tell(self.times.claim(bars[0].ms - 6_000), "cut", "hero", reason="testing the switcher")
        for bar in bars:
            self._mind(bar)
            if bar.number >= len(bars) - 2:
                continue
            if not self._befalls(bar):
                self._decide(bar, by_bar.get(bar.number))
        self.tell(
            self.times.claim((pause.begin_ms + pause.end_ms) / 2), "cut", "detail", reason="checking focus in the pause"
        )
        closing, camera_id = bars[-2], "hero" if self.on_air == "wide" else "wide"
        self.cut(closing.ms + 70, camera_id, "the last picture", transition={"type": "dissolve", "durationMs": 1_200})
        self.tell(
            self.times.claim(closing.ms + 400),
            "hold",
            camera_id,
            reason="stay to the end",
            metadata={"holdId": "hold-end"},
        )

    def tell(
        self, ms: int, event_type: str, camera_id: str | None = None, name: str | None = None, **rest: Any
    ) -> None:
        event = {"timestampMs": ms, "eventType": event_type, **({"cameraId": camera_id} if camera_id else {}), **rest}
        self.facts.append(Fact(MULTICAM, ms, event, name))

    def cut(self, ms: float, camera_id: str, reason: str, *, name: str | None = None, **metadata: Any) -> int:
        at = self.times.claim(ms)
        score = round(self.random.uniform(0.55, 0.97), 2)
        self.tell(
            at, "cut", camera_id, name, reason=reason, score=score, **({"metadata": metadata} if metadata else {})
        )
        self.on_air = camera_id
        return at

    def _mind(self, bar: Bar) -> None:
        """Mode and priorities follow the form of the music."""
        if bar.section != self.section:
            self.section = bar.section
            mode = {"mode": _MODES[bar.section]}
            self.tell(self.times.claim(bar.ms + 20), "mode_change", reason=f"{bar.section} begins", metadata=mode)
        if bar.begins_phrase:
            for camera_id in self.random.sample(sorted(WEIGHTS), 2):
                self.weights[camera_id] = round(WEIGHTS[camera_id] * self.random.uniform(0.6, 1.5), 2)
                ms = self.times.claim(bar.ms + 30)
                weight = {"priorityWeight": self.weights[camera_id]}
                self.tell(ms, "camera_priority_change", camera_id, reason="phrase", metadata=weight)

    def _decide(self, bar: Bar, window: PoseWindow | None) -> None:
        if bar.ms < self.held_until_ms:
            return
        if window is not None and window.score > 0.72 and window.camera_id != self.lost_camera:
            self._hold(bar, window)
        elif bar.number >= self.next_cut:
            dissolves = bar.section == "release" and bar.begins_phrase
            metadata: dict[str, Any] = {"transition": {"type": "dissolve", "durationMs": 800}} if dissolves else {}
            reason = self.random.choice(_REASONS[bar.section])
            self.cut(
                bar.ms + self.random.randint(40, 120), self._choose(), f"bar {bar.number + 1}: {reason}", **metadata
            )
            self.next_cut = bar.number + self.random.choice(_BARS_A_CUT[bar.section])

    def _hold(self, bar: Bar, window: PoseWindow) -> None:
        """A pose: be on its camera before it, stay for its length."""
        if self.on_air != window.camera_id:
            self.cut(bar.ms + self.random.randint(40, 120), window.camera_id, f"pose: {window.label}")
        hold = {"holdId": f"hold-{window.number}"}
        self.tell(self.times.claim(window.begin_ms + 25), "hold", window.camera_id, reason=window.label, metadata=hold)
        released = self.times.claim(window.end_ms + 150)
        self.tell(released, "release", window.camera_id, reason="pose is over", metadata=hold)
        self.held_until_ms = released
        self.next_cut = bar.number + 1

    def _choose(self) -> str:
        cameras = [camera for camera in sorted(WEIGHTS) if camera not in (self.on_air, self.lost_camera)]
        return self.random.choices(cameras, [self.weights[camera] for camera in cameras])[0]

    def _befalls(self, bar: Bar) -> bool:
        """Whether something out of the ordinary takes the place of this bar's decision."""
        at = bar.ms + 60
        match bar.number:
            case self.incidents.same_camera:
                self.cut(at, self.on_air, "again: the operator pressed it twice")
            case self.incidents.superseded:
                ms = self.cut(at, self._choose(), "two buttons at once")
                self.on_air = self._choose()
                self.tell(ms, "cut", self.on_air, reason="two buttons at once: the later wins")
            case self.incidents.lost:
                self._lose(bar)
            case self.incidents.found:
                self.found_ms = self.times.claim(at)
                self.lost_camera = None
            case self.incidents.guest:
                self.cut(at, GUEST, "the guest's phone has the angle")
            case self.incidents.broken_hold:
                hold = {"holdId": "hold-broken"}
                self.tell(self.times.claim(at), "hold", self.on_air, reason="solo", metadata=hold)
                self.cut(at + 1_300, self._choose(), "the soloist left the frame")
            case self.incidents.mistake:
                before = self.on_air
                self.cut(at, self._choose(), "slip of the hand", name="mistake")
                self.cut(at + 480, before, "and back")
            case _:
                return False
        self.next_cut = bar.number + 2
        self.held_until_ms = 0
        return True

    def _lose(self, bar: Bar) -> None:
        """The camera on air goes dark; the director needs a moment to see it."""
        if self.on_air not in ("left", "right"):
            self.cut(bar.ms + 45, "right", "answering the right side")
        self.lost_camera = self.on_air
        self.lost_ms = self.times.claim(bar.ms + 700)
        self.cut(bar.ms + 1_850, "wide", "source lost: fall back to the wide")
