"""The edits of a cut log: its shots in frames, joined with where their pictures lie in the cameras' own recordings.

Every format is written from these, so that a table, an EDL and a timeline never disagree by a frame.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ledger.domain.cutlog import CutLog, Segment, Shot
from ledger.domain.program import shots
from ledger.domain.timecode import Rate


@dataclass(frozen=True)
class Settings:
    """What an export needs and the ledger does not know."""

    rate: Rate
    start: str | None = None
    """Record timecode of the program's first frame; without it, time of day."""
    source_start: str | None = None
    """Timecode that the cameras' recordings bear at the program's first frame; without it, time of day, as jam-synced ones do."""
    title: str = "cut log"
    clip_names: Mapping[str, str] = field(default_factory=dict)
    """What editors shall call a camera's clip, by camera; without one, the camera's own id."""
    latency_frames: Mapping[str, int] = field(default_factory=dict)
    """By camera: how many frames after it was taken a picture reached the switcher. Its source timecode is that much earlier."""

    def clip_name(self, camera_id: str) -> str:
        return one_line(self.clip_names.get(camera_id, "")) or one_line(camera_id) or "camera"


class Edit(NamedTuple):
    """One shot, with its way into the program and its place in the camera's recording; no camera is black."""

    camera_id: str | None
    record_in: int
    """In frames from the program's start, as all record frames here."""
    record_out: int
    record_in_timecode: str
    record_out_timecode: str
    source_in: int
    """In frames since a midnight, and on past the next: a label counts from 0 again, a recording does not."""
    dissolve_frames: int
    """0 for a cut; else the length of the transition that begins at ``record_in``."""
    cause: Segment
    """The segment that the shot begins with."""
    flags: tuple[str, ...]
    """Of all its segments."""

    @property
    def frame_count(self) -> int:
        return self.record_out - self.record_in

    @property
    def source_out(self) -> int:
        return self.source_in + self.frame_count

    @property
    def transition_name(self) -> str:
        return "" if self.cause.transition is None else one_line(self.cause.transition.type)

    @property
    def is_wipe(self) -> bool:
        return bool(self.dissolve_frames) and self.transition_name.lower().startswith("wipe")


class HoldSpan(NamedTuple):
    """A hold in frames of the program."""

    hold_id: str
    camera_id: str | None
    record_in: int
    record_out: int
    status: str


@dataclass(frozen=True)
class Edits:
    edits: tuple[Edit, ...]
    holds: tuple[HoldSpan, ...]
    shots: tuple[Shot, ...]
    record_start: int
    """The record timecode of the program's first frame, in frames since midnight."""
    warnings: tuple[str, ...]
