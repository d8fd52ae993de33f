"""Arguments as they come in text, and what makes two requests the same."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from hashlib import sha256
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec

from ledger.application.functions import Mutation
from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen
from ledger.log.codec import encode_all


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


def request_digest(function: Mutation, arguments: object) -> bytes:
    """What tells a request that may come again; see ``is_repeat`` for one that says the same otherwise.

    Of a function that states all that it says it is the text's, whether that is what came or the arguments were told apart before.
    """
    if function.states is None:
        return digest_of(function.name, arguments)
    return digest_of_text(function.name, arguments if isinstance(arguments, bytes) else json.dumps(arguments).encode())


def is_repeat(
    function: Mutation, arguments: object, command: Frozen, digest: bytes, recorded: Callable[[int], Iterable[str]]
) -> bool:
    """Whether a request whose own digest is another says the same as what was answered under its key, which has this ``digest``.

    ``recorded`` gives the bodies of the last events that were recorded under the key, so many of them at most.
    """
    if not digest.startswith(_text_of(function.name)):
        given = msgspec.json.decode(arguments) if isinstance(arguments, bytes) else arguments
        return digest in (digest_of(function.name, given), former_digest_of(function.name, given))
    if function.states is None:
        return False
    stated = encode_all(function.states(command))
    found = list(recorded(len(stated) + 1))
    return len(found) == len(stated) and all(map(_says_the_same, found, stated))


def digest_of_text(function: str, text: bytes) -> bytes:
    """What tells that a text is the same. Another may say the same, and is held against what was recorded.

    Whoever sends a batch again sends the same bytes, and to put it into the one form that all ways of saying it share takes as long
    as to read it.
    """
    return _text_of(function) + sha256(text).digest()


def _text_of(function: str) -> bytes:
    return f"{function} ".encode()


def _says_the_same(one: str, other: str) -> bool:
    return one == other or _said(one) == _said(other)


def _said(body: str) -> str:
    return json.dumps(_canonical(json.loads(body)), sort_keys=True)


def digest_of(function: str, arguments: object) -> bytes:
    """What makes two requests the same: the function and its canonical arguments, in which ``5.0`` is ``5`` and null is nothing."""
    try:
        text = _encode_sorted([function, _without_nothing(arguments)])
        return sha256(_with_whole_numbers(text) or _encode_sorted(_decode_whole(text))).digest()
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


def _with_whole_numbers(text: bytes) -> bytes | None:
    """JSON with ``5`` for ``5.0``, as it is without reading it; None where only reading it can tell.

    A batch's numbers are told from its texts in a third of the time that it takes to read it.
    """
    if b"\\" in text:
        return None  # a quotation mark may be part of a text
    numbers = b"".join(text.split(b'"')[::2])
    if b"e" in numbers.replace(b"true", b"").replace(b"false", b""):
        return None
    for end in (b",", b"]", b"}"):
        whole = b".0" + end
        found = numbers.count(whole)
        if found and (b"-0" + whole in numbers or found != text.count(whole)):
            return None
        text = text.replace(whole, end) if found else text
    return text


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
