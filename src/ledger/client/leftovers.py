"""What the ledger has taken and the file still holds: to delete facts costs most of all that is done for them, and can wait.

That they were taken is written down at once, with their Ids, and it is by those that they are known after a crash.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Self

from ledger.client.room import ROW_BYTES

SWEPT_AT_A_TIME: Final = 1_000
"""Facts, or the few more that are in a batch with them."""
SWEEP_AFTER_SECONDS: Final = 0.02
"""How long there is nothing to do before a part of it is deleted: whoever records waits behind one at most."""
LEFTOVERS_MAX: Final = 100_000
"""Fewer than stretches whose Ids are remembered, by which they are known."""
_NO_NUMBER: Final = 2**63 - 1
_WAITING_FROM: Final = (
    "SELECT number FROM facts WHERE number <"
    " coalesce((SELECT first FROM acknowledged WHERE last >= facts.number ORDER BY last LIMIT 1), ?) ORDER BY number LIMIT 1"
)
_FOUND: Final = (
    "SELECT max(number), count(*), sum(length(CAST(arguments AS BLOB)) + length(CAST(session AS BLOB)) + ?) FROM facts"
    " WHERE number < ? GROUP BY batch ORDER BY batch"
)


class Part(NamedTuple):
    """Some of them that follow on each other, and are deleted together."""

    last: int
    fact_count: int
    size: int


class Leftovers(NamedTuple):
    """Facts that were taken, by parts from the oldest. Nothing in the file is older than they are."""

    parts: tuple[Part, ...] = ()
    fact_count: int = 0
    size: int = 0

    @property
    def last(self) -> int:
        """The number behind which everything waits."""
        return self.parts[-1].last if self.parts else 0

    @property
    def is_due(self) -> bool:
        """Whether there are enough of them to be deleted when there is nothing else to do."""
        return bool(self.parts) and self.parts[0].fact_count >= SWEPT_AT_A_TIME

    @classmethod
    def found(cls, connection: sqlite3.Connection) -> Self:
        """What an earlier life has left."""
        return cls().joined_by(map(Part._make, connection.execute(_FOUND, (ROW_BYTES, waiting_from(connection)))))

    def joined_by(self, batches: Iterable[Part]) -> Self:
        """These and those which were taken after them."""
        parts = list(self.parts)
        for last, fact_count, size in batches:
            begun = parts.pop() if parts and parts[-1].fact_count < SWEPT_AT_A_TIME else Part(0, 0, 0)
            parts.append(Part(last, begun.fact_count + fact_count, begun.size + size))
        return self._of(parts)

    def swept(self, connection: sqlite3.Connection) -> Self:
        """What is left once the oldest part is deleted, of which there is one."""
        connection.execute("DELETE FROM facts WHERE number <= ?", (self.parts[0].last,))
        return self._of(self.parts[1:])

    def _of(self, parts: Sequence[Part]) -> Self:
        return self._replace(
            parts=tuple(parts),
            fact_count=sum(part.fact_count for part in parts),
            size=sum(part.size for part in parts),
        )


def waiting_from(connection: sqlite3.Connection) -> int:
    """The number of the oldest fact that the ledger has not taken, or one that no fact has."""
    found = connection.execute(_WAITING_FROM, (_NO_NUMBER,)).fetchone()
    return _NO_NUMBER if found is None else int(found[0])
