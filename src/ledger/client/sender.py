"""The sender: takes batches from a spool in order, one at a time, and posts each until the ledger has said what became of it.

While an answer is awaited, what the answer before it has settled is written down, and the request after it made ready: so the
ledger is asked again as soon as it has answered. One request is under way at a time: of two the second might arrive alone.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from random import SystemRandom
from threading import Condition, Thread
from time import monotonic
from typing import Any, Final, NamedTuple

import httpx2

from ledger.client.answers import Answer, NoAnswer, Refused, Taken, answer_of
from ledger.client.batches import Fact
from ledger.client.contents import Aside
from ledger.client.failures import SpoolError
from ledger.client.outbox import Outbox
from ledger.client.requests import Prepared, UnknownReferenceError, prepare
from ledger.client.spool import Spool

LINGER_SECONDS: Final = 0.05
RETRY_SECONDS: Final = 0.1
RETRY_SECONDS_MAX: Final = 10.0
RETRY_AFTER_SECONDS_MAX: Final = 60.0
"""However long a server, or somebody in its place, asks us to stay away."""
_chance = SystemRandom()
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hearing:
    """Who is told of what becomes of facts. Called on threads of the sender's, and must not keep them."""

    acknowledged: Callable[[int, Sequence[str | None]], None] | None = None
    """The first number of a batch that the ledger has taken, and the Ids of all its facts. After a crash perhaps once more."""
    set_aside: Callable[[Aside], None] | None = None
    """The ledger refused a fact; the others go on without it."""
    dropped: Callable[[Sequence[int]], None] | None = None
    """Numbers of facts that a full spool has dropped; told on the thread that recorded what there was no room for."""
    trouble: Callable[[str], None] | None = None
    """A batch could not be sent; it is tried again and again."""


class _Ready(NamedTuple):
    """A batch that can go out."""

    facts: Sequence[Fact]
    prepared: Prepared


class _Taken(NamedTuple):
    """A batch that the ledger has taken, of which the spool does not know yet."""

    facts: Sequence[Fact]
    ids: Sequence[str | None]


