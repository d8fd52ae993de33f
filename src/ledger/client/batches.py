"""What goes out together: director events of one session that follow on each other are a batch, and batches share a request.

What is a batch is decided when its facts are written, so that it is the same after any crash. It is named by its first number.
Which batches share a request is decided when they are sent: each has a key of its own, and may go out with others the next time.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import groupby
from operator import attrgetter
from time import monotonic
from typing import Final, NamedTuple, Self
from zlib import crc32

from ledger.client.functions import DIRECTOR_EVENT, Call
from ledger.client.references import last_named, number_of

BATCH_FACTS_MAX: Final = 1_000
BATCH_BYTES_MAX: Final = 1024 * 1024
REQUEST_FACTS_MAX: Final = 1_000
"""As many as are a batch at most, and as the ledger takes together."""
REQUEST_BYTES_MAX: Final = BATCH_BYTES_MAX
_BEHIND: Final = "SELECT * FROM facts WHERE number > ? ORDER BY number"
_OLDEST: Final = "SELECT max(number) FROM (SELECT number FROM facts ORDER BY number LIMIT ?)"


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
    def last_named(self) -> int:
        """The last fact of the spool that it names, 0 where it names none."""
        return max(number_of(self.session) or 0, last_named(self.arguments) if self.refers else 0)

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


def request_behind(
    connection: sqlite3.Connection, under_way: Sequence[Fact], growing: Growing | None, *, is_alone: bool
) -> list[Fact]:
    """The facts behind those under way that can go out in one request: whole batches of them, as many as fit.

    Up to one that names what has no Id yet. The batch that is still growing goes out with no other.
    """
    facts: list[Fact] = []
    size = whole = batch = 0
    with closing(connection.execute(_BEHIND, (under_way[-1].number if under_way else 0,))) as rows:
        for fact in map(Fact._make, rows):
            if fact.batch != batch:
                whole, batch = len(facts), fact.batch
                unknown = under_way or facts
                if unknown and fact.last_named >= unknown[0].number:
                    break
                if facts and (is_alone or (growing is not None and growing.first == batch)):
                    break
            size += len(fact.arguments)
            if whole and (len(facts) >= REQUEST_FACTS_MAX or size > REQUEST_BYTES_MAX):
                return facts[:whole]
            facts.append(fact)
    return facts


def batches_of(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Facts by their batches."""
    return [list(batch) for _, batch in groupby(facts, attrgetter("batch"))]


def last_of_two_requests(connection: sqlite3.Connection) -> int:
    """The last fact that an earlier life may have sent, 0 where there is none: two requests may have gone out unanswered."""
    last: int | None = connection.execute(_OLDEST, (2 * REQUEST_FACTS_MAX,)).fetchone()[0]
    return last or 0
