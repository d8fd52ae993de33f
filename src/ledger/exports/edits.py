"""The edits of a cut log: its shots in frames, joined with where their pictures lie in the cameras' own recordings.

Every format is written from these, so that a table, an EDL and a timeline never disagree by a frame.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ledger.domain.cutlog import CutLog, Segment
from ledger.domain.program import with_frames
from ledger.domain.timecode import Rate, frame_at, frame_of, frame_of_clock


@dataclass(frozen=True)
class Settings:
    """What an export needs and the ledger does not know."""

    rate: Rate
    start: str | None = None
    """Record timecode of the program's first frame, or ``time of day``; without it, 01:00:00:00."""
    source_start: str | None = None
    """Timecode of the cameras' recordings at the program's first frame; without it, time of day, as jam-synced ones."""
    title: str = "cut log"
    clip_names: Mapping[str, str] = field(default_factory=dict)
    """What editors shall call a camera's clip, by camera; without one, the camera's own id."""
    latency_frames: Mapping[str, int] = field(default_factory=dict)
    """By camera: how many frames a picture takes to reach the switcher. Its source timecode is that much earlier."""

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
    """The whole program, ready to be written."""

    cut_log: CutLog
    """With its shots as ``frames``, and those that were dropped on its audit list."""
    edits: tuple[Edit, ...]
    holds: tuple[HoldSpan, ...]
    record_start: int
    """The record timecode of the program's first frame, in frames since midnight."""
    source_starts: Mapping[str, int]
    """By camera: its source timecode at the program's first frame, in frames since a midnight."""
    warnings: tuple[str, ...]

    @property
    def frame_count(self) -> int:
        return self.edits[-1].record_out if self.edits else 0


def edits_of(cut_log: CutLog, settings: Settings) -> Edits:
    """The edits of a cut log at a rate. Raises Invalid for a start that is no timecode at that rate."""
    framed = with_frames(cut_log, settings.rate, settings.start)
    shots = framed.frames or ()
    starts = _source_starts(cut_log, settings)
    edits = tuple(_edits(framed, settings.rate, starts))
    return Edits(
        cut_log=framed,
        edits=edits,
        holds=tuple(_holds(framed, settings.rate)),
        record_start=frame_of(shots[0].record_in, settings.rate) if shots else 0,
        source_starts=starts,
        warnings=tuple(_warnings(framed, edits)),
    )


def _source_starts(cut_log: CutLog, settings: Settings) -> dict[str, int]:
    if settings.source_start is None:
        program_start = frame_of_clock(_beginning_ms(cut_log), settings.rate)
    else:
        program_start = frame_of(settings.source_start, settings.rate, "sourceStart")
    cameras = dict.fromkeys(segment.camera_id for segment in cut_log.segments if segment.camera_id is not None)
    starts = {camera: program_start - settings.latency_frames.get(camera, 0) for camera in cameras}
    # A picture that left its camera before midnight: count from the midnight before that, for all alike.
    days = max(0, -(min(starts.values(), default=0) // settings.rate.frames_per_day))
    return {camera: start + days * settings.rate.frames_per_day for camera, start in starts.items()}


def _edits(cut_log: CutLog, rate: Rate, source_starts: Mapping[str, int]) -> Iterator[Edit]:
    beginning_ms = _beginning_ms(cut_log)
    counted = [
        (segment, frame_at(segment.in_ms - beginning_ms, rate), frame_at(segment.out_ms - beginning_ms, rate))
        for segment in cut_log.segments
    ]
    position = 0
    for number, shot in enumerate(cut_log.frames or ()):
        members = []
        while position < len(counted) and counted[position][2] <= shot.record_out_frame:
            segment, first, last = counted[position]
            if segment.camera_id == shot.camera_id and first < last:
                members.append(segment)
            position += 1
        cause = members[0]
        may_dissolve = number > 0 and shot.camera_id is not None
        yield Edit(
            camera_id=shot.camera_id,
            record_in=shot.record_in_frame,
            record_out=shot.record_out_frame,
            record_in_timecode=shot.record_in,
            record_out_timecode=shot.record_out,
            source_in=shot.record_in_frame + (0 if shot.camera_id is None else source_starts[shot.camera_id]),
            dissolve_frames=min(_dissolve_end(cause, beginning_ms, rate), shot.record_out_frame) - shot.record_in_frame
            if may_dissolve
            else 0,
            cause=cause,
            flags=tuple(dict.fromkeys(one_line(flag) for segment in members for flag in segment.flags)),
        )


def _dissolve_end(segment: Segment, beginning_ms: int, rate: Rate) -> int:
    """The frame at which the segment's transition is complete; of a cut, the one at which it begins."""
    duration_ms = 0 if segment.transition is None else segment.transition.duration_ms
    return frame_at(math.floor(segment.in_ms + duration_ms + 0.5) - beginning_ms, rate)


def _holds(cut_log: CutLog, rate: Rate) -> Iterator[HoldSpan]:
    if not cut_log.segments:
        return
    beginning_ms, end_ms = _beginning_ms(cut_log), cut_log.segments[-1].out_ms
    for hold in cut_log.holds:
        first, last = (
            frame_at(min(max(ms, beginning_ms), end_ms) - beginning_ms, rate) for ms in (hold.in_ms, hold.out_ms)
        )
        yield HoldSpan(one_line(hold.hold_id), hold.camera_id, first, max(first, last), hold.status)


def _warnings(cut_log: CutLog, edits: tuple[Edit, ...]) -> Iterator[str]:
    if not edits:
        yield "the program is empty: there is not one shot to write"
    if cut_log.provisional:
        yield "the cut log is provisional: the session has not ended"
    dropped = sum(entry.kind == "below_frame" for entry in cut_log.audit)
    if dropped:
        yield f"{dropped} shots are shorter than a frame and are left out; the audit list names them"
    for edit in edits:
        wanted = edit.cause.transition
        if wanted is not None and not edit.dissolve_frames and wanted.duration_ms > 0:
            yield f"{edit.record_in_timecode}: the {edit.transition_name} is written as a cut, for want of a picture"


def _beginning_ms(cut_log: CutLog) -> int:
    return cut_log.segments[0].in_ms if cut_log.segments else 0


def one_line(text: str) -> str:
    """Text that cannot end its line, nor be refused as a name in XML."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
