"""Devices that write from a spool of their own: what they number, and how the number goes along.

A device numbers its facts 1, 2, 3 … without a gap, whatever session they belong to. The number travels, and is kept for ever, as
the idempotency key: ``device:cam-2:7f3kq2ab:412`` is the fact 412 in the spool ``7f3kq2ab`` of cam-2, and ``…:412-450`` are those
that were sent as one batch, in order. A device that has lost its spool begins another, under another name.
"""

import re
from typing import Final, NamedTuple

_KEY: Final = re.compile(
    r"device:([A-Za-z0-9][A-Za-z0-9._-]{0,63}):([0-9a-z]{1,16}):([1-9][0-9]{0,15})(?:-([1-9][0-9]{0,15}))?"
)


class Delivery(NamedTuple):
    """What one idempotency key says was sent."""

    device: str
    spool: str
    first: int
    last: int


def delivery_key(device: str, spool: str, first: int, last: int) -> str:
    """The idempotency key of facts that are sent together."""
    return f"device:{device}:{spool}:{first}" + (f"-{last}" if last != first else "")


def delivery_of(key: str) -> Delivery | None:
    """What a key says was sent, None where it is not a device's."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    first = int(found[3])
    last = int(found[4] or first)
    return Delivery(found[1], found[2], first, last) if first <= last else None
