"""Arguments as they come in text, and what makes two requests the same."""

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec

from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen


def arguments_from_text(kind: type[Frozen], text: Mapping[str, str]) -> dict[str, Any]:
    """Query parameters as arguments: text where the field takes text, else JSON. Raises Invalid where that is not JSON."""
    takes_text = _fields_of_text(kind)
    arguments: dict[str, Any] = {}
    for name, value in text.items():
        if takes_text.get(name, True):
            arguments[name] = value
            continue
        try:
            arguments[name] = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            raise Invalid(name, f"is not the JSON of a value: {value[:100]!r}") from None
    return arguments


@cache
def _fields_of_text(kind: type[Frozen]) -> dict[str, bool]:
    return {field.alias or name: _is_text(field.annotation) for name, field in kind.model_fields.items()}


def _is_text(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _is_text(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return any(map(_is_text, get_args(annotation)))
    if origin is Literal:
        return all(isinstance(value, str) for value in get_args(annotation))
    return annotation is str


def digest_of(function: str, arguments: object) -> bytes:
    """What makes two requests the same: the function and its canonical arguments, in which ``5.0`` is ``5`` and null is nothing."""
    try:
        given = _without_nothing(_decode_whole(_encode_sorted(arguments)))
        return sha256(_encode_sorted([function, given])).digest()
    except (
        OverflowError,
        TypeError,
        ValueError,
    ):  # what this encoder cannot say: an integer of more than 64 bits, half a character
        return former_digest_of(function, arguments)


def _whole(number: str) -> float:
    value = float(number)
    return int(value) if value.is_integer() else value


_encode_sorted: Final = msgspec.json.Encoder(order="sorted").encode
_decode_whole: Final = msgspec.json.Decoder(float_hook=_whole).decode


def _without_nothing(arguments: object) -> object:
    if not isinstance(arguments, dict):
        return arguments
    return {name: value for name, value in arguments.items() if value is not None}


def former_digest_of(function: str, arguments: object) -> bytes:
    """The same as it was made before: what was answered then is found by it, and it takes three times as long."""
    canonical = json.dumps([function, _canonical(arguments, top=True)], sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).digest()


def _canonical(value: object, *, top: bool = False) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _canonical(item) for name, item in value.items() if not (top and item is None)}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return value
