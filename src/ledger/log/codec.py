"""Events to and from the text they are stored as, under stored names that outlive any module path."""

from collections.abc import Callable, Iterable
from functools import cache
from operator import itemgetter
from typing import Any, Final

import msgspec
from pydantic import BaseModel, ValidationError

from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.entries import Event
from ledger.log.upcasts import UPCASTS, upcast

_VALIDATORS: Final = {name: kind.__pydantic_validator__ for name, kind in BY_STORED_NAME.items()}


class UnreadableEventError(Exception):
    """A stored event that this version cannot read: an unknown stored name, or a body that does not fit it."""


def _plain(value: object) -> object:
    """A nested model as the encoder knows it."""
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, exclude_none=True)
    raise NotImplementedError(f"{type(value).__name__} is no JSON")


_encoder: Final = msgspec.json.Encoder(enc_hook=_plain)


@cache
def _struct_of(kind: type[Event]) -> Callable[[dict[str, Any]], msgspec.Struct]:
    """From the fields of an event by name, a struct that is encoded as it: half the price of a dictionary."""
    # A stated event is a subclass of what is stored, and may say more: to which session it belongs.
    stored = BY_STORED_NAME[kind.stored_as].model_fields
    struct = msgspec.defstruct(
        kind.__name__,
        [(name, Any, None) for name in stored],
        rename={name: field.alias or name for name, field in stored.items()},
        omit_defaults=True,
        gc=False,  # it is gone before anything could refer back to it
    )
    if len(stored) < 2:  # an itemgetter of one name gives no tuple
        return lambda fields: struct(*(fields[name] for name in stored))
    values_of = itemgetter(*stored)
    return lambda fields: struct(*values_of(fields))


def encode(event: Event) -> str:
    """The body of an event: UTF-8 JSON with the contract's names, fields absent where unset. Of an outline, all that it says."""
    return _encoder.encode(_as_struct(event)).decode()


def encode_all(events: Iterable[Event]) -> list[str]:
    """The bodies of events: as a text of lines, which no JSON is broken by, they cost a quarter less than one by one."""
    return _encoder.encode_lines(map(_as_struct, events)).decode().split("\n")[:-1]


def _as_struct(event: Event) -> msgspec.Struct:
    return event if isinstance(event, msgspec.Struct) else _struct_of(type(event))(event.__dict__)


def decode(stored_name: str, body: str) -> Event:
    """The event that was stored; one of an old stored name, as the event of today. Raises UnreadableEventError."""
    validator = _VALIDATORS.get(stored_name)
    if validator is None:
        return decode(*_upcast(stored_name, body))
    try:
        event: Event = validator.validate_json(body)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, wrong["loc"])) or "body" for wrong in error.errors()}))
        raise UnreadableEventError(f"{stored_name}: the stored body does not fit it, in {fields}") from error
    return event


def _upcast(stored_name: str, body: str) -> tuple[str, str]:
    if stored_name not in UPCASTS:
        raise UnreadableEventError(f"no event is stored as {stored_name!r}; a newer version may have recorded it")
    try:
        return upcast(stored_name, body)
    except Exception as error:  # whatever a change stumbles over, this event cannot be read
        raise UnreadableEventError(f"{stored_name}: cannot be read as the event of today: {error!r}") from error
