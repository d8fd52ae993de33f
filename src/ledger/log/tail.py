"""The newest entries of a shard, kept in memory so that those who follow the log closely need not read them back."""

from collections import deque
from threading import Lock
from typing import Final

from ledger.domain.entries import Entry

ENTRIES_KEPT_MAX: Final = 8_192


class Tail:
    """A bounded run of consecutive entries that ends at the shard's head."""

    def __init__(self, head: int, kept_max: int = ENTRIES_KEPT_MAX) -> None:
        self.head = head
        """Position of the newest entry that was committed."""
        self._kept_max = kept_max
        self._runs: deque[tuple[int, list[Entry], bytes]] = deque()
        self._count = 0
        self._lock = Lock()

    def extend(self, first: int, entries: list[Entry], leaf: bytes) -> None:
        """Add what was committed at ``first`` and after; ``leaf`` is the hash of the last of it."""
        with self._lock:
            if first != self.head + 1:
                self._runs.clear()
                self._count = 0
            self._runs.append((first, entries, leaf))
            self._count += len(entries)
            while self._count > self._kept_max and len(self._runs) > 1:
                self._count -= len(self._runs.popleft()[1])
            self.head = first + len(entries) - 1

    def after(self, position: int, limit: int) -> list[Entry] | None:
        """Up to ``limit`` entries from the one after ``position``, or None where memory does not reach back that far."""
        with self._lock:
            if position >= self.head:
                return []
            if not self._runs or position + 1 < self._runs[0][0]:
                return None
            wanted: list[tuple[int, list[Entry]]] = []
            for first, entries, _ in reversed(self._runs):
                if first + len(entries) - 1 <= position:
                    break
                wanted.append((first, entries))
        found: list[Entry] = []
        for first, entries in reversed(wanted):
            found += entries[max(0, position + 1 - first) :]
            if len(found) >= limit:
                break
        return found[:limit]

    def leaf_at(self, position: int) -> bytes | None:
        """The leaf hash of an entry that ended a commit; None for any other."""
        with self._lock:
            for first, entries, leaf in reversed(self._runs):
                if first + len(entries) - 1 <= position:
                    return leaf if first + len(entries) - 1 == position else None
        return None
