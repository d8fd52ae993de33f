"""Batches of director events straight from the text of a request: the way that an importer's and a backlog's facts come in.

A thousand events that are validated as models, one by one, cost a third of all that is done with them on their way into the log.
What is taken here is what the command's own rules take, with the same values; all else is left to those, who say what is wrong.
"""

from typing import Annotated, Any, ClassVar, Final, cast

import msgspec
from msgspec import Meta
from pydantic_core import PydanticCustomError

from ledger.domain.director import BATCH_LENGTH_MAX, DirectorEventRecorded, RecordDirectorEvents, StatedDirectorEvent
from ledger.domain.values import INTEGER_MAX, NAME_LENGTH_MAX, TEXT_LENGTH_MAX, TIMESTAMP_MS_MAX, require_json

_Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX)]


class _Stated(msgspec.Struct, rename="camel", omit_defaults=True, forbid_unknown_fields=True, frozen=True, gc=False):
    """A director event as its caller states it: an outline, which is stored as it stands."""

    stored_as: ClassVar[str] = DirectorEventRecorded.stored_as
    entity = DirectorEventRecorded.entity

    timestamp_ms: (
        Annotated[int, Meta(ge=0, le=TIMESTAMP_MS_MAX)] | Annotated[float, Meta(ge=0, le=float(TIMESTAMP_MS_MAX))]
    )
    event_type: _Name
    camera_id: _Name | None = None
    reason: Annotated[str, Meta(max_length=TEXT_LENGTH_MAX)] | None = None
    score: Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)] | float | None = None
    metadata: Any = None


class _Batch(msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    session_id: _Name
    events: Annotated[list[_Stated], Meta(max_length=BATCH_LENGTH_MAX)]


_decode: Final = msgspec.json.Decoder(_Batch).decode
_NUL: Final = rb"\u0000"
"""No text may hold it, and in JSON it can be written in no other way."""


def read_batch(body: bytes) -> RecordDirectorEvents | None:
    """The command that a body comes to, whose events are outlines; None where the command's own rules must say what it is."""
    if b"\\" in body and _NUL in body:  # a single byte is found in a fiftieth of the time
        return None
    try:
        batch = _decode(body)
        names: set[str | None] = {batch.session_id}
        for event in batch.events:
            names.add(event.event_type)
            names.add(event.camera_id)
            if type(event.metadata) is dict or type(event.metadata) is list:
                require_json(event.metadata)
    except (msgspec.DecodeError, RecursionError, ValueError, PydanticCustomError):
        return None
    if any(name.isspace() for name in names if name is not None):
        return None
    events = cast("list[StatedDirectorEvent]", batch.events)
    return RecordDirectorEvents.model_construct(session_id=batch.session_id, events=events)
