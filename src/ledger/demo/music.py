"""The sample shoot's music: bars, phrases and tempo, as the motion-to-music path tells them."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from ledger.demo.script import MUSIC, SESSION, Call, Fact, Part, Times

BARS_A_PHRASE: Final = 8
_FORM: Final = (
    ("intro", 8, 112.0, 0.25),
    ("build", 16, 116.0, 0.55),
    ("drop", 24, 124.0, 0.9),
    ("release", 16, 118.0, 0.45),
)
"""Section, its bars, its tempo and its energy; again and again until the performance ends."""

_SIGNATURES: Final = ("sway", "reach", "spin", "stamp", "fold", "float")


@dataclass(frozen=True)
class Bar:
    number: int
    ms: float
    length_ms: float
    section: str
    tempo: float
    energy: float

    @property
    def begins_phrase(self) -> bool:
        return self.number % BARS_A_PHRASE == 0

    @property
    def ends_phrase(self) -> bool:
        return self.number % BARS_A_PHRASE == BARS_A_PHRASE - 1

    @property
    def phrase(self) -> int:
        return self.number // BARS_A_PHRASE + 1


@dataclass(frozen=True)
class Pause:
    begin_ms: int
    end_ms: int


def compose(random: Random, begin_ms: int, bar_count: int, pause_after: int, pause_ms: int) -> tuple[list[Bar], Pause]:
    """The bars of a performance, and the pause that it makes after one of them."""
    form = [section for section in _FORM for _ in range(section[1])]
    bars: list[Bar] = []
    ms = float(begin_ms)
    pause = Pause(begin_ms, begin_ms)
    for number in range(bar_count):
        section, _, tempo, energy = form[number % len(form)]
        played = round(tempo + random.uniform(-0.8, 0.8), 1)
        length_ms = 4 * 60_000 / played
        bars.append(Bar(number, ms, length_ms, section, played, round(energy + random.uniform(-0.1, 0.1), 3)))
        ms += length_ms
        if number == pause_after:
            pause = Pause(round(ms) + 250, round(ms) + pause_ms)
            ms = pause.end_ms + 500.0
    return bars, pause


def perform(random: Random, bars: list[Bar], times: Times) -> Part:
    """What the music path records. Its clock counts in quarters of a millisecond, as an audio clock would."""
    part = Part()
    for bar in bars:
        if bar.begins_phrase:
            _tell(part, times.claim(bar.ms), "music_phrase_start", phrase=bar.phrase, section=bar.section)
        _tell(part, times.claim(bar.ms + 1), "bar_fire", bar=bar.number + 1, section=bar.section)
        if bar.number % 4 == 0:
            summary = {"tempo": bar.tempo, "phase": round(random.random(), 3), "energy": bar.energy}
            _tell(part, times.claim(bar.ms + 2), "tempo_update", **summary)
        for half in (0, 1):
            part.calls.append(_moment(random, bar, half, times))
        if bar.ends_phrase:
            _tell(
                part,
                times.claim(bar.ms + bar.length_ms - 15),
                "music_phrase_end",
                phrase=bar.phrase,
                section=bar.section,
            )
    last = bars[-1]
    if not last.ends_phrase:
        # The last phrase rings out after the shoot has been ended: replay lists it and changes nothing.
        _tell(
            part,
            times.claim(last.ms + last.length_ms + 900),
            "music_phrase_end",
            phrase=last.phrase,
            section=last.section,
        )
    return part


def _tell(part: Part, ms: int, event_type: str, **metadata: Any) -> None:
    part.facts.append(Fact(MUSIC, ms, {"timestampMs": ms, "eventType": event_type, "metadata": metadata}))


def _moment(random: Random, bar: Bar, half: int, times: Times) -> Call:
    ms = times.claim(bar.ms + 6 + half * bar.length_ms / 2)
    moment: dict[str, Any] = {
        "sessionId": SESSION,
        "timestampMs": ms + random.choice((0, 0.25)),
        "section": bar.section,
        "tempo": bar.tempo,
        "confidence": round(random.uniform(0.7, 0.99), 3),
        "phase": half / 2,
        "energy": round(bar.energy + random.uniform(-0.05, 0.05), 3),
        "motionSignature": random.choice(_SIGNATURES),
    }
    if half == 0 and bar.begins_phrase:
        moment["audioSnapshot"] = {
            "loudnessLufs": round(random.uniform(-24, -9), 1),
            "centroidHz": random.randint(800, 3_200),
        }
    return Call(ms, "production:appendMusicMoment", moment)
