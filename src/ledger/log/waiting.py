"""What waits for the writer: requests by the shards that they concern, and which of them it takes together."""

from collections import deque
from collections.abc import Iterable, Sequence
from threading import Condition
from time import monotonic
from typing import Final, NamedTuple

from ledger.log.requests import LogUnavailableError, Request

GROUP_EVENTS_MAX: Final = 20_000
LINGER_SECONDS: Final = 0.001
"""How long a group waits for those who were answered together last time and are likely to ask together again."""
AGAIN_SECONDS_MIN: Final = 0.001
AGAIN_SECONDS_MAX: Final = 0.05
"""How long it is at most until it is looked whether heads are free, where nothing else waits."""
CLOSING_SECONDS: Final = 5.0
"""How long heads that are locked are waited for by one who closes."""


class Asked(NamedTuple):
    """A request, and the shard that it concerns."""

    shard: int
    request: Request


class Waiting:
    """Requests in the order of each shard; the shards take turns, so that none keeps the others from a group for ever."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._shards: dict[int, deque[Request]] = {}
        """By whose turn it is."""
        self._count = 0
        self._needed = 1
        self._expected = 1
        self._left: set[int] = set()
        """The shards whose heads somebody else had when they were last looked for."""
        self._again_seconds = AGAIN_SECONDS_MIN
        self._apart: set[int] = set()
        self._closing_since: float | None = None

    def __len__(self) -> int:
        return self._count

    def put(self, asked: Asked) -> None:
        """Raises LogUnavailableError when closing."""
        with self._changed:
            if self._closing_since is not None:
                raise LogUnavailableError("the ledger is closing")
            self._shards.setdefault(asked.shard, deque()).append(asked.request)
            self._count += 1
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

    def next_group(self) -> list[Asked]:
        """What is to be carried out together, once there is something; nothing when all is done and it is closed."""
        with self._changed:
            self._needed = 1
            while not self._count and self._closing_since is None:
                self._changed.wait()
            if self._left.issuperset(self._shards):
                self._changed.wait(self._again_seconds)
            elif self._count < self._expected and self._closing_since is None:
                self._needed = self._expected
                self._changed.wait(LINGER_SECONDS)
            group = self._taken()
            self._expected = len(group)
            self._count -= len(group)
            return group

    def _taken(self) -> list[Asked]:
        group: list[Asked] = []
        room = GROUP_EVENTS_MAX
        for shard, requests in list(self._shards.items()):
            is_apart = shard in self._apart
            if group and (is_apart or requests[0].weight > room):
                continue
            del self._shards[shard]
            while requests and (not group or requests[0].weight <= room):
                room -= requests[0].weight
                group.append(Asked(shard, requests.popleft()))
            if requests:
                self._shards[shard] = requests  # behind the others: it has had its turn
            if is_apart:
                break
        return group

    def leave(self, left: Sequence[Asked]) -> None:
        """Put back what somebody else has the heads for, in front of what has come for their shards since."""
        with self._changed:
            if len(left) < self._expected:
                self._again_seconds = AGAIN_SECONDS_MIN
            else:
                self._again_seconds = min(2 * self._again_seconds, AGAIN_SECONDS_MAX)
            self._expected -= len(left)
            self._count += len(left)
            self._left = {asked.shard for asked in left}
            for shard, request in reversed(left):
                self._shards.setdefault(shard, deque()).appendleft(request)

    def keep_apart(self, shards: Iterable[int]) -> None:
        """Take each of some shards by itself from now on: what came for them together could not be recorded."""
        self._apart.update(shards)

    def put_together(self, shards: Iterable[int]) -> None:
        """What came for some shards was recorded."""
        self._apart.difference_update(shards)
