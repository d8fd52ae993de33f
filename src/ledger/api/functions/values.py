"""Values as the live protocol's clients write them: JSON in which an object of one ``$`` key stands for what JSON has no word for.

The contract's values are JSON, so none of those stands for anything that could be recorded, and each is refused by name.
"""

import base64
import binascii
import json
import math
import re
import struct
from typing import Any, Final

from ledger.domain.refusals import Invalid

_FLOAT_BYTES: Final = 8
_ODD: Final = re.compile(r'"\$|\\[bfnrtu]|\x7f')
"""What of ASCII a name that is not allowed would show: a dollar after its quote, an escape, or a DEL."""
_LARGEST: Final = 1.7976931348623157e308


def may_be_wrapped(body: bytes) -> bool:
    """Whether a body may hold a key that begins with ``$``; most do not, and need no second look.

    A single byte is found in a fiftieth of the time that two take.
    """
    return (b"$" in body and b'"$' in body) or (b"\\" in body and b"\\u0024" in body)


def require_json(value: Any, place: str = "args") -> None:
    """Raises Invalid where a value, or one inside it, is none of JSON's."""
    try:
        _require_json(value, place)
    except RecursionError:
        raise Invalid("args", "is nested too deep") from None


def _require_json(value: Any, place: str) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            _require_json(item, f"{place}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            if name.startswith("$"):
                raise Invalid(place.removeprefix("args.")[:200], _rule(name, item))
            _require_json(item, f"{place}.{name}")


def _rule(name: str, item: Any) -> str:
    match name:
        case "$integer":
            return "must be JSON, which has no int64; send a number"
        case "$bytes":
            return "must be JSON, which has no bytes; upload them, and send what names them"
        case "$float":
            return _rule_of_float(item)
        case _:
            return f"must not have a field that begins with $, as {name[:100]!r} does"


def _rule_of_float(encoded: Any) -> str:
    try:
        (number,) = struct.unpack("<d", base64.b64decode(encoded, validate=True))
    except (binascii.Error, struct.error, TypeError, ValueError):
        return f"must have {_FLOAT_BYTES} bytes in base64 as its $float"
    if math.isfinite(number) and not (number == 0 and math.copysign(1, number) < 0):
        return f"must be written as the number that it is, {number}, and not as a $float"
    return f"must be JSON, which has no {'-0' if number == 0 else number}"


def with_names_allowed(answer: str) -> str:
    """An answer whose every field a client can read: names that begin with ``$``, or are not of printable ASCII, are escaped.

    Such names come from callers' own JSON, by another door. They are written as in a URL, ``%24set``; most answers have none.
    """
    if answer.isascii() and not _ODD.search(answer):
        return answer
    read = json.loads(answer)
    allowed = _with_names_allowed(read)
    return answer if allowed is read else _dumped(allowed)


def _with_names_allowed(value: Any) -> Any:
    """The same value itself where nothing in it had to change."""
    if isinstance(value, list):
        items = [_with_names_allowed(item) for item in value]
        return value if all(map(_is, items, value)) else items
    if isinstance(value, dict):
        fields = {_name_allowed(name): _with_names_allowed(item) for name, item in value.items()}
        same = fields.keys() == value.keys() and all(fields[name] is item for name, item in value.items())
        return value if same else fields
    return value


def _is(one: Any, other: Any) -> bool:
    return one is other


def _name_allowed(name: str) -> str:
    if not name.startswith("$") and name.isascii() and name.isprintable():
        return name
    kept = (letter if 32 <= ord(letter) < 127 and letter not in "%$" else _escaped(letter) for letter in name)
    return "".join(kept)


def _escaped(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode(errors="surrogatepass"))


def with_floats(answer: str) -> str:
    """An answer with every number written as a float: Python's HTTP client takes no whole ones."""
    if not any(digit in answer for digit in "0123456789"):
        return answer
    return _dumped(json.loads(answer, parse_int=_as_float))


def _as_float(digits: str) -> float:
    return max(-_LARGEST, min(_LARGEST, float(digits)))


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
