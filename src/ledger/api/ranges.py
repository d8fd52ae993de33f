"""The ``Range`` header: which part of a file somebody wants."""

import re
from typing import Final, NamedTuple

_ONE_RANGE: Final = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


class UnsatisfiableError(Exception):
    """The file has nothing of what was asked for."""


class Range(NamedTuple):
    """From a byte up to but not including another."""

    start: int
    end: int


def range_of(asked: str, size: int) -> Range | None:
    """The part of a file that is asked for, None where it is to be sent whole. Raises UnsatisfiableError.

    A header that is no range of bytes is to be ignored, says RFC 9110; one of several ranges may be, and nobody who plays or
    resumes a file sends those.
    """
    found = _ONE_RANGE.fullmatch(asked)
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None
    if start >= end:
        raise UnsatisfiableError(f"Range: the file has {size} bytes, and nothing of {asked!r}")
    return Range(start, end)
