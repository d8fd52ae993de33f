"""Frames and timecode in exact arithmetic: what an editor's machine counts, never a float.

Frame numbers count from midnight's ``00:00:00:00``. Drop-frame skips labels and never pictures, so a label that the
count skips is refused instead of quietly meaning its neighbour.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ledger.domain.refusals import Invalid

MS_PER_DAY: Final = 86_400_000
_LABEL: Final = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})([:;])([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Rate:
    """A frame rate as an editor names it: ``25``, ``29.97df``. ``nominal`` is what a second's labels count to."""

    name: str
    exact: Fraction
    nominal: int
    drop: bool = False

    @property
    def labels_dropped(self) -> int:
        """How many labels a minute skips, every tenth minute excepted: two at 29.97, four at 59.94."""
        return self.nominal // 15 if self.drop else 0

    @property
    def frames_per_minute(self) -> int:
        return 60 * self.nominal - self.labels_dropped

    @property
    def frames_per_ten_minutes(self) -> int:
        return 600 * self.nominal - 9 * self.labels_dropped

    @property
    def frames_per_day(self) -> int:
        """How many labels there are before the count begins again at midnight."""
        return 144 * self.frames_per_ten_minutes


RATES: Final = (
    Rate("23.976", Fraction(24000, 1001), 24),
    Rate("24", Fraction(24), 24),
    Rate("25", Fraction(25), 25),
    Rate("29.97df", Fraction(30000, 1001), 30, drop=True),
    Rate("29.97ndf", Fraction(30000, 1001), 30),
    Rate("30", Fraction(30), 30),
    Rate("50", Fraction(50), 50),
    Rate("59.94df", Fraction(60000, 1001), 60, drop=True),
    Rate("59.94ndf", Fraction(60000, 1001), 60),
    Rate("60", Fraction(60), 60),
)
_BY_NAME: Final = {rate.name: rate for rate in RATES} | {"23.98": RATES[0]}


def parse_rate(given: str | float, field: str = "rate") -> Rate:
    """The rate that somebody typed: ``25``, ``29.97df``, ``29.97 DF``; ``23.98`` is understood as 23.976.

    Raises Invalid for any other, and for a bare 29.97 or 59.94: guessing drop-frame or not puts an hour 3.6 s out.
    """
    text = given if isinstance(given, str) else f"{given:g}"
    name = re.sub(r"[\s_-]+(?=n?df$)", "", text.strip().lower())
    if name in ("29.97", "59.94"):
        raise Invalid(field, f"{name} is counted in two ways; say {name}df (drop-frame) or {name}ndf (non-drop)")
    if name not in _BY_NAME:
        raise Invalid(field, f"{text!r} is no frame rate; there are {', '.join(rate.name for rate in RATES)}")
    return _BY_NAME[name]


def timecode(frame: int, rate: Rate) -> str:
    """The label of a frame; beyond a day, or before midnight, the labels begin again."""
    tens, frame = divmod(frame % rate.frames_per_day, rate.frames_per_ten_minutes)
    # The first of ten minutes keeps all its labels, and so is that much longer than the others.
    minute = max(0, frame - rate.labels_dropped) // rate.frames_per_minute
    number = tens * 600 * rate.nominal + frame + minute * rate.labels_dropped
    seconds, frames = divmod(number, rate.nominal)
    separator = ";" if rate.drop else ":"
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{separator}{frames:02}"


def frame_of(label: str, rate: Rate, field: str = "timecode") -> int:
    """The frame that a label stands for. At a drop-frame rate ``:`` will do for ``;``, never the reverse.

    Raises Invalid for what is no timecode, or is none at this rate.
    """
    parts = _LABEL.fullmatch(label)
    if parts is None:
        raise Invalid(field, f"{label!r} is no timecode; write hours:minutes:seconds:frames, like 01:00:00:00")
    hours, minutes, seconds, frames = (int(parts[group]) for group in (1, 2, 3, 5))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise Invalid(field, f"{label} is no time of a day; the last label of one is 23:59:59:{rate.nominal - 1:02}")
    if frames >= rate.nominal:
        raise Invalid(field, f"{label} has too many frames; at {rate.name} a second's last is {rate.nominal - 1:02}")
    if parts[4] == ";" and not rate.drop:
        raise Invalid(field, f"{label} is written as drop-frame, and {rate.name} is not")
    if seconds == 0 and frames < rate.labels_dropped and minutes % 10:
        next_label = f"{label[:9]}{rate.labels_dropped:02}"
        raise Invalid(field, f"{label} is a label that drop-frame skips; the next is {next_label}")
    in_minutes = 60 * hours + minutes
    return (60 * in_minutes + seconds) * rate.nominal + frames - rate.labels_dropped * (in_minutes - in_minutes // 10)


def frame_at(ms: int, rate: Rate) -> int:
    """The frame boundary nearest to a time; a time half way between two goes to the later."""
    return (2 * ms * rate.exact.numerator + 1000 * rate.exact.denominator) // (2000 * rate.exact.denominator)


def ms_at(frame: int, rate: Rate) -> int:
    """The millisecond nearest to a frame boundary, half up."""
    return (2000 * frame * rate.exact.denominator + rate.exact.numerator) // (2 * rate.exact.numerator)


def frame_of_clock(ms: int, rate: Rate) -> int:
    """The frame whose label reads like the clock at ``ms`` since the epoch, UTC: what a camera jam-synced to it shows.

    Not the count of frames since midnight: a non-drop 23.976 has fallen 86 s behind the clock by the end of a day.
    """
    labels_per_day = 86_400 * rate.nominal
    number = (2 * (ms % MS_PER_DAY) * rate.nominal + 1000) // 2000 % labels_per_day
    in_minutes, within = divmod(number, 60 * rate.nominal)
    if in_minutes % 10:
        within = max(within, rate.labels_dropped)
    return in_minutes * 60 * rate.nominal + within - rate.labels_dropped * (in_minutes - in_minutes // 10)
