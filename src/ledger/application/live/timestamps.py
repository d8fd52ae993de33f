"""Timestamps of what is shown live: nanoseconds of the server's clock that only ever move forward."""

import base64
import time
from collections.abc import Callable
from typing import Final

TIMESTAMP_MAX: Final = 2**63 - 1
_TEXT_LENGTH: Final = 12


class Timestamps:
    """Each is later than all before it. Being the clock, they go on where a server is restarted or its ledger restored."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        """``clock`` gives nanoseconds since the epoch, and may be set back."""
        self._clock = clock
        self.last = 0

    def next(self) -> int:
        self.last = max(self.last + 1, self._clock())
        return self.last

    def seconds_behind(self, timestamp: int) -> float:
        """How long until the clock has passed a timestamp that somebody else gave; nothing where it has."""
        return max(0, timestamp - max(self.last, self._clock())) / 1e9


def encoded_timestamp(timestamp: int) -> str:
    """As the client protocol writes it: base64 of its eight bytes, the lowest first."""
    return base64.b64encode(timestamp.to_bytes(8, "little")).decode()


def decoded_timestamp(text: str) -> int | None:
    """The timestamp that a text of the client protocol is; None where it is none."""
    try:
        timestamp = int.from_bytes(base64.b64decode(text, validate=True), "little")
    except ValueError:
        return None
    return timestamp if len(text) == _TEXT_LENGTH and timestamp <= TIMESTAMP_MAX else None
