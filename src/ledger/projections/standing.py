"""How the views stand: how far they are behind the log, how fast they come on, and where they stand still."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from time import monotonic
from typing import Final, NamedTuple

from ledger.projections.drift import Drift

PACE_WINDOW_SECONDS: Final = 5.0
"""Over how long a rate is taken: long enough to be steady, short enough to say what is happening now."""
_SPACING_SECONDS: Final = 0.25
ENTRIES_A_SECOND_MAX: Final = 2_000
"""What is no load, however long it goes on."""
SURPLUS_OF_A_MOMENT: Final = 50
SURPLUS_MAX: Final = 150
"""After this many a load is over 50 ms after the last of it."""


class Standing(NamedTuple):
    """The views beside their log at one moment."""

    backlog: tuple[int, ...]
    """Of each shard, the entries that they do not show yet."""
    lag_ms: int
    """How long ago the oldest of those was recorded."""
    rate: float | None
    """Entries a second that they have taken up lately, whoever built them; None where nobody has looked for long enough."""
    halted: str | None
    """Why they stand still, if they do."""
    parked: int = 0
    """How many entries are set aside, because they or one before them in their session cannot be applied."""
    drifts: Sequence[Drift] = ()
    """Where they were found to show something else than the log comes to."""

    @property
    def lag(self) -> int:
        """Entries over all shards."""
        return sum(self.backlog)


class Pace:
    """How fast a count has grown lately. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """``clock`` gives seconds."""
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()
        self._lock = Lock()

    def note(self, count: int) -> None:
        """Say how far it has come; as often as one likes, now and then is enough."""
        with self._lock:
            now = self._clock()
            if not self._seen or now - self._seen[-1][0] >= _SPACING_SECONDS:
                self._seen.append((now, count))
            while now - self._seen[0][0] > PACE_WINDOW_SECONDS:
                self._seen.popleft()

    def a_second(self, count: int) -> float | None:
        """How fast it came to where it is now; None where it was not noted before."""
        self.note(count)
        with self._lock:
            begun, first = self._seen[0]
            passed = self._clock() - begun
        return (count - first) / passed if passed >= _SPACING_SECONDS else None


class Load:
    """Whether so much is appended that the writers need the machine more than the views need to be fresh to the millisecond.

    A few entries that have come together, because a disk was slow, are no load: it is what has come for a while beyond a rate.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """``clock`` gives seconds."""
        self._clock = clock
        self._surplus = 0.0
        self._noted_at = clock()

    def note(self, entries: int) -> None:
        """Say how many have come since this was said last."""
        now = self._clock()
        left = max(0.0, self._surplus - (now - self._noted_at) * ENTRIES_A_SECOND_MAX)
        self._surplus, self._noted_at = min(left + entries, SURPLUS_MAX), now

    def is_heavy(self) -> bool:
        return self._surplus > SURPLUS_OF_A_MOMENT


def backlog_of(heads: list[int], checkpoints: list[int]) -> Iterator[int]:
    """What each shard has that the views do not show; nothing where they were looked at later than it."""
    return (max(0, head - shown) for head, shown in zip(heads, checkpoints, strict=True))
