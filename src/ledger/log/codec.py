"""Events to and from the text they are stored as, under stored names that outlive any module path."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.entries import Event

_VALIDATORS: Final = {name: kind.__pydantic_validator__ for name, kind in BY_STORED_NAME.items()}


class UnreadableEventError(Exception):
    """A stored event that this version cannot read: an unknown stored name, or a body that does not fit it."""


def encode(event: Event) -> str:
    """The body of an event: UTF-8 JSON with the contract's names, fields absent where unset."""
    return event.__pydantic_serializer__.to_json(event, by_alias=True, exclude_none=True).decode()


def decode(stored_name: str, body: str, events: Mapping[str, object] = _VALIDATORS) -> Event:
    """The event that was stored. Raises UnreadableEventError."""
    validator = _VALIDATORS.get(stored_name)
    if validator is None:
        raise UnreadableEventError(f"no event is stored as {stored_name!r}")
    try:
        event: Event = validator.validate_json(body)
    except ValidationError as error:
        raise UnreadableEventError(f"{stored_name}: {error}") from error
    return event
