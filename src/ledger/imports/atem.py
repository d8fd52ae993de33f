"""Blackmagic ATEM ISO projects (``.drp``): what a switcher recorded, as the plan of a session.

The file is JSON lines. The first describes the recording; every other is one change, with its timecode. Read are the
video mode, the sources, and of the first mix effect block what is on air, when a transition is under way, and the end.

Time: the recording begins on the given date at its own timecode, taken as UTC, and every later point is as many frames
after it as the timecodes say, at the exact rate. So a recording never drifts against itself, whatever its labels do.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel, to_snake

from ledger.domain.director import StatedDirectorEvent
from ledger.domain.refusals import Invalid
from ledger.domain.sessions import StartSession
from ledger.domain.values import Number, Text
from ledger.imports.recording import RecordedCamera, Recording
from ledger.imports.tape import Tape

SOURCE_MAX: Final = 0xFFFF
"""A switcher numbers its sources in sixteen bits."""

BYTES_MAX: Final = 64 << 20
"""A switch takes some hundred bytes: a show of a whole day has not a hundredth of this."""

_REASON: Final = "switcher"


# What the file says.


_Label = Annotated[str, Field(max_length=100)]
"""Text that a refusal quotes."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, alias_generator=to_camel, extra="ignore")


class _Source(_Part):
    index: Annotated[int, Field(alias="_index_", ge=0, le=SOURCE_MAX)]
    name: Text = ""
    type: Annotated[Text, Field(min_length=1, max_length=100)]
    file: Text | None = None
    project_path: Text | None = None
    start_timecode: Text | None = None

    @property
    def was_recorded(self) -> bool:
        return self.type == "Video" and self.file is not None


class _MixEffect(_Part):
    index: Annotated[int, Field(alias="_index_")] = 0
    source: Annotated[int, Field(ge=0, le=SOURCE_MAX)] | None = None
    transition_active: bool | None = None
    on_air: bool | None = None


class _Change(_Part):
    master_timecode: _Label
    mix_effect_blocks: Annotated[tuple[_MixEffect, ...], Field(strict=False, fail_fast=True)] = ()

    @property
    def program(self) -> _MixEffect:
        """The first mix effect block is the one that is recorded; where it does not change, an empty change."""
        return next((block for block in self.mix_effect_blocks if block.index == 0), _MixEffect(_index_=0))


class _Header(_Change):
    video_mode: _Label
    sources: Annotated[tuple[_Source, ...], Field(strict=False, fail_fast=True)]
    recording_id: Text | None = None


_Line = TypeVar("_Line", bound=_Change)


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers as an editor shows them."""
    if len(content) > BYTES_MAX:
        raise Invalid("file", f"it is larger than {BYTES_MAX >> 20} MiB, and so no ATEM project")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise Invalid("file", f"it is no ATEM project, which is text: byte {broken.start + 1} is no UTF-8") from None
    if not text.strip():
        raise Invalid("file", "it is empty; an ATEM project begins with a line that describes the recording")
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


def _parsed(kind: type[_Line], line: str, number: int) -> _Line:
    try:
        return kind.model_validate_json(line)
    except ValidationError as broken:
        first = broken.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "json_invalid":
            rule = "is no JSON; every line of an ATEM project is one JSON object"
        elif first["type"] == "missing" and kind is _Header:
            rule = f"is no header of an ATEM project: {where} is missing"
        else:
            rule = f"{where or 'it'}: {first['msg']}"
        raise Invalid(f"line {number}", rule) from None


# What it amounts to.


def read(content: bytes, on: date, session_type: str = "photoshoot_performance") -> Recording:
    """The recording that began ``on`` a date, as commands.

    Raises Invalid, naming the line and the rule, for anything but a project that can be read from end to end.
    """
    lines = _lines(content)
    number, first = next(lines)
    header = _parsed(_Header, first, number)
    sources = _sources(header, number)
    tape = Tape(header.video_mode, header.master_timecode, on, number)
    initial = header.program.source
    if initial is None:
        raise Invalid(f"line {number}", "mixEffectBlocks[0].source is missing: a header says what is on air")
    switches = _Switches(tape, under_way=bool(header.program.transition_active))
    for number, line in lines:
        change = _parsed(_Change, line, number)
        tape.advance(change.master_timecode, number)
        switches.take(change.program)
    cameras = [source for source in sources if source.was_recorded or source.index in {initial, *switches.sources}]
    return Recording(
        key=hashlib.sha256(on.isoformat().encode() + b"\n" + content).hexdigest(),
        start=StartSession(
            session_type=session_type,
            status="rolling",
            title=next((source.project_path for source in cameras if source.project_path), None),
            timestamp_ms=tape.start_ms,
            metadata={"initialCamera": camera_id(initial), "recording": _description(header)},
        ),
        cameras=tuple(map(_camera, cameras)),
        events=tuple(switches.events),
        ended_at_ms=switches.ended_at_ms,
    )


def camera_id(source: int) -> str:
    """A source's camera. Its number, because names are not unique and are changed between two recordings of one day."""
    return f"cam-{source}"


def _sources(header: _Header, number: int) -> list[_Source]:
    by_index = {source.index: source for source in header.sources}
    if len(by_index) < len(header.sources):
        raise Invalid(f"line {number}", "sources: two of them have the same _index_")
    return [by_index[index] for index in sorted(by_index)]


def _camera(source: _Source) -> RecordedCamera:
    described = source.model_dump(by_alias=True, include={"file", "project_path", "start_timecode"}, exclude_none=True)
    return RecordedCamera(
        camera_id=camera_id(source.index),
        source_type=f"atem_{to_snake(source.type)}",
        role="camera" if source.type == "Video" else "graphic",
        device_name=source.name,
        metadata={"source": source.index, **described},
    )


def _description(header: _Header) -> dict[str, str]:
    described = {"recording_id", "video_mode", "master_timecode"}
    return header.model_dump(by_alias=True, include=described, exclude_none=True)


class _Switches:
    """The cuts of a recording, gathered change by change at the tape's place.

    A source changes only once a transition is complete, so a dissolve began where ``transitionActive`` became true.
    """

    def __init__(self, tape: Tape, under_way: bool) -> None:
        self._tape = tape
        self._began = tape.place if under_way else None
        self.events: list[StatedDirectorEvent] = []
        self.sources: set[int] = set()
        self.ended_at_ms: Number | None = None

    def take(self, change: _MixEffect) -> None:
        place = self._tape.place
        if change.source is not None:
            self._cut(change.source)
            self._began = None
        if change.transition_active is False:
            # Complete, or pushed back to where it came from: either way none is under way any more.
            self._began = None
        elif change.transition_active and self._began is None:
            self._began = place
        if change.on_air is False and self.ended_at_ms is None:
            self.ended_at_ms = place.ms

    def _cut(self, source: int) -> None:
        place = self._tape.place
        began = place if self._began is None else self._began
        metadata: dict[str, object] = {"source": source, "masterTimecode": began.timecode}
        if began.frame < place.frame:
            duration_ms = self._tape.duration_ms(place.frame - began.frame)
            metadata["transition"] = {"type": "dissolve", "durationMs": duration_ms}
        self.sources.add(source)
        self.events.append(
            StatedDirectorEvent(
                timestamp_ms=began.ms, event_type="cut", camera_id=camera_id(source), reason=_REASON, metadata=metadata
            )
        )
