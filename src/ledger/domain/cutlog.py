"""What a replayed session amounts to: its program, as segments, holds and a list of everything that was odd."""

from typing import Annotated, Literal

from pydantic import Field

from ledger.domain.values import Frozen, Number

Absent = Field(exclude_if=lambda value: value is None)
"""Left out where unset. The other fields are always there: a gap says ``cameraId: null``."""

AuditKind = Literal[
    "before_start",
    "same_camera",
    "superseded",
    "late",
    "shadow",
    "source_lost",
    "source_inactive",
    "unregistered",
    "release_without_hold",
    "hold_broken",
    "hold_voided",
    "hold_open_at_end",
    "open_end",
    "after_end",
    "voided",
    "corrected",
    "no_camera",
    "unreadable",
    "below_frame",
]


class Context(Frozen):
    """Why a segment may have begun: what was in force at its start."""

    mode: str | None = None
    priorities: dict[str, Number] = {}
    section: str | None = None
    tempo: Number | None = None
    score: Annotated[Number | None, Absent] = None
    """The causing event's own score."""


class Transition(Frozen):
    """A dissolve or wipe; its start is the segment's start, and its time belongs to the incoming camera."""

    type: str
    duration_ms: Number


class Segment(Frozen):
    """One camera's stretch on program, half-open, in whole milliseconds of program time; no camera is a gap."""

    camera_id: str | None
    in_ms: int
    out_ms: int
    reason: str
    """The causing event's own; else what it was: ``cut``, ``initial``, ``resume``, ``pause`` or ``no_camera``."""
    cause_event_id: Annotated[str | None, Absent] = None
    transition: Annotated[Transition | None, Absent] = None
    context: Context
    flags: tuple[str, ...] = ()


class Hold(Frozen):
    hold_id: str
    camera_id: str | None
    in_ms: int
    out_ms: int
    status: Literal["released", "broken", "voided", "open_at_end"]
    held_by: Annotated[str | None, Absent] = None
    """Who recorded the hold."""


class AuditEntry(Frozen):
    event_id: str | None
    timestamp_ms: int
    kind: AuditKind
    note: str


class Shot(Frozen):
    """A segment counted in frames of one rate, from the program's beginning; timecodes as an editor writes them."""

    camera_id: str | None
    record_in_frame: int
    record_out_frame: int
    record_in: str
    record_out: str


class CutLog(Frozen):
    session_id: str
    sequence: int
    """The session's history that was folded: everything up to and including this sequence."""
    provisional: bool
    segments: tuple[Segment, ...]
    holds: tuple[Hold, ...]
    audit: tuple[AuditEntry, ...]
    frames: Annotated[tuple[Shot, ...] | None, Absent] = None

    def to_json(self) -> str:
        return self.__pydantic_serializer__.to_json(self, by_alias=True).decode()
