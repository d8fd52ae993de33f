"""The program itself while it is being folded: one stretch after another, without gap or overlap."""

from dataclasses import dataclass, field

from ledger.domain.cutlog import Context, Segment, Transition
from ledger.domain.ids import make_id
from ledger.domain.program.audit import Audit
from ledger.domain.program.holds import HeldRange
from ledger.domain.values import Number


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut as it was decided, on program or not. No camera is a cut to nothing."""

    ms: int
    sequence: int
    camera_id: str | None
    reason: str | None
    score: Number | None
    transition: Transition | None
    late_by: int | None


@dataclass(slots=True)
class Stretch:
    """A segment in the making; where it ends is where the next begins, and it may turn out to have no length."""

    camera_id: str | None
    in_ms: int
    reason: str
    cause: Cut | None
    """The cut that decided the camera."""
    is_cut: bool
    """The cause took place here. One that was made before the program began, or in a pause, did not."""
    context: Context
    flags: list[str]
    broken: list[HeldRange] = field(default_factory=list)
    """The holds that this cut broke."""


def segments(
    stretches: list[Stretch], closing_ms: int, *, open_end: bool, partition: str, audit: Audit
) -> tuple[Segment, ...]:
    """The stretches as segments: none without length, save a cut that is the last an open log knows of."""
    boundaries = [stretch.in_ms for stretch in stretches[1:]] + [closing_ms]
    kept: list[tuple[Stretch, int]] = []
    for stretch, out_ms in zip(stretches, boundaries, strict=False):
        is_last_of_open_log = open_end and stretch is stretches[-1]
        if out_ms > stretch.in_ms or (stretch.is_cut and is_last_of_open_log):
            kept.append((stretch, out_ms))
        elif stretch.is_cut and stretch.cause:
            note = "the program paused or ended in the same millisecond"
            audit.add("superseded", stretch.in_ms, stretch.cause.sequence, note)
    if open_end and kept:
        kept[-1][0].flags.append("open_end")
    return tuple(_segment(stretch, out_ms, partition) for stretch, out_ms in kept)


def _segment(stretch: Stretch, out_ms: int, partition: str) -> Segment:
    cause = stretch.cause
    return Segment(
        camera_id=stretch.camera_id,
        in_ms=stretch.in_ms,
        out_ms=out_ms,
        reason=stretch.reason,
        cause_event_id=make_id(partition, "event", cause.sequence) if cause else None,
        transition=cause.transition if cause and stretch.is_cut else None,
        context=stretch.context,
        flags=tuple(stretch.flags),
    )
