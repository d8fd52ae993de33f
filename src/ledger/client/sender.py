"""The sender: posts the batches of a spool in order, as many as fit into a request, until the ledger says what became of each.

Once a request is out, what the answer before it has settled is written down, and the request after it made ready: so the ledger is
asked again as soon as it has answered. One request is under way at a time: of two the second might arrive alone.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from itertools import chain, groupby, takewhile
from random import SystemRandom
from threading import Condition, Thread
from time import monotonic
from typing import Final, NamedTuple

import httpx2

from ledger.client.answers import NoAnswer, Refused, Taken, answers_of
from ledger.client.batches import Batch
from ledger.client.contents import Aside, readable
from ledger.client.failures import SpoolError
from ledger.client.hearing import Hearing, tell
from ledger.client.leftovers import SWEEP_AFTER_SECONDS
from ledger.client.line import post_json
from ledger.client.outbox import Outbox
from ledger.client.portions import Portion
from ledger.client.requests import DamagedFactError, Prepared, Stated, UnknownReferenceError, prepare, state
from ledger.client.spool import Spool

LINGER_SECONDS: Final = 0.05
RETRY_SECONDS: Final = 0.1
RETRY_SECONDS_MAX: Final = 10.0
RETRY_AFTER_SECONDS_MAX: Final = 60.0
"""However long a server, or somebody in its place, asks us to stay away."""
_chance = SystemRandom()
_logger = logging.getLogger(__name__)


class _Ready(NamedTuple):
    """Batches that can go out in one request."""

    batches: Sequence[Batch]
    prepared: Prepared

    @property
    def fact_count(self) -> int:
        return sum(map(len, self.batches))


class _Taken(NamedTuple):
    """Batches that the ledger has taken, and the Ids of the facts of each, of which the spool does not know yet."""

    batches: Sequence[tuple[Batch, Sequence[str | None]]]


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
        self._portion = Portion()
        self._alone = 0
        """So many batches go out alone before others share a request again."""
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
        self._line.close()

    def _run(self) -> None:
        while (work := self._next_work()) is not None:
            try:
                work()
                self._failures, self.trouble = 0, None
            except _TryAgain as again:
                self._back_off(str(again), again.after_seconds)
            except SpoolError as error:
                self._back_off(str(error), 0.0)
            except Exception as fault:
                if self._stopping:  # and what it needs has been closed
                    break
                _logger.exception("the sender failed, and goes on")
                self._back_off(f"{type(fault).__name__}: {fault}", 0.0)
            self.wake()
        if self._taken is not None:
            with suppress(SpoolError):  # what is not written down is sent once more, under the same key
                self._acknowledge(self._taken)
        self._meanwhile.shutdown()

    def _next_work(self) -> Callable[[], None] | None:
        """What to do, once there is something: a request goes first. None when it is time to stop."""
        with self._changed:
            while not self._stopping:
                due = self._due_in()
                if due == 0.0:
                    return self._send
                if not self._spool.leftovers.is_due:
                    self._changed.wait(due)
                elif not self._changed.wait(min(due or SWEEP_AFTER_SECONDS, SWEEP_AFTER_SECONDS)):
                    return self._spool.sweep
            return None

    def _due_in(self) -> float | None:
        if self._next is not None:
            return 0.0
        return None if self._spool.is_closed else self._spool.due_in(self._linger_seconds)

    def _send(self) -> None:
        """Send a request, and settle it, or leave that until the next is under way. Raises _TryAgain, or SpoolError."""
        ready, self._next = self._next, None
        taken, self._taken = self._taken, None
        if ready is None:
            oldest = self._spool.take(is_alone=self._alone > 0)
            if not oldest or (ready := self._made_ready(oldest)) is None:
                return
        self._alone = max(0, self._alone - 1)
        following = None
        if taken is not None or self._spool.pending > ready.fact_count:
            meanwhile = cache(partial(self._meanwhile.submit, self._look_ahead, taken, ready.batches))
            answers = self._post(ready, meanwhile)
            following = meanwhile().result()  # where that failed, the answer is asked for once more
        else:
            answers = self._post(ready, lambda: None)
        match answers:
            case NoAnswer(why, after_seconds):
                self._portion.unanswered(ready.fact_count)
                raise _TryAgain(why, after_seconds)
            case Refused():  # the request as a whole: each of its batches hears by itself what is wrong with it
                self._portion.unanswered(ready.fact_count)
                self._alone = len(ready.batches)
            case _:
                self._conclude(ready, answers, following)

    def _conclude(self, ready: _Ready, answers: Sequence[Taken | Refused], following: _Ready | None) -> None:
        told = list(zip(ready.batches, answers, strict=False))
        taken = _Taken([(batch, answer.ids) for batch, answer in told if isinstance(answer, Taken)])
        if following is not None and len(taken.batches) == len(ready.batches):
            self._next, self._taken = following, taken
            return
        if taken.batches:
            self._acknowledge(taken)
        refused = [(batch, answer) for batch, answer in told if isinstance(answer, Refused)]
        for (answer, is_one), alike in groupby(refused, lambda each: (each[1], len(each[0]) == 1)):
            batches = [batch for batch, _ in alike]
            if is_one:
                self._set_aside(batches, answer.code, answer.message)
            else:
                for batch in batches:
                    self._settle(batch, answer)

    def _made_ready(self, oldest: Sequence[Batch]) -> _Ready | None:
        """The request that sends the oldest batches. None where something was in its way, which has been cleared off."""
        try:
            return self._ready(oldest)
        except DamagedFactError as damaged:
            if len(oldest[0]) == 1:
                self._set_aside(oldest[:1], "damaged", str(damaged))
            else:
                self._isolate(oldest[0], damaged.place)
        except UnknownReferenceError as unknown:
            why = str(unknown)
            alike = takewhile(lambda batch: self._unknown_in(batch) == why, oldest)
            self._set_aside(list(alike), "unknown_reference", why)
        return None

    def _unknown_in(self, batch: Batch) -> str | None:
        """What a batch names that has no Id and never will, in the words in which it is told."""
        try:
            self._stated(batch)
        except (UnknownReferenceError, DamagedFactError) as found:
            return str(found) if isinstance(found, UnknownReferenceError) else None
        return None

    def _stated(self, batch: Batch) -> Stated:
        return state(self._spool.device, self._spool.name, batch, self.outbox.id_of)

    def _ready(self, batches: Sequence[Batch]) -> _Ready:
        """The request that sends batches, up to one that cannot go out as it is.

        Raises DamagedFactError or UnknownReferenceError where that is the first.
        """
        calls: list[Stated] = []
        for batch in batches:
            try:
                calls.append(self._stated(batch))
            except (DamagedFactError, UnknownReferenceError):
                if not calls:
                    raise
                break
        return _Ready(batches[: len(calls)], prepare(calls))

    def _look_ahead(self, taken: _Taken | None, under_way: Sequence[Batch]) -> _Ready | None:
        """Write down what the ledger has taken, and make ready what goes out behind the request under way, if that is certain."""
        if taken is not None:
            self._acknowledge(taken)
        behind = self._spool.take_behind(under_way, self._portion.fact_count, is_alone=self._alone > 0)
        if not behind:
            return None
        try:
            return self._ready(behind)
        except (DamagedFactError, UnknownReferenceError):  # it is looked at when it is the oldest
            return None

    def _acknowledge(self, taken: _Taken) -> None:
        ids = list(chain.from_iterable(ids for _, ids in taken.batches))
        self.outbox.acknowledge([batch for batch, _ in taken.batches], ids)
        for batch, named in taken.batches:
            tell(self._hearing.acknowledged, batch.first, named)

    def _post(self, ready: _Ready, on_out: Callable[[], object]) -> list[Taken | Refused] | Refused | NoAnswer:
        began = monotonic()
        try:
            response = post_json(self._line, *ready.prepared, on_out)
        except httpx2.RequestError as error:
            return NoAnswer(f"{type(error).__name__}: {error}")
        seconds = monotonic() - began
        answers = answers_of(
            response, [len(batch) for batch in ready.batches], is_one_call=ready.prepared.key is not None
        )
        if not isinstance(answers, NoAnswer):
            self._portion.answered(ready.fact_count, seconds)
        return answers

    def _settle(self, batch: Batch, refused: Refused) -> None:
        """A refused batch has recorded nothing: find the fact that it was refused for, and let the others go on."""
        if refused.field == "sessionId":
            self._set_aside([batch], refused.code, refused.message)
        elif refused.place is not None and refused.place < len(batch):
            self._isolate(batch, refused.place)
        else:
            self.outbox.divide(batch, [len(batch) // 2])

    def _isolate(self, batch: Batch, place: int) -> None:
        """Have the fact at this place go out by itself."""
        self.outbox.divide(batch, [cut for cut in (place, place + 1) if 0 < cut < len(batch)])

    def _set_aside(self, batches: Sequence[Batch], code: str, message: str) -> None:
        self.outbox.set_aside(batches, code, message)
        for batch in batches:
            for number, stated in zip(batch.numbers, batch.arguments, strict=True):
                aside = Aside(number, batch.function, batch.session, readable(stated), code, message)
                tell(self._hearing.set_aside, aside)

    def _back_off(self, why: str, after_seconds: float) -> None:
        """Wait a while before the next attempt: longer every time, and never as long as another writer that failed with us."""
        self._failures += 1
        self.trouble = why
        tell(self._hearing.trouble, why)
        longest = min(self._retry_seconds_max, RETRY_SECONDS * 2 ** min(self._failures, 30))
        until = monotonic() + max(min(after_seconds, RETRY_AFTER_SECONDS_MAX), longest * _chance.uniform(0.5, 1.0))
        with self._changed:
            while not self._stopping and (left := until - monotonic()) > 0:
                self._changed.wait(left)


class _TryAgain(Exception):
    def __init__(self, why: str, after_seconds: float) -> None:
        super().__init__(why)
        self.after_seconds = after_seconds
