"""One way out for every format."""

from collections.abc import Callable
from typing import Final

from ledger.domain.cutlog import CutLog
from ledger.domain.refusals import Invalid
from ledger.exports import csv, edl, fcp7xml, json, otio
from ledger.exports.edits import Edits, Settings, edits_of
from ledger.exports.rendered import Rendered

_WRITERS: Final[dict[str, Callable[[Edits, Settings], Rendered]]] = {
    "json": json.render,
    "csv": csv.render,
    "edl": edl.render,
    "otio": otio.render,
    "fcp7xml": fcp7xml.render,
}
FORMATS: Final = tuple(_WRITERS)


def render(cut_log: CutLog, format_name: str, settings: Settings) -> Rendered:
    """The files of a cut log in a format, and what to know before trusting them.

    Raises Invalid for a format that there is not, or a start that is no timecode at the rate.
    """
    if format_name not in _WRITERS:
        raise Invalid("format", f"{format_name!r} is not known; known are {', '.join(FORMATS)}")
    return _WRITERS[format_name](edits_of(cut_log, settings), settings)
