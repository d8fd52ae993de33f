"""Where on its tape a recording stands: timecode, which begins again at midnight, as frames and as program time."""

import re
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Final, NamedTuple

from ledger.domain.refusals import Invalid
from ledger.domain.timecode import Rate, frame_of, parse_rate
from ledger.domain.values import Number

_VIDEO_MODE: Final = re.compile(r"\d{3,4}(p|i)(\d\d(?:\.?\d\d)?)", re.ASCII)
_RATES: Final = {
    "p2398": "23.976",
    "p24": "24",
    "p25": "25",
    "i50": "25",
    "p2997": "29.97",
    "i5994": "29.97",
    "p30": "30",
    "i60": "30",
    "p50": "50",
    "p5994": "59.94",
    "p60": "60",
}
"""Frames a second, by scan and number: of interlaced modes the number counts fields, two to a frame."""

_BY_LABEL: Final = frozenset({"29.97", "59.94"})
"""Rates that are counted in two ways. The labels say which: ``;`` before the frames is drop-frame, ``:`` is not."""


class Place(NamedTuple):
    """A point of the recording."""

    frame: int
    """Counted from the recording's first."""
    ms: Number
    """Program time; a fraction where a frame begins between two milliseconds."""
    timecode: str


class Tape:
    """A recording's running time. Only ever goes forwards, past midnight too."""

    def __init__(self, video_mode: str, timecode: str, on: date, line: int) -> None:
        self.rate = _rate(video_mode, timecode, line)
        self._label = _frame_of(timecode, self.rate, line)
        self._drop = ";" in timecode
        self.start_ms = _clock_ms(timecode, self.rate, on)
        self.place = Place(0, self.start_ms, timecode)

    def advance(self, timecode: str, line: int) -> None:
        """On to a later timecode, or the same. Raises Invalid where time runs backwards other than at midnight."""
        if (";" in timecode) != self._drop:
            rule = f"masterTimecode: {timecode!r} must be drop-frame (;) where the header is, and nowhere else"
            raise Invalid(f"line {line}", rule)
        label = _frame_of(timecode, self.rate, line)
        frames = (label - self._label) % self.rate.frames_per_day
        # A step back looks like one of nearly a day. No switcher rests for half a day, so half tells it from midnight.
        if frames > self.rate.frames_per_day // 2:
            rule = f"masterTimecode: {timecode} is before {self.place.timecode}; time runs backwards at midnight only"
            raise Invalid(f"line {line}", rule)
        self._label = label
        frame = self.place.frame + frames
        self.place = Place(frame, _number(self.start_ms + _ms(frame, self.rate)), timecode)

    def duration_ms(self, frame_count: int) -> Number:
        return _number(_ms(frame_count, self.rate))


def _rate(video_mode: str, timecode: str, line: int) -> Rate:
    parts = _VIDEO_MODE.fullmatch(video_mode)
    name = parts and _RATES.get(parts[1] + parts[2].replace(".", ""))
    if not name:
        rule = f"videoMode: {video_mode!r} is not known; known are 1080p25, 1080i50, 2160p5994 and the like"
        raise Invalid(f"line {line}", rule)
    if name in _BY_LABEL:
        name += "df" if ";" in timecode else "ndf"
    return parse_rate(name)


def _frame_of(timecode: str, rate: Rate, line: int) -> int:
    try:
        return frame_of(timecode, rate, "masterTimecode")
    except Invalid as refused:
        raise Invalid(f"line {line}", refused.message) from None


def _clock_ms(timecode: str, rate: Rate, on: date) -> int:
    """The label read as a clock, on its date, to the millisecond; read back at this rate it is the same label."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC)
    if midnight.timestamp() < 0:
        raise Invalid("date", f"{on.isoformat()} is before 1970-01-01, where program time begins")
    hours, minutes, seconds, frames = (int(timecode[place : place + 2]) for place in (0, 3, 6, 9))
    whole = (hours * 60 + minutes) * 60 + seconds
    return int(midnight.timestamp()) * 1000 + whole * 1000 + round(Fraction(frames * 1000, rate.nominal))


def _ms(frame_count: int, rate: Rate) -> Fraction:
    return 1000 * frame_count / rate.exact


def _number(ms: Fraction) -> Number:
    return int(ms) if ms.denominator == 1 else float(ms)
