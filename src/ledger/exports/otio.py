"""OpenTimelineIO: the program as a timeline of one video track, exact at every rate.

Holds and flags are markers of the whole timeline, in record time, where every reader puts them on the same frame.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import opentimelineio
from opentimelineio.opentime import RationalTime, TimeRange
from opentimelineio.schema import Clip, Gap, Marker, MarkerColor, MissingReference, Timeline, Track, Transition

from ledger.exports.edits import Edit, Edits, Settings, one_line
from ledger.exports.rendered import File, Rendered

_DISSOLVE: Final = "SMPTE_Dissolve"
_WIPE: Final = "Custom_Transition"
"""OpenTimelineIO names one transition only; any other is a custom one."""


def render(edits: Edits, settings: Settings) -> Rendered:
    written = opentimelineio.adapters.write_to_string(timeline(edits, settings), "otio_json")
    return Rendered((File(".otio", written.encode()),), edits.warnings)


def timeline(edits: Edits, settings: Settings) -> Any:
    """The program as a timeline that begins at the record timecode."""
    time = _Time(settings.rate.exact)
    result = Timeline(one_line(settings.title), global_start_time=time.at(edits.record_start))
    result.tracks.append(_track(edits, settings, time))
    result.tracks.markers.extend(_markers(edits, time))
    return result


class _Time:
    """Frames of one rate as OpenTimelineIO counts them."""

    def __init__(self, fps: Fraction) -> None:
        self._fps = float(fps)

    def at(self, frame: int) -> Any:
        return RationalTime(frame, self._fps)

    def span(self, first: int, frame_count: int) -> Any:
        return TimeRange(self.at(first), self.at(frame_count))


def _track(edits: Edits, settings: Settings, time: _Time) -> Any:
    track = Track("V1", kind="Video")
    media = _media(edits, settings, time)
    for edit in edits.edits:
        if edit.dissolve_frames:
            kind = _WIPE if edit.is_wipe else _DISSOLVE
            track.append(Transition(edit.transition_name, kind, time.at(0), time.at(edit.dissolve_frames)))
        if edit.camera_id is None:
            track.append(Gap(source_range=time.span(0, edit.frame_count)))
        else:
            track.append(_clip(edit, edit.camera_id, media[edit.camera_id], settings, time))
    return track


def _clip(edit: Edit, camera_id: str, media: Any, settings: Settings, time: _Time) -> Any:
    context = edit.cause.context.model_dump(mode="json", exclude_none=True)
    why = {"cameraId": camera_id, "reason": edit.cause.reason, "context": context, "flags": list(edit.flags)}
    return Clip(
        settings.clip_name(camera_id),
        media_reference=media.clone(),
        source_range=time.span(edit.source_in, edit.frame_count),
        metadata={"ledger": why},
    )


def _media(edits: Edits, settings: Settings, time: _Time) -> dict[str, Any]:
    """Each camera's recording, as long as the program, so that no dissolve lacks its handle."""
    return {
        camera_id: MissingReference(
            name=settings.clip_name(camera_id),
            available_range=time.span(start, edits.frame_count),
            # Two cameras may bear one name, and the FCP7 adapter takes equal references for one file.
            metadata={"ledger": {"cameraId": camera_id}},
        )
        for camera_id, start in edits.source_starts.items()
    }


def _markers(edits: Edits, time: _Time) -> Iterator[Any]:
    for hold in edits.holds:
        name = one_line(f"hold {hold.camera_id or ''}")
        marked = time.span(hold.record_in, hold.record_out - hold.record_in)
        yield Marker(name, marked, MarkerColor.YELLOW, {"ledger": {"holdId": hold.hold_id, "status": hold.status}})
    for edit in edits.edits:
        for flag in edit.flags:
            yield Marker(flag, time.span(edit.record_in, edit.frame_count), MarkerColor.RED)
