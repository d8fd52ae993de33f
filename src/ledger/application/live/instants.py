"""Instants: which position of the ledger a timestamp stands for, so that several answers are of one moment."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from threading import Lock
from typing import Final

from ledger.application.live.timestamps import Timestamps
from ledger.domain.refusals import Invalid
from ledger.log.epochs import OfAnotherEpoch
from ledger.log.eventlog import EventLog

INSTANTS_KEPT_MAX: Final = 10_000
_NS_PER_MS: Final = 1_000_000
Heads = tuple[int, ...]


class Instants:
    """Threads may share it.

    What this server has said, or was asked of, is kept while it is among the latest. Any other timestamp means what was recorded
    by then: one of another server, or of this one before it was started anew.
    """

    def __init__(self, log: EventLog, timestamps: Timestamps) -> None:
        self._log = log
        self._timestamps = timestamps
        self._lock = Lock()
        self._known: list[int] = []
        """Timestamps, in order."""
        self._heads: dict[int, Heads] = {}

    def now(self) -> int:
        """A timestamp of everything that has been acknowledged by now."""
        with self._lock:
            heads = tuple(self._log.heads())
            timestamp = self._timestamps.next()
            self._keep(timestamp, heads)
        return timestamp

    def heads_at(self, timestamp: int) -> Heads:
        """The position in each shard that it stands for. Raises Invalid where it is still to come, OfAnotherEpoch where it is of
        a time that was lost when the ledger was restored."""
        with self._lock:
            if (known := self._heads.get(timestamp)) is not None:
                return known
            if self._timestamps.seconds_behind(timestamp):
                raise Invalid("ts", "is still to come; /api/query_ts answers the present one")
            heads = self._between_neighbours(timestamp, self._recorded_by(timestamp // _NS_PER_MS))
            self._require_of_this_epoch(timestamp // _NS_PER_MS)
            self._keep(timestamp, heads)
        return heads

    def _keep(self, timestamp: int, heads: Heads) -> None:
        insort(self._known, timestamp)
        self._heads[timestamp] = heads
        if len(self._known) > INSTANTS_KEPT_MAX:
            del self._heads[self._known.pop(0)]

    def _between_neighbours(self, timestamp: int, heads: Heads) -> Heads:
        """What was said of an earlier or a later timestamp holds: a commit may have been under way at that time."""
        place = bisect_left(self._known, timestamp)
        if place:
            heads = tuple(map(max, heads, self._heads[self._known[place - 1]]))
        if place < len(self._known):
            heads = tuple(map(min, heads, self._heads[self._known[place]]))
        return heads

    def _recorded_by(self, time_ms: int) -> Heads:
        return tuple(self._last_by(shard, head, time_ms) for shard, head in enumerate(self._log.heads()))

    def _last_by(self, shard: int, head: int, time_ms: int) -> int:
        """The last position of a shard that was recorded by a time; recorded time never goes back in a shard."""

        def is_later(position: int) -> bool:
            recorded_at = self._log.recorded_at(shard, position)
            return recorded_at is None or recorded_at > time_ms

        return bisect_left(range(1, head + 1), True, key=is_later)

    def _require_of_this_epoch(self, time_ms: int) -> None:
        present = self._log.epochs.present
        if present.origin is None or time_ms >= present.started_at:
            return
        if time_ms > self._shared_until(present.origin.heads):
            parting = self._log.epochs.parting(present.origin.epoch)
            advice = "ask for another at /api/query_ts"
            raise OfAnotherEpoch("ts", present.origin.epoch, parting, advice=advice)

    def _shared_until(self, heads: Sequence[int]) -> int:
        """When the last was recorded that this life has of the one before."""
        times = (self._log.recorded_at(shard, head) for shard, head in enumerate(heads) if head)
        return max((time for time in times if time is not None), default=0)
