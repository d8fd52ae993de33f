"""Ids: opaque to callers, yet each says where its thing is kept, so that no view is needed to find it.

A session's Id is its partition. Everything recorded inside it adds its kind and the sequence at which it first appeared:
``s06csy…-e412`` is the director event at sequence 412 of that session. What belongs to no session is kept the same way in a
partition of its own, whose first letter says what it is about.
"""

import hashlib
from typing import Final, Literal, NamedTuple

Kind = Literal[
    "camera",
    "event",
    "still",
    "music",
    "asset",
    "capture",
    "activity",
    "job",
    "image",
    "screenshot",
    "ocr",
    "documentation",
]
PartitionKind = Literal["session", "capture", "image", "video", "recording", "file", "device"]
"""What a partition is about. A file is one upload; an image's and a video's hold their jobs and their results as well."""

_LETTERS: Final[dict[Kind, str]] = {
    "camera": "c",
    "event": "e",
    "still": "k",
    "music": "m",
    "asset": "a",
    "capture": "p",
    "activity": "y",
    "job": "j",
    "image": "i",
    "screenshot": "s",
    "ocr": "o",
    "documentation": "d",
}
_KINDS: Final[dict[str, Kind]] = {letter: kind for kind, letter in _LETTERS.items()}
_PARTITION_LETTERS: Final[dict[PartitionKind, str]] = {
    "session": "s",
    "capture": "c",
    "image": "i",
    "video": "v",
    "recording": "r",
    "file": "f",
    "device": "d",
}
_PARTITION_KINDS: Final[dict[str, PartitionKind]] = {letter: kind for kind, letter in _PARTITION_LETTERS.items()}
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


def new_partition(kind: PartitionKind, now_ms: int, random: bytes) -> str:
    """A new partition; those of one kind sort by the time they were made. ``random`` is RANDOM_BYTES long."""
    when, chance = _base32(now_ms, _TIME_CHARACTERS), _base32(int.from_bytes(random), _RANDOM_CHARACTERS)
    return f"{_PARTITION_LETTERS[kind]}{when}{chance}"


def partition_for(kind: PartitionKind, *names: str) -> str:
    """The partition that these names stand for: always the same.

    What an actor begins under an idempotency key is found again by a retry, and a capture by what its pipeline calls it.
    """
    digest = hashlib.sha256("\x00".join(names).encode()).digest()
    return _PARTITION_LETTERS[kind] + _base32(int.from_bytes(digest[:15]), _TIME_CHARACTERS + _RANDOM_CHARACTERS)


def partition_kind(partition: str) -> PartitionKind:
    """What a partition is about. Whatever is not made like one of ours is asked for as a session, and is none."""
    kind = _PARTITION_KINDS.get(partition[:1], "session")
    if kind == "session":
        return kind
    length = 1 + _TIME_CHARACTERS + _RANDOM_CHARACTERS
    return kind if len(partition) == length and set(partition[1:]) <= set(_ALPHABET) else "session"


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
