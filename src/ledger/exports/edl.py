"""CMX3600 edit decision lists, which every editing system reads.

Written here and not by a library, because the one there is ignores the start timecode and says nothing of drop-frame.
An event takes one line, one that begins with a dissolve two: the outgoing shot with no length, then the incoming with
``D nnn``. A part holds at most 999 events. Record timecodes go on through all parts: end to end, they are the program.
"""

from collections.abc import Iterator
from typing import Final

from ledger.domain.timecode import Rate, timecode
from ledger.exports.edits import Edit, Edits, Settings, one_line
from ledger.exports.reels import BLACK, reels
from ledger.exports.rendered import File, Rendered

EVENTS_MAX: Final = 999
DISSOLVE_FRAMES_MAX: Final = 999
TITLE_LENGTH_MAX: Final = 70
_NO_TRANSITION: Final = "C", ""


def render(edits: Edits, settings: Settings) -> Rendered:
    """The edits as one list, or as several parts where there are more than 999 events."""
    parts = list(_parts(edits.edits))
    written = [_part(part, edits, settings, number, len(parts)) for number, part in enumerate(parts, 1)]
    suffixes = [".edl"] if len(parts) == 1 else [f"-part{number}.edl" for number in range(1, len(parts) + 1)]
    return Rendered(tuple(map(File, suffixes, written)), (*edits.warnings, *_warnings(edits, parts, settings.rate)))


def _parts(edits: tuple[Edit, ...]) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends: with a cut, wherever one is to be had, as no reader begins with a dissolve."""
    first = 0
    while len(edits) - first > EVENTS_MAX:
        cuts = (index for index in range(first + EVENTS_MAX, first, -1) if not edits[index].dissolve_frames)
        end = next(cuts, first + EVENTS_MAX)
        yield first, end
        first = end
    yield first, len(edits)


def _part(part: tuple[int, int], edits: Edits, settings: Settings, number: int, count: int) -> bytes:
    names = reels(edit.camera_id for edit in edits.edits if edit.camera_id is not None)
    title = one_line(settings.title)[:TITLE_LENGTH_MAX] + (f" ({number}/{count})" if count > 1 else "")
    lines = [f"TITLE: {title}", f"FCM: {'DROP FRAME' if settings.rate.drop else 'NON-DROP FRAME'}"]
    for event, index in enumerate(range(*part), 1):
        outgoing = edits.edits[index - 1] if index else None
        lines += _event(event, outgoing, edits.edits[index], names, settings)
    return ("\n".join(lines) + "\n").encode(errors="replace")


def _event(event: int, outgoing: Edit | None, edit: Edit, names: dict[str, str], settings: Settings) -> list[str]:
    rate = settings.rate
    source = _source(edit, rate)
    record = f"{edit.record_in_timecode} {edit.record_out_timecode}"
    if outgoing is None or not edit.dissolve_frames:
        # Black is named like a camera, because pycmx loses an event that has no remark after it.
        return [
            _line(event, _reel(edit, names), _NO_TRANSITION, source, record),
            f"* FROM CLIP NAME: {_clip(edit, settings)}",
        ]
    out = _source(outgoing, rate).split()[1]
    at = edit.record_in_timecode
    transition = "W001" if edit.is_wipe else "D", f"{min(edit.dissolve_frames, DISSOLVE_FRAMES_MAX):03}"
    return [
        _line(event, _reel(outgoing, names), _NO_TRANSITION, f"{out} {out}", f"{at} {at}"),
        _line(event, _reel(edit, names), transition, source, record),
        f"* FROM CLIP NAME: {_clip(outgoing, settings)}",
        f"* TO CLIP NAME: {_clip(edit, settings)}",
    ]


def _line(event: int, reel: str, transition: tuple[str, str], source: str, record: str) -> str:
    kind, frames = transition
    return f"{event:03}  {reel:<8} V     {kind:<4} {frames:>3} {source} {record}"


def _source(edit: Edit, rate: Rate) -> str:
    first = 0 if edit.camera_id is None else edit.source_in
    return f"{timecode(first, rate)} {timecode(first + edit.frame_count, rate)}"


def _reel(edit: Edit, names: dict[str, str]) -> str:
    return BLACK if edit.camera_id is None else names[edit.camera_id]


def _clip(edit: Edit, settings: Settings) -> str:
    return "BLACK" if edit.camera_id is None else settings.clip_name(edit.camera_id)


def _warnings(edits: Edits, parts: list[tuple[int, int]], rate: Rate) -> Iterator[str]:
    day = rate.frames_per_day
    if (edits.record_start + edits.frame_count) // day:
        yield "record timecode crosses midnight, which EDL readers refuse; begin at 01:00:00:00, say"
    for edit in edits.edits:
        if edit.camera_id is not None and edit.source_in // day != edit.source_out // day:
            source = f"{edit.record_in_timecode}: the source timecode of {one_line(edit.camera_id)}"
            yield f"{source} crosses midnight, which EDL readers refuse; set the sources' start, or use another format"
        if edit.dissolve_frames > DISSOLVE_FRAMES_MAX:
            yield f"{edit.record_in_timecode}: {edit.dissolve_frames} frames of transition become {DISSOLVE_FRAMES_MAX}"
    if len(parts) > 1:
        yield f"{len(edits.edits)} events are more than an EDL holds: {len(parts)} parts, to be laid end to end"
    if any(edits.edits[first].dissolve_frames for first, _ in parts[1:]):
        yield "a part begins with a dissolve, for want of a cut among 999 events; some readers refuse it"
