"""Which live answers lack what was recorded some seconds ago, because the views are behind: they say so until that is shown."""

from collections.abc import Container
from typing import Final

from ledger.application.ledger import WAIT_SECONDS_MAX, Ledger
from ledger.application.live.registry import Lack, LiveAnswer, LiveQuery, Place, Registry
from ledger.log.positions import Position

LOOK_SECONDS: Final = WAIT_SECONDS_MAX
"""From one look to the next: what was in the log at the one, and is not in the views at the other, is late."""


class Lacking:
    """Used on one thread."""

    def __init__(self, ledger: Ledger, registry: Registry) -> None:
        self._ledger = ledger
        self._registry = registry
        self._late: set[LiveQuery] = set()
        """Those whose answers say that they are stale."""
        self._heads: list[int] | None = None
        """Of the log, at the last look."""
        self.look_at = 0.0
        """When to look again."""

    def forget(self) -> None:
        """Nobody watches any longer."""
        self._late.clear()
        self._heads, self.look_at = None, 0.0

    def note(self, query: LiveQuery, shown: Position) -> bool:
        """A query is answered from what is shown: whether that is less than it must show."""
        if reach(tuple(position for _, position in shown.shards), query):
            self._late.discard(query)
            return False
        self._late.add(query)
        return True

    def arrived(self, shards: tuple[int, ...]) -> set[LiveQuery]:
        """Those that lacked something which is shown by now."""
        self._late = {query for query in self._late if query.watchers}
        return {query for query in self._late if reach(shards, query)}

    def found(
        self, shards: tuple[int, ...], now: float, asked: Container[LiveQuery]
    ) -> list[tuple[LiveQuery, LiveAnswer]]:
        """When it is time to look: the answers that turn out to lack something, but for those of queries just ``asked``."""
        if now < self.look_at:
            return []
        self.look_at = now + LOOK_SECONDS
        before, self._heads = self._heads, self._ledger.log.heads()
        behind = {shard: head for shard, head in enumerate(before or ()) if shards[shard] < head}
        if not behind:
            return []
        found = []
        for query in self._registry.answered():
            if query in self._late or query in asked or not (wanted := self._missing(query, behind, shards)):
                continue
            query.wanted = wanted
            self._late.add(query)
            assert query.answer is not None, "it was answered"
            found.append((query, query.answer.lacking(Lack(True, query.answer.lack.parked))))
        return found

    def _missing(self, query: LiveQuery, behind: dict[int, int], shards: tuple[int, ...]) -> list[Place]:
        if query.function.session is None:
            return list(behind.items())
        partition = query.function.session(query.asked)
        shard = self._ledger.log.shard_of(partition)
        if shard not in behind:
            return []
        if "trees" in query.function.views:  # the tree of a shard grows with every entry of all its partitions
            return [(shard, behind[shard])]
        head = self._ledger.log.head_of(partition).position
        return [(shard, head)] if head > shards[shard] else []


def reach(shards: tuple[int, ...], query: LiveQuery) -> bool:
    """Whether positions are as far as a query must show."""
    return all(shards[shard] >= position for shard, position in query.wanted or ())
