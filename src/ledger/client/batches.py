"""What goes out together: director events of one session that follow on each other are a batch, and batches share a request.

What is a batch is decided when its facts are written, so that it is the same after any crash. It is named by its first number.
Which batches share a request is decided when they are sent: each has a key of its own, and may go out with others the next time.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, NamedTuple, Self
from zlib import crc32

from ledger.client.functions import DIRECTOR_EVENT, Call
from ledger.client.references import last_named, number_of
from ledger.client.room import ROW_BYTES

BATCH_FACTS_MAX: Final = 1_000
BATCH_BYTES_MAX: Final = 1024 * 1024
REQUEST_FACTS_MAX: Final = 4_000
"""As many, and no more, where the line is good; see ``portions``."""
REQUEST_BYTES_A_FACT: Final = BATCH_BYTES_MAX // BATCH_FACTS_MAX
REQUEST_BATCHES_MAX: Final = 1_000
"""As many as the ledger takes together."""
_BEHIND: Final = (
    "SELECT number, batch, CASE number WHEN batch THEN function END, CASE number WHEN batch THEN session END, refers,"
    " CAST(arguments AS BLOB), checksum FROM facts WHERE number > ? ORDER BY number"
)
"""What all facts of a batch have in common is read once, and the arguments as the bytes that they are sent as."""
_OLDEST: Final = "SELECT max(number) FROM (SELECT number FROM facts WHERE number > ? ORDER BY number LIMIT ?)"


@dataclass(slots=True)
class Batch:
    """Facts that follow on each other and go out together, under one key. Its length is how many they are."""

    first: int
    """The number of its first fact, by which it is named."""
    function: str
    session: str
    refers: bool
    """Whether an argument is a reference."""
    arguments: list[bytes] = field(default_factory=list)
    checksums: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.arguments)

    @property
    def last(self) -> int:
        return self.first + len(self.arguments) - 1

    @property
    def span(self) -> tuple[int, int]:
        return self.first, self.last

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + len(self.arguments))

    @property
    def size(self) -> int:
        """The room that its facts take."""
        return sum(map(len, self.arguments)) + len(self) * (len(self.session.encode()) + ROW_BYTES)

    @property
    def damaged(self) -> int | None:
        """The place of the first fact whose bytes are not those that were recorded, None where there is none."""
        found = list(map(crc32, self.arguments))
        if found == self.checksums:
            return None
        return next(place for place, checksum in enumerate(self.checksums) if checksum != found[place])


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
    connection: sqlite3.Connection,
    after: int,
    growing: Growing | None,
    *,
    unknown: int | None,
    facts_max: int,
    is_alone: bool,
) -> list[Batch]:
    """The batches behind a number that can go out in one request: so many facts at most, and as many bytes as become them.

    Up to one that names what has no Id yet, which all have that come before the first ``unknown`` one: where it is None, the first
    that is found. The batch that is still growing goes out with no other.
    """
    batches: list[Batch] = []
    size = fact_count = 0
    bytes_max = facts_max * REQUEST_BYTES_A_FACT
    with closing(connection.execute(_BEHIND, (after,))) as rows:
        for number, batch, function, session, refers, arguments, checksum in rows:
            if number == batch:
                if unknown is not None and _last_named(session, refers, arguments) >= unknown:
                    break
                is_last = is_alone or (growing is not None and growing.first == batch)
                if batches and (is_last or len(batches) == REQUEST_BATCHES_MAX):
                    break
                batches.append(Batch(number, function, session, bool(refers)))
                unknown = unknown or number
            fact_count += 1
            size += len(arguments)
            if (fact_count > facts_max or size > bytes_max) and len(batches) > 1:
                batches.pop()
                break
            batches[-1].arguments.append(arguments)
            batches[-1].checksums.append(checksum)
    return batches


def _last_named(session: str, refers: int, arguments: bytes) -> int:
    """The last fact of the spool that one names, 0 where it names none."""
    return max(number_of(session) or 0, last_named(arguments.decode(errors="replace")) if refers else 0)


def last_of_two_requests(connection: sqlite3.Connection, after: int) -> int:
    """The last fact behind a number that an earlier life may have sent, or that number: two requests may be without an answer."""
    last: int | None = connection.execute(_OLDEST, (after, 2 * REQUEST_FACTS_MAX)).fetchone()[0]
    return last or after
