"""FCP7 XML, which Premiere and Resolve read: the same timeline, by way of OpenTimelineIO's adapter."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any, Final

import opentimelineio
from opentimelineio.schema import Clip, Transition

from ledger.domain.timecode import Rate, timecode
from ledger.exports import otio
from ledger.exports.edits import Edits, Settings
from ledger.exports.rendered import File, Rendered

_ADAPTER: Final = "fcp_xml"


def render(edits: Edits, settings: Settings) -> Rendered:
    timeline = otio.timeline(edits, settings)
    _prepare(timeline, settings.rate)
    text = opentimelineio.adapters.write_to_string(timeline, _ADAPTER)
    written = ET.fromstring(text)  # noqa: S314 - our own text
    _label(written, settings.rate)
    content = ET.tostring(written, encoding="UTF-8", xml_declaration=True)
    return Rendered((File(".xml", content),), (*edits.warnings, *_lost(edits)))


def _prepare(timeline: Any, rate: Rate) -> None:
    """Says what the adapter would guess wrong: that a count is drop-frame, that a dissolve is not one from black."""
    counting = {"timecode": {"displayformat": "DF" if rate.drop else "NDF"}}
    timeline.metadata[_ADAPTER] = counting
    for item in timeline.tracks[0]:
        if isinstance(item, Transition):
            item.metadata[_ADAPTER] = {"alignment": "start"}
        elif isinstance(item, Clip):
            item.media_reference.metadata[_ADAPTER] = counting


def _label(written: ET.Element, rate: Rate) -> None:
    """Writes every timecode's label anew from its frame: the adapter's are wrong near the end of a non-drop day."""
    for element in written.iter("timecode"):
        frame, label = element.find("frame"), element.find("string")
        assert frame is not None and frame.text is not None and label is not None, "the adapter writes both"
        label.text = timecode(int(frame.text), rate)


def _lost(edits: Edits) -> Iterator[str]:
    if any(edit.is_wipe for edit in edits.edits):
        yield "wipes are written as dissolves: the format's adapter knows no other transition"
    if edits.edits and edits.edits[-1].camera_id is None:
        yield "the program ends in black: readers end the sequence with its last picture"
