"""Outlines: recorded facts decoded without their open-ended JSON, for those who go through a great many of them.

Most of what a long shoot has recorded is bars, markers and moments. Their ``metadata`` and ``audioSnapshot`` are shown as
they are stored, and neither a view nor the cut log reads them; to build them is two thirds of the price of decoding.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import asdict

from ledger.domain.director import DirectorEventRecorded
from ledger.domain.entries import Event
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.program.metadata import TYPES_READ_WITH_METADATA
from ledger.log.codec import UnreadableEventError, decode

_ABSENT: Final = msgspec.Raw(b"null")
_NO_FIELDS_SET: Final[frozenset[str]] = frozenset()


def _skeleton(kind: type[Event]) -> Callable[[str], Any]:
    """A decoder of the kind's stored body that leaves the JSON of open-ended fields as it is."""
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for name, field in kind.model_fields.items():
        if field.annotation is Any:
            fields.append((name, msgspec.Raw, _ABSENT))
        else:
            fields.append((name, field.annotation) if field.is_required() else (name, field.annotation, field.default))
    struct = msgspec.defstruct(kind.__name__, fields, rename="camel", forbid_unknown_fields=True, gc=False)
    return msgspec.json.Decoder(struct).decode


def _built(kind: type[Event], fields: dict[str, Any]) -> Event:
    """The event with these fields, which the decoder has checked: building it must not cost a second check."""
    event = kind.__new__(kind)
    put = object.__setattr__  # the model is frozen, for everybody else
    put(event, "__dict__", fields)
    put(event, "__pydantic_fields_set__", _NO_FIELDS_SET)
    put(event, "__pydantic_extra__", None)
    put(event, "__pydantic_private__", None)
    return event


_read_decision = _skeleton(DirectorEventRecorded)
_read_moment = _skeleton(MusicMomentRecorded)


def _decision(body: str) -> Event:
    fields = asdict(_read_decision(body))
    wanted = fields["event_type"] in TYPES_READ_WITH_METADATA
    fields["metadata"] = msgspec.json.decode(fields["metadata"]) if wanted else None
    return _built(DirectorEventRecorded, fields)


def _moment(body: str) -> Event:
    fields = asdict(_read_moment(body))
    fields["metadata"] = fields["audio_snapshot"] = None
    return _built(MusicMomentRecorded, fields)


_OUTLINES: Final = {DirectorEventRecorded.stored_as: _decision, MusicMomentRecorded.stored_as: _moment}


def decode_outline(stored_name: str, body: str) -> Event:
    """The event that was stored; of director events and music moments only what views and the cut log read of it.

    Raises UnreadableEventError.
    """
    outline = _OUTLINES.get(stored_name)
    if outline is None:  # An event of an old stored name is read whole: its body of today is made from all of it.
        return decode(stored_name, body)
    try:
        return outline(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableEventError(f"{stored_name}: {error}") from error


_READ_WITHOUT_ENTITY: Final = {
    DirectorEventRecorded.stored_as: _read_decision,
    MusicMomentRecorded.stored_as: _read_moment,
}


def entity_of(stored_name: str, body: str, sequence: int) -> str | None:
    """What the event that was stored is about, as the log's own column must say it. Raises UnreadableEventError."""
    read = _READ_WITHOUT_ENTITY.get(stored_name)
    if read is None:
        return decode(stored_name, body).entity(sequence)
    try:
        read(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableEventError(f"{stored_name}: {error}") from error
    return None
