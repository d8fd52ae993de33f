"""Ids before there are any: what a fact is called until the ledger has taken it and said what its Id is.

A fact of the spool ``7f3kq2ab`` with the number 412 is ``~7f3kq2ab-412``. Wherever a later fact of the same spool gives an Id it
may give that: the sender, which sends in order, has learned the real one by then and puts it in. The ledger never sees the other.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.refusals import Invalid

ID_FIELDS: Final = frozenset(
    {
        "sourceEventId",
        "eventId",
        "stillCandidateId",
        "id",
        "imageId",
        "originalImageId",
        "videoId",
        "screenshotId",
    }
)
"""The arguments that hold an Id, beside ``sessionId``, which is kept apart."""
_FIELDS: Final = ID_FIELDS | {"sessionId"}
_REFERENCE: Final = re.compile(r"~([0-9a-z]+)-([1-9][0-9]*)")
_IN_JSON: Final = re.compile(r'"~[0-9a-z]+-([1-9][0-9]*)"')


def reference(spool: str, number: int) -> str:
    return f"~{spool}-{number}"


def number_of(text: object) -> int | None:
    """The number of the fact that a reference names, None where it is no reference."""
    found = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    return int(found[2]) if found else None


def last_named(arguments: str) -> int:
    """The last fact that arguments, as JSON, name, 0 where they name none. Text that only looks like a reference counts, too."""
    return max(map(int, _IN_JSON.findall(arguments)), default=0)


def is_referring(arguments: Mapping[str, Any]) -> bool:
    """Whether an argument beside ``sessionId`` is a reference."""
    return any(number_of(arguments[field]) is not None for field in ID_FIELDS & arguments.keys())


def check_references(arguments: Mapping[str, Any], spool: str, last: int) -> None:
    """Raises Invalid for a reference to a fact of another spool, or to one that is still to come."""
    for field in _FIELDS & arguments.keys():
        value = arguments[field]
        found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            continue
        if found[1] != spool:
            raise Invalid(field, f"{value} was given out by another writer; use the Id that the ledger gave it")
        if int(found[2]) > last:
            raise Invalid(field, f"{value} names a fact that was never recorded here")
