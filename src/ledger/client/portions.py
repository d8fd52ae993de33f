"""How much of a backlog goes out in one request: more while answers come soon, little after one that did not come.

The larger a request, the less the ledger waits for the next one. But one that the line is cut off from goes out once more as a
whole, a slow line takes long over it, and a proxy may let none through that is large.
"""

from typing import Final

from ledger.client.batches import BATCH_FACTS_MAX, REQUEST_FACTS_MAX

SOON_SECONDS: Final = 0.5
TRIED_AGAIN_AFTER: Final = 50
"""So many requests, each of more than half of what may be taken, that were answered soon, before as much as ever is tried again."""


class Portion:
    """What one sender takes at a time, as the answers that it has had advise."""

    def __init__(self) -> None:
        self.fact_count = BATCH_FACTS_MAX
        """How many facts at most."""
        self._greatest = REQUEST_FACTS_MAX
        self._answered = 0

    def answered(self, fact_count: int, seconds: float) -> None:
        """A request of so many facts had its answer after a time."""
        if seconds > SOON_SECONDS:
            self.fact_count = max(BATCH_FACTS_MAX, self.fact_count // 2)
        elif fact_count > self.fact_count // 2:  # one of a few facts says nothing of one of thousands
            self._answered += 1
            if self._answered >= TRIED_AGAIN_AFTER:
                self._answered, self._greatest = 0, REQUEST_FACTS_MAX
            self.fact_count = min(self._greatest, self.fact_count * 2)

    def unanswered(self, fact_count: int) -> None:
        """A request of so many facts had none: what is as large may have none either, where it was large."""
        if fact_count > BATCH_FACTS_MAX:
            self._greatest = max(BATCH_FACTS_MAX, fact_count // 2)
        self._answered = 0
        self.fact_count = BATCH_FACTS_MAX
