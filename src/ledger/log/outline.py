"""Outlines: recorded facts whose open-ended JSON is decoded only when somebody looks at it, for who goes through a great many.

Most of what a long shoot has recorded is bars, markers and moments. Their ``metadata`` and ``audioSnapshot`` are shown as
they are stored, and of one in ten at most does the cut log read them; to build them is two thirds of the price of decoding.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, cast

import msgspec

from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.director import DirectorEventRecorded
from ledger.domain.entries import Event
from ledger.domain.music import MusicMomentRecorded
from ledger.log.codec import UnreadableEventError, decode

_ABSENT: Final = msgspec.Raw(b"null")
_open_ended: Final = msgspec.json.Decoder().decode
Decoder = Callable[[str], Event]


def _looked_into(stored_name: str, raw: str) -> property:
    """An open-ended field, out of the JSON that stands in the field ``raw``."""

    def value(outline: object) -> Any:
        try:
            return _open_ended(getattr(outline, raw))
        except (msgspec.DecodeError, RecursionError) as error:
            raise UnreadableEventError(f"{stored_name}: {error}") from error

    return property(value)


def _outlines_of(kind: type[Event]) -> Decoder:
    """A decoder of the kind's stored body. What it makes has the kind's stored name and its fields, and is no pydantic model."""
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    names: dict[str, str] = {}
    looked_into: dict[str, property] = {}
    for name, field in kind.model_fields.items():
        names[name] = field.alias or name
        if field.annotation is Any:
            raw = f"raw_{name}"
            names[raw] = names.pop(name)
            fields.append((raw, msgspec.Raw, _ABSENT))
            looked_into[name] = _looked_into(kind.stored_as, raw)
        else:
            fields.append((name, field.annotation) if field.is_required() else (name, field.annotation, field.default))
    outline = msgspec.defstruct(
        kind.__name__,
        fields,
        namespace={"stored_as": kind.stored_as, **looked_into},
        rename=names,
        forbid_unknown_fields=True,
        frozen=True,
        gc=False,  # nothing it holds can refer back to it
    )
    return cast("Decoder", msgspec.json.Decoder(outline).decode)


_OUTLINED: Final = {kind.stored_as: _outlines_of(kind) for kind in (DirectorEventRecorded, MusicMomentRecorded)}
DECODERS: Final[dict[str, Decoder]] = {name: partial(decode, name) for name in BY_STORED_NAME} | _OUTLINED
"""By stored name, those of today. The decoders of outlines raise msgspec's own errors."""


def decode_outline(stored_name: str, body: str) -> Event:
    """The event that was stored; of a director event or music moment an outline. Raises UnreadableEventError."""
    outline = _OUTLINED.get(stored_name)
    if outline is None:  # An event of an old stored name is read whole: its body of today is made from all of it.
        return decode(stored_name, body)
    try:
        return outline(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableEventError(f"{stored_name}: {error}") from error


def entity_of(stored_name: str, body: str, sequence: int) -> str | None:
    """What the event that was stored is about, as the log's own column must say it. Raises UnreadableEventError."""
    event = decode_outline(stored_name, body)
    return None if stored_name in _OUTLINED else event.entity(sequence)