class Sender:
    """One thread that sends what a spool holds, from construction to ``stop``."""

    def __init__(
        self,
        spool: Spool,
        line: httpx2.Client,
        *,
        hearing: Hearing,
        linger_seconds: float = LINGER_SECONDS,
        retry_seconds_max: float = RETRY_SECONDS_MAX,
    ) -> None:
        self._spool = spool
        self.outbox = Outbox(spool)
        self._line = line
        self._hearing = hearing
        self._linger_seconds = linger_seconds
        self._retry_seconds_max = retry_seconds_max
        self._changed = Condition()
        self._failures = 0
        self._stopping = False
        self.trouble: str | None = None
        """Why the last attempt failed, while it goes on failing."""
        self._next: _Ready | None = None
        self._taken: _Taken | None = None
        self._meanwhile = ThreadPoolExecutor(1, thread_name_prefix=f"meanwhile-{spool.device}")
        self._thread = Thread(target=self._run, name=f"sender-{spool.device}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There may be something to send."""
        with self._changed:
            self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool], timeout: float | None) -> bool:
        """Whether a condition came true in time; looked at whenever something was sent."""
        with self._changed:
            return self._changed.wait_for(lambda: self._stopping or condition(), timeout) and condition()

    def stop(self, timeout: float) -> None:
        """Send nothing more; wait for the request under way, at most so long."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout)
        self._meanwhile.shutdown()
        self._line.close()

    def _run(self) -> None:
        while self._wait_for_work():
            try:
                self._send()
                self._failures, self.trouble = 0, None
            except _TryAgain as again:
                self._back_off(str(again), again.after_seconds)
            except SpoolError as error:
                self._back_off(str(error), 0.0)
            except Exception as fault:
                _logger.exception("the sender failed, and goes on")
                self._back_off(f"{type(fault).__name__}: {fault}", 0.0)
            self.wake()
        if self._taken is not None:
            with suppress(SpoolError):  # what is not written down is sent once more, under the same key
                self._acknowledge(self._taken)

    def _wait_for_work(self) -> bool:
        """Until a batch is due; False when it is time to stop."""
        with self._changed:
            while not self._stopping:
                due = self._due_in()
                if due == 0.0:
                    return True
                self._changed.wait(due)
            return False

    def _due_in(self) -> float | None:
        if self._next is not None:
            return 0.0
        return None if self._spool.is_closed else self._spool.due_in(self._linger_seconds)

    def _send(self) -> None:
        """Send one batch, and settle it, or leave that until the next is under way. Raises _TryAgain, or SpoolError."""
        ready, self._next = self._next, None
        taken, self._taken = self._taken, None
        if ready is None:
            facts = self._spool.take()
            prepared = self._made_ready(facts)
            if prepared is None:
                return
            ready = _Ready(facts, prepared)
        following = None
        if taken is not None or self._spool.pending > len(ready.facts):
            meanwhile = self._meanwhile.submit(self._look_ahead, taken, ready.facts)
            answer = self._post(ready.prepared, len(ready.facts))
            following = meanwhile.result()  # where that failed, the answer is asked for once more
        else:
            answer = self._post(ready.prepared, len(ready.facts))
        match answer:
            case Taken(ids) if following is not None:
                self._next, self._taken = following, _Taken(ready.facts, ids)
            case Taken(ids):
                self._acknowledge(_Taken(ready.facts, ids))
            case Refused() as refused:
                self._settle(ready.facts, refused)
            case NoAnswer(why, after_seconds):
                raise _TryAgain(why, after_seconds)

    def _made_ready(self, facts: Sequence[Fact]) -> Prepared | None:
        """The request that sends a batch. Where it cannot go out as it is, what is in its way has been cleared off."""
        damaged = [fact for fact in facts if not fact.is_sound]
        if damaged and len(facts) == 1:
            self._set_aside(facts, "damaged", "its bytes are not those that were recorded: the disk has changed them")
            return None
        if damaged:
            self._isolate(facts, facts.index(damaged[0]))
            return None
        try:
            return prepare(self._spool.device, self._spool.name, facts, self.outbox.id_of)
        except UnknownReferenceError as unknown:
            if len(facts) == 1 or unknown.field == "sessionId":
                self._set_aside(facts, "unknown_reference", str(unknown))
            else:
                self._halve(facts)
            return None

    def _look_ahead(self, taken: _Taken | None, under_way: Sequence[Fact]) -> _Ready | None:
        """Write down what the ledger has taken, and make ready what goes out behind the batch under way, if that is certain."""
        if taken is not None:
            self._acknowledge(taken)
        facts = self._spool.take_behind(under_way)
        if not facts or not all(fact.is_sound for fact in facts):
            return None
        try:
            return _Ready(facts, prepare(self._spool.device, self._spool.name, facts, self.outbox.id_of))
        except UnknownReferenceError:  # it may name a fact that is under way
            return None

    def _acknowledge(self, taken: _Taken) -> None:
        self.outbox.acknowledge(taken.facts, taken.ids)
        self._tell(self._hearing.acknowledged, taken.facts[0].number, taken.ids)

    def _post(self, prepared: Prepared, count: int) -> Answer:
        headers = {"Content-Type": "application/json", "Idempotency-Key": prepared.key}
        try:
            return answer_of(self._line.post(prepared.path, content=prepared.body, headers=headers), count)
        except httpx2.RequestError as error:
            return NoAnswer(f"{type(error).__name__}: {error}")

    def _settle(self, facts: Sequence[Fact], refused: Refused) -> None:
        """A refused batch has recorded nothing: find the fact that it was refused for, and let the others go on."""
        if len(facts) == 1 or refused.field == "sessionId":
            self._set_aside(facts, refused.code, refused.message)
        elif (place := _place_in(refused.field)) is not None and place < len(facts):
            self._isolate(facts, place)
        else:
            self._halve(facts)

    def _isolate(self, facts: Sequence[Fact], place: int) -> None:
        """Have the fact at this place go out by itself."""
        self.outbox.divide(facts, [cut for cut in (place, place + 1) if 0 < cut < len(facts)])

    def _halve(self, facts: Sequence[Fact]) -> None:
        self.outbox.divide(facts, [len(facts) // 2])

    def _set_aside(self, facts: Sequence[Fact], code: str, message: str) -> None:
        self.outbox.set_aside(facts, code, message)
        for fact in facts:
            aside = Aside(fact.number, fact.function, fact.session, fact.arguments, code, message)
            self._tell(self._hearing.set_aside, aside)

    def _back_off(self, why: str, after_seconds: float) -> None:
        """Wait a while before the next attempt: longer every time, and never as long as another writer that failed with us."""
        self._failures += 1
        self.trouble = why
        self._tell(self._hearing.trouble, why)
        longest = min(self._retry_seconds_max, RETRY_SECONDS * 2 ** min(self._failures, 30))
        until = monotonic() + max(min(after_seconds, RETRY_AFTER_SECONDS_MAX), longest * _chance.uniform(0.5, 1.0))
        with self._changed:
            while not self._stopping and (left := until - monotonic()) > 0:
                self._changed.wait(left)

    @staticmethod
    def _tell(told: Callable[..., None] | None, *what: Any) -> None:
        """Somebody who cannot be told must not keep facts from the ledger."""
        if told is not None:
            try:
                told(*what)
            except Exception:
                _logger.exception("could not tell what became of a fact")


class _TryAgain(Exception):
    def __init__(self, why: str, after_seconds: float) -> None:
        super().__init__(why)
        self.after_seconds = after_seconds


def _place_in(field: str) -> int | None:
    """The place that the ledger names in a batch: 3 for ``events[3].eventType``."""
    if not field.startswith("events["):
        return None
    digits = field.removeprefix("events[").partition("]")[0]
    return int(digits) if digits.isdecimal() else None
