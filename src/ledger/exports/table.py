"""The cut log for a person: one row a shot, as text, for whoever draws the table."""

from typing import Final, NamedTuple

from ledger.domain.timecode import timecode
from ledger.exports.edits import Edit, Edits, Settings

COLUMNS: Final = (
    "shot",
    "camera",
    "record in",
    "record out",
    "frames",
    "source in",
    "source out",
    "transition",
    "reason",
    "mode",
    "section",
    "tempo",
    "score",
    "flags",
)


class Table(NamedTuple):
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]


def table(edits: Edits, settings: Settings) -> Table:
    rows = tuple(_row(number, edit, settings) for number, edit in enumerate(edits.edits, 1))
    return Table(COLUMNS, rows, edits.warnings)


def _row(number: int, edit: Edit, settings: Settings) -> tuple[str, ...]:
    context = edit.cause.context
    has_picture = edit.camera_id is not None
    return (
        str(number),
        edit.camera_id or "",
        edit.record_in_timecode,
        edit.record_out_timecode,
        str(edit.frame_count),
        timecode(edit.source_in, settings.rate) if has_picture else "",
        timecode(edit.source_out, settings.rate) if has_picture else "",
        f"{edit.transition_name} {edit.dissolve_frames}" if edit.dissolve_frames else "",
        edit.cause.reason,
        context.mode or "",
        context.section or "",
        "" if context.tempo is None else str(context.tempo),
        "" if context.score is None else str(context.score),
        " ".join(edit.flags),
    )
