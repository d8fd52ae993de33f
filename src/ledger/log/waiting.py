"""What waits for the writer: requests by the shards that they concern, and which of them it takes together."""

from collections import deque
from collections.abc import Iterable
from itertools import chain
from sys import maxsize
from threading import Condition
from time import monotonic
from typing import Final

from ledger.log.optimistic import EVENTS_MAX
from ledger.log.requests import LogUnavailableError, Request

GROUP_EVENTS_MAX: Final = 20_000
HALVED_MIN: Final = 16
HALVED_MAX: Final = 2 * EVENTS_MAX
"""Of about so many events in all one half is decided while the other is under way. Fewer are sooner done together, and what is too
much to go past the locks is not under way meanwhile.
"""
LINGER_SECONDS: Final = 0.001
"""How long a group waits for those who were answered together last time and are likely to ask together again."""
AGAIN_SECONDS_MIN: Final = 0.001
AGAIN_SECONDS_MAX: Final = 0.05
"""How long it is at most until it is looked whether heads are free, where nothing else waits."""
CLOSING_SECONDS: Final = 5.0
"""How long heads that are locked are waited for by one who closes."""


_NOBODY: Final = maxsize
Asked = dict[int, list[Request]]
"""Requests by the shards that they concern."""


class Waiting:
    """Requests in the order of each shard; the shards take turns, so that none keeps the others from a group for ever."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._shards: dict[int, deque[Request]] = {}
        """By whose turn it is."""
        self._count = 0
        self._weight = 0
        self._needed = _NOBODY
        """How many somebody waits for."""
        self._expected = 1
        self._left: set[int] = set()
        """The shards whose heads somebody else had when they were last looked for."""
        self._again_seconds = AGAIN_SECONDS_MIN
        self._apart: set[int] = set()
        self._closing_since: float | None = None

    def __len__(self) -> int:
        return self._count

    def put(self, shard: int, request: Request) -> None:
        """Raises LogUnavailableError when closing."""
        with self._changed:
            if self._closing_since is not None:
                raise LogUnavailableError("the ledger is closing")
            requests = self._shards.get(shard)
            if requests is None:
                requests = self._shards[shard] = deque()
            requests.append(request)
            self._count += 1
            self._weight += request.weight
            if self._count >= self._needed:
                self._changed.notify_all()

    def close(self) -> None:
        """Take nothing more."""
        with self._changed:
            self._closing_since = monotonic()
            self._changed.notify_all()

    @property
    def is_given_up(self) -> bool:
        """Whether one who closes has waited long enough for heads that are locked."""
        return self._closing_since is not None and monotonic() - self._closing_since > CLOSING_SECONDS

    def next_group(self) -> Asked:
        """What is to be carried out together, once there is something; nothing when all is done and it is closed."""
        with self._changed:
            self._wait()
            return self._taken(GROUP_EVENTS_MAX)

    def next_half(self, under_way: int | None) -> Asked:
        """The same where it can be decided while others are under way, about so many events. Nothing where their outcome is to be
        waited for first, because little has come meanwhile.
        """
        with self._changed:
            if under_way is None:
                under_way = 0
                self._wait()
            elif self._weight < max(HALVED_MIN, under_way // 2):
                return {}
            together = self._weight + under_way
            return self._taken(GROUP_EVENTS_MAX if together > HALVED_MAX else max(HALVED_MIN, -(-together // 2)))

    def _wait(self) -> None:
        self._needed = 1
        while not self._count and self._closing_since is None:
            self._changed.wait()
        if self._left.issuperset(self._shards):
            self._changed.wait(self._again_seconds)
        elif self._count < self._expected and self._closing_since is None:
            self._needed = self._expected
            self._changed.wait(LINGER_SECONDS)
        self._needed = _NOBODY

    def _taken(self, room: int) -> Asked:
        group: Asked = {}
        for shard, requests in list(self._shards.items()):
            is_apart = shard in self._apart
            if group and (is_apart or requests[0].weight > room):
                continue
            del self._shards[shard]
            taken: list[Request] = []
            while requests and (requests[0].weight <= room or not (group or taken)):
                room -= requests[0].weight
                self._weight -= requests[0].weight
                taken.append(requests.popleft())
            group[shard] = taken
            if requests:
                self._shards[shard] = requests  # behind the others: it has had its turn
            if is_apart:
                break
        self._expected = sum(map(len, group.values()))
        self._count -= self._expected
        return group

    def leave(self, left: Asked) -> None:
        """Put back what somebody else has the heads for, in front of what has come for their shards since."""
        with self._changed:
            count = sum(map(len, left.values()))
            if count < self._expected:
                self._again_seconds = AGAIN_SECONDS_MIN
            else:
                self._again_seconds = min(2 * self._again_seconds, AGAIN_SECONDS_MAX)
            self._expected -= count
            self._count += count
            self._weight += sum(request.weight for request in chain(*left.values()))
            self._left = set(left)
            for shard, requests in left.items():
                self._shards.setdefault(shard, deque()).extendleft(reversed(requests))

    def keep_apart(self, shards: Iterable[int]) -> None:
        """Take each of some shards by itself from now on: what came for them together could not be recorded."""
        self._apart.update(shards)

    def put_together(self, shards: Iterable[int]) -> None:
        """What came for some shards was recorded."""
        self._apart.difference_update(shards)


def joined(first: Asked, then: Asked) -> Asked:
    """Both, in the order of each shard."""
    return {shard: [*first.get(shard, ()), *then.get(shard, ())] for shard in first | then}
