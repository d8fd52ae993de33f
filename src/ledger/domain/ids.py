"""Ids: opaque to callers, yet each says where its thing is kept, so that no view is needed to find it.

A session's Id is its partition. Everything recorded inside it adds its kind and the sequence at which it first appeared:
``s06csy…-e412`` is the director event at sequence 412 of that session.
"""

import hashlib
from typing import Final, Literal, NamedTuple

Kind = Literal["camera", "event", "still", "music", "asset"]

_LETTERS: Final[dict[Kind, str]] = {"camera": "c", "event": "e", "still": "k", "music": "m", "asset": "a"}
_KINDS: Final[dict[str, Kind]] = {letter: kind for kind, letter in _LETTERS.items()}
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_CHARACTERS: Final = 9
_RANDOM_CHARACTERS: Final = 15
RANDOM_BYTES: Final = 10
"""How many random bytes a new partition asks for."""


class ThingId(NamedTuple):
    """An Id taken apart: the partition that holds the thing, what it is, and the sequence of its first event."""

    partition: str
    kind: Kind
    sequence: int


def _base32(number: int, length: int) -> str:
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(length)))


def session_partition(now_ms: int, random: bytes) -> str:
    """A new session's Id; sorts by the time it was made. ``random`` is RANDOM_BYTES long."""
    return "s" + _base32(now_ms, _TIME_CHARACTERS) + _base32(int.from_bytes(random), _RANDOM_CHARACTERS)


def session_partition_for(actor: str, key: str) -> str:
    """The Id of the session that ``actor`` starts under an idempotency key: always the same, so a retry finds its first."""
    digest = hashlib.sha256(f"{actor}\x00{key}".encode()).digest()
    return "s" + _base32(int.from_bytes(digest[:15]), _TIME_CHARACTERS + _RANDOM_CHARACTERS)


def id_prefix(partition: str, kind: Kind) -> str:
    """What every Id of one kind in one partition begins with; the sequence follows."""
    return f"{partition}-{_LETTERS[kind]}"


def make_id(partition: str, kind: Kind, sequence: int) -> str:
    return f"{partition}-{_LETTERS[kind]}{sequence}"


def parse_id(text: str) -> ThingId | None:
    """The parts of an Id, or None where the text is no Id of a thing inside a partition."""
    partition, dash, tail = text.rpartition("-")
    kind = _KINDS.get(tail[:1])
    digits = tail[1:]
    if (
        not (partition and dash and kind and digits.isascii() and digits.isdecimal())
        or digits[0] == "0"
        or len(digits) > 15
    ):
        return None
    return ThingId(partition, kind, int(digits))
