"""Shots: the program counted in an editor's frames. Boundaries are rounded, never durations, so that nothing drifts."""

from typing import Final

from ledger.domain.cutlog import AuditEntry, CutLog, Shot
from ledger.domain.refusals import Invalid
from ledger.domain.timecode import Rate, frame_at, frame_of, frame_of_clock, timecode

START_DEFAULT: Final = "01:00:00:00"
TIME_OF_DAY: Final = "time of day"


def with_frames(cut_log: CutLog, rate: Rate, start: str | None = None) -> CutLog:
    """The cut log with its shots at a rate, and what was too short for one on its audit list. Raises Invalid."""
    frames, dropped = shots(cut_log, rate, start)
    audit = sorted((*cut_log.audit, *dropped), key=lambda entry: entry.timestamp_ms)
    return cut_log.model_copy(update={"frames": frames, "audit": tuple(audit)})


def shots(cut_log: CutLog, rate: Rate, start: str | None = None) -> tuple[tuple[Shot, ...], tuple[AuditEntry, ...]]:
    """The program frame by frame, from 0 at its beginning, and what came to no whole frame of its own.

    A gap is a shot of no camera. Neighbours of one camera are one shot. ``start`` is the first frame's timecode, or
    ``time of day`` for the clock's (UTC). Raises Invalid where it is no timecode at this rate.
    """
    beginning_ms = cut_log.segments[0].in_ms if cut_log.segments else 0
    start_frame = _start_frame(START_DEFAULT if start is None else start, beginning_ms, rate)
    counted: list[tuple[str | None, int, int]] = []
    dropped: list[AuditEntry] = []
    for segment in cut_log.segments:
        first, last = frame_at(segment.in_ms - beginning_ms, rate), frame_at(segment.out_ms - beginning_ms, rate)
        if first == last:
            length_ms = segment.out_ms - segment.in_ms
            note = f"{segment.camera_id or 'a gap'} for {length_ms} ms comes to no frame at {rate.name}"
            dropped.append(
                AuditEntry(event_id=segment.cause_event_id, timestamp_ms=segment.in_ms, kind="below_frame", note=note)
            )
        elif counted and counted[-1][0] == segment.camera_id:
            counted[-1] = (segment.camera_id, counted[-1][1], last)
        else:
            counted.append((segment.camera_id, first, last))
    return tuple(_shot(camera_id, first, last, start_frame, rate) for camera_id, first, last in counted), tuple(dropped)


def _shot(camera_id: str | None, first: int, last: int, start_frame: int, rate: Rate) -> Shot:
    return Shot(
        camera_id=camera_id,
        record_in_frame=first,
        record_out_frame=last,
        record_in=timecode(start_frame + first, rate),
        record_out=timecode(start_frame + last, rate),
    )


def _start_frame(start: str, beginning_ms: int, rate: Rate) -> int:
    if start.strip().lower().replace("-", " ") == TIME_OF_DAY:
        return frame_of_clock(beginning_ms, rate)
    try:
        return frame_of(start, rate, "startTimecode")
    except Invalid as refusal:
        raise Invalid("startTimecode", f"{refusal.detail['rule']}; or say {TIME_OF_DAY!r}") from refusal
