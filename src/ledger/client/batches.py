"""What goes out together: director events of one session that follow on each other, as many as fit.

That is decided when they are written, so that a batch is the same after any crash. It is named by its first number.
"""

import sqlite3
from contextlib import closing
from itertools import takewhile
from time import monotonic
from typing import Final, NamedTuple, Self
from zlib import crc32

from ledger.client.functions import DIRECTOR_EVENT, Call

BATCH_FACTS_MAX: Final = 1_000
BATCH_BYTES_MAX: Final = 1024 * 1024
_BEHIND: Final = "SELECT * FROM facts WHERE number > ? ORDER BY number"
_FIRST_BATCHES: Final = (
    "SELECT DISTINCT batch FROM (SELECT batch FROM facts ORDER BY number LIMIT ?) ORDER BY batch LIMIT 2"
)


class Fact(NamedTuple):
    """A fact in the spool."""

    number: int
    batch: int
    """The number of the first fact of its batch."""
    function: str
    session: str
    kind: str
    refers: int
    arguments: str
    checksum: int

    @property
    def is_sound(self) -> bool:
        return crc32(self.arguments.encode()) == self.checksum


class Growing(NamedTuple):
    """The batch that the next fact may still join."""

    first: int
    session: str
    fact_count: int
    size: int
    since: float

    @classmethod
    def begun_with(cls, number: int, call: Call) -> Self | None:
        """A batch that others may join, None where the fact goes out by itself."""
        return cls(number, call.session, 1, call.size, monotonic()) if call.function == DIRECTOR_EVENT else None

    def joined_by(self, call: Call) -> Self | None:
        """The batch with one fact more, None where that may not join it."""
        is_of_it = call.function == DIRECTOR_EVENT and call.session == self.session
        size = self.size + call.size
        if not is_of_it or self.fact_count >= BATCH_FACTS_MAX or size > BATCH_BYTES_MAX:
            return None
        return self._replace(fact_count=self.fact_count + 1, size=size)

    def due_in(self, linger_seconds: float) -> float:
        """How long it still waits for more."""
        return max(0.0, self.since + linger_seconds - monotonic())


def batch_behind(connection: sqlite3.Connection, number: int) -> list[Fact]:
    """The first batch of those whose numbers are greater. Of what comes after it no row is read but one."""
    with closing(connection.execute(_BEHIND, (number,))) as rows:
        first = rows.fetchone()
        if first is None:
            return []
        _, batch, *_ = first
        return [Fact._make(first), *map(Fact._make, takewhile(lambda row: row[1] == batch, rows))]


def last_sent(connection: sqlite3.Connection, growing: Growing | None) -> int:
    """The last batch that may have been sent, 0 where none has: the second, while the first is answered but not written down.

    One that is still growing is never sent as the second.
    """
    batches = [batch for (batch,) in connection.execute(_FIRST_BATCHES, (BATCH_FACTS_MAX + 1,))]
    if growing is not None and batches[1:] == [growing.first]:
        batches.pop()
    return max(batches, default=0)
