"""JSON lines with something wrong in them, for tests of what reads them: cut short, out of order, of other types, or too large."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from hypothesis import strategies as st

_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null')
STRANGE_TOKENS: Final[Sequence[bytes]] = (
    *(b"0", b"-1", b"1.5", b"-0.0", b"65536", b"9007199254740993", b"1e-400", b"1e400", b"NaN", b"-Infinity"),
    *(b"9" * 400, b"9" * 5_000, b"1" + b"0" * 400 + b".5", b"01", b"0x10", b"1_000"),
    *(b"true", b"false", b"null", b"[]", b"{}", b"[null]", b'{"_index_":0}'),
    *(b'""', b'" "', b'"\\u0000"', b'"\x00"', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\xff\xfe"', b'"\xed\xa0\x80"'),
    *(
        b'"24:00:00:00"',
        b'"00:00:00:99"',
        b'"10:00:00;00"',
        b'"1:0:0:0"',
        '"\uff11\uff10:\uff10\uff10:\uff10\uff10:\uff10\uff10"'.encode(),
    ),
    *(
        b'"' + b"x" * 30_000 + b'"',
        b'"' + b"x" * 15_000 + b'"',
        b'"' + b"x" * 101 + b'"',
        '"\u202e\ufeff\x85"'.encode(),
    ),
    *(b"[" * 60 + b"]" * 60, b"[" * 5_000 + b"]" * 5_000, b"[" * 30_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
)


def _cut(lines: list[bytes], at: int, other: int, token: bytes) -> list[bytes]:
    content = b"\n".join(lines)
    return content[: (at * 7_919 + other) % (len(content) + 1)].split(b"\n")


def _lose(lines: list[bytes], at: int, other: int, token: bytes) -> list[bytes]:
    return lines[:at] + lines[at + 1 :]


def _repeat(lines: list[bytes], at: int, other: int, token: bytes) -> list[bytes]:
    return [*lines[: at + 1], *lines[at:]]


def _exchange(lines: list[bytes], at: int, other: int, token: bytes) -> list[bytes]:
    exchanged = list(lines)
    to = other % len(lines)
    exchanged[at], exchanged[to] = exchanged[to], exchanged[at]
    return exchanged


def _replace(lines: list[bytes], at: int, other: int, token: bytes) -> list[bytes]:
    places = list(_TOKEN.finditer(lines[at]))
    if not places:
        return lines
    place = places[other % len(places)]
    return [*lines[:at], lines[at][: place.start()] + token + lines[at][place.end() :], *lines[at + 1 :]]


def _insert(lines: list[bytes], at: int, other: int, token: bytes) -> list[bytes]:
    place = other % (len(lines[at]) + 1)
    return [*lines[:at], lines[at][:place] + token + lines[at][place:], *lines[at + 1 :]]


_Mutation = Callable[[list[bytes], int, int, bytes], list[bytes]]
_MUTATIONS: Final[Sequence[_Mutation]] = (_replace, _replace, _replace, _cut, _lose, _repeat, _exchange, _insert)
tokens: Final = st.sampled_from(STRANGE_TOKENS) | st.binary(max_size=8)
_steps: Final = st.tuples(st.sampled_from(_MUTATIONS), st.integers(0, 10_000), st.integers(0, 10_000), tokens)


def mutated(original: bytes) -> st.SearchStrategy[bytes]:
    """The original, one to four times changed for the worse."""

    def change(steps: list[tuple[_Mutation, int, int, bytes]]) -> bytes:
        lines = original.split(b"\n")
        for mutation, at, other, token in steps:
            lines = mutation(lines, at % len(lines), other, token) or [b""]
        return b"\n".join(lines)

    return st.lists(_steps, min_size=1, max_size=4).map(change)
