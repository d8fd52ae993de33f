"""The newest entries of a shard, kept in memory so that those who follow the log closely need not read them back."""

from collections import deque
from threading import Lock
from typing import Final

from ledger.domain.entries import Entry

ENTRIES_KEPT_MAX: Final = 8_192
"""In all shards together: some 50 MB."""


class Tail:
    """A bounded run of consecutive entries that ends at the shard's head."""

    def __init__(self, head: int, kept_max: int) -> None:
        self.head = head
        """Position of the newest entry that was committed."""
        self._kept_max = kept_max
        self._runs: deque[tuple[int, list[Entry], list[bytes]]] = deque()
        self._count = 0
        self._lock = Lock()

    def extend(self, first: int, entries: list[Entry], leaves: list[bytes]) -> None:
        """Add what was committed at ``first`` and after, with the leaf hash of each."""
        with self._lock:
            if first != self.head + 1:
                self._runs.clear()
                self._count = 0
            self._runs.append((first, entries, leaves))
            self._count += len(entries)
            while self._count > self._kept_max and len(self._runs) > 1:
                self._count -= len(self._runs.popleft()[1])
            self.head = first + len(entries) - 1

    def skip_to(self, head: int) -> None:
        """Something was committed that is not kept here: whoever follows reads it from the log."""
        with self._lock:
            self._runs.clear()
            self._count = 0
            self.head = head

    def after(self, position: int, limit: int) -> list[Entry] | None:
        """Up to ``limit`` entries from the one after ``position``, or None where memory does not reach back that far."""
        runs = self._runs_after(position)
        if runs is None:
            return None
        found: list[Entry] = []
        for first, entries, _ in runs:
            found += entries[max(0, position + 1 - first) :]
            if len(found) >= limit:
                break
        return found[:limit]

    def reaches_back_to(self, position: int) -> bool:
        """Whether all that stands after a position is at hand."""
        with self._lock:
            return position >= self.head or bool(self._runs and position + 1 >= self._runs[0][0])

    def newest_of(self, partition: str, after: int) -> int | None:
        """Where a partition's newest entry stands, ``after`` where none comes after that; None where memory does not reach back."""
        runs = self._runs_after(after)
        if runs is None:
            return None
        for first, entries, _ in reversed(runs):
            for position in range(first + len(entries) - 1, max(first, after + 1) - 1, -1):
                if entries[position - first].partition == partition:
                    return position
        return after

    def leaves(self, position: int, up_to: int) -> list[bytes] | None:
        """The leaf hashes after ``position`` up to and with ``up_to``, or None where memory does not reach back that far."""
        runs = self._runs_after(position)
        if runs is None:
            return None
        found: list[bytes] = []
        for first, _, leaves in runs:
            if first > up_to:
                break
            found += leaves[max(0, position + 1 - first) : up_to + 1 - first]
        return found

    def leaf_at(self, position: int) -> bytes | None:
        """The leaf hash of an entry, or None where memory does not reach back that far."""
        found = self.leaves(position - 1, position)
        return found[0] if found else None

    def _runs_after(self, position: int) -> list[tuple[int, list[Entry], list[bytes]]] | None:
        """The runs that hold what follows a position, in order; None where memory does not reach back that far."""
        with self._lock:
            if position >= self.head:
                return []
            if not self._runs or position + 1 < self._runs[0][0]:
                return None
            wanted: list[tuple[int, list[Entry], list[bytes]]] = []
            for run in reversed(self._runs):
                if run[0] + len(run[1]) - 1 <= position:
                    break
                wanted.append(run)
        return wanted[::-1]
