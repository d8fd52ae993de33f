"""Group commit: requests that wait are decided one after another at their heads, and made durable by one commit."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from threading import Thread

from ledger.domain.refusals import KeyReused, Refusal
from ledger.log.append import Append, insert_added, lock_free_heads
from ledger.log.database import GONE, CommitLostError, has_failed, is_failed_sync
from ledger.log.known import Known
from ledger.log.reading import read_placed
from ledger.log.requests import (
    AnsweredRequest,
    LogUnavailableError,
    Outcome,
    OutcomeUnknownError,
    Receipt,
    Request,
    Under,
    answered_requests,
    remember,
)
from ledger.log.sole import SoleConnection
from ledger.log.stream import Stream
from ledger.log.waiting import Asked, Waiting

_logger = logging.getLogger(__name__)

OnAppend = Callable[[Append], None]


@dataclass
class _Group:
    """What one transaction will commit."""

    appends: list[Append] = field(default_factory=list)
    before: dict[Under, AnsweredRequest] = field(default_factory=dict)
    """What was answered under its requests' keys before."""
    answered: dict[Under, AnsweredRequest] = field(default_factory=dict)
    """What is answered under them by it."""
    outcomes: list[tuple[Request, Outcome]] = field(default_factory=list)
    streams: dict[str, Stream] = field(default_factory=dict)


class Writer:
    """The one thread of a process that appends to the log, to all of its shards.

    What it finds locked by another process it leaves for a later group, so that two share the shards as they come free; it waits
    for none, however long somebody has it.
    """

    def __init__(
        self,
        writing: SoleConnection,
        clock: Callable[[], int],
        on_append: OnAppend,
        on_answered: Callable[[], None],
        on_committed: Callable[[], None],
    ) -> None:
        """``on_append`` is told of what every commit added to each shard, before its requests are answered; ``on_answered`` once
        all requests of a group have had their outcomes delivered; ``on_committed`` of a commit once that is done: whoever
        follows the log is woken after those who asked.
        """
        self._writing = writing
        self._clock = clock
        self._on_append = on_append
        self._on_answered = on_answered
        self._on_committed = on_committed
        self._waiting = Waiting()
        self._known = Known()
        self.commits = 0
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, shard: int, request: Request) -> None:
        """Queue a request. Its outcome is delivered once it is durable. Raises LogUnavailableError when closing."""
        self._waiting.put(shard, request)

    def close(self) -> None:
        """Carry out what is waiting, then end. What somebody else has the heads for is given up after CLOSING_SECONDS."""
        self._waiting.close()
        self._thread.join()

    def _run(self) -> None:
        while asked := self._waiting.next_group():
            left = self._carry_out(asked)
            if left and self._waiting.is_given_up:
                failure = LogUnavailableError(
                    "nothing was recorded: another process has the head of its shard, and this one closes"
                )
                self._deliver([(request, failure) for request in chain(*left.values())])
                left = {}
            self._waiting.leave(left)
            if not self._waiting:
                self._tell(self._writing.settle)

    def _carry_out(self, asked: Asked) -> Asked:
        """Those that are left, because somebody else has the heads of their shards."""
        group = _Group()
        try:
            with self._writing.transaction() as connection:
                group.appends = lock_free_heads(connection, asked, self._clock())
                self._known.follow(connection, group.appends)
                requests = chain.from_iterable(asked[append.shard] for append in group.appends)
                group.before = answered_requests(connection, [it.under for it in requests if it.under is not None])
                for append in group.appends:
                    for request in asked[append.shard]:
                        group.outcomes.append((request, self._outcome(request, append, group)))
                insert_added(connection, group.appends)
                remember(connection, group.answered)
        except Exception as error:  # noqa: BLE001  # whatever it was, every request of the group must hear of it
            self._known.forget(asked)
            if not isinstance(error, GONE):
                self._waiting.keep_apart(asked)
            failure = _failure(error)
            self._deliver([(request, failure) for request in chain(*asked.values())])
            return {}
        self._committed(group)
        self._deliver(group.outcomes)
        if any(append.entries for append in group.appends):
            self._tell(self._on_committed)
        locked = {append.shard for append in group.appends}
        return {shard: requests for shard, requests in asked.items() if shard not in locked}

    def _deliver(self, outcomes: Sequence[tuple[Request, Outcome]]) -> None:
        for request, outcome in outcomes:
            self._tell(request.deliver, outcome)
        self._tell(self._on_answered)

    def _committed(self, group: _Group) -> None:
        if not group.outcomes:
            return
        self.commits += 1
        self._waiting.put_together(append.shard for append in group.appends)
        for stream in group.streams.values():
            stream.committed()
        for append in group.appends:
            self._known.committed(append)
            if append.entries:
                self._tell(self._on_append, append)

    @staticmethod
    def _tell(told: Callable[..., None], *what: object) -> None:
        """Somebody who cannot be told, because they have gone, must not keep the writer from the others."""
        try:
            told(*what)
        except Exception:
            _logger.exception("could not tell what was recorded")

    def _outcome(self, request: Request, append: Append, group: _Group) -> Outcome:
        """Decide one request against the head that all before it in the group have made; a failing one harms only itself."""
        try:
            under = request.under
            if under is not None and (before := group.answered.get(under) or group.before.get(under)):
                under_key = partial(_recorded, request, before, append)
                if before.digest != request.digest and not request.is_repeat(before.digest, under_key):
                    raise KeyReused(under[-1])  # what is refused is told in one place
                return Receipt(before.answer, append.shard, before.position, before.sequence, repeated=True)
            stream = self._known.stream(request.partition, append)
            decision = request.decide(stream)
            answer = decision.answer(stream.sequence + 1)
            recorded = stream.record(
                decision.events,
                position=append.position,
                recorded_at=append.recorded_at,
                actor=request.actor,
                key=request.key,
            )
        except Refusal as refusal:
            request.on_refused()
            return refusal
        except Exception as fault:  # a fault of ours in one request must not fail its neighbours
            if has_failed(append.connection):
                raise
            fault.add_note("while deciding; nothing of this request was recorded")
            request.on_failed()
            return fault
        group.streams[stream.partition] = stream
        append.add(recorded)
        receipt = Receipt(answer, append.shard, stream.position, stream.sequence)
        if under is not None:
            group.answered[under] = AnsweredRequest(request.digest, receipt.answer, receipt.sequence, receipt.position)
        return receipt


def _recorded(request: Request, before: AnsweredRequest, append: Append, count: int) -> list[str]:
    """The bodies of the last events, so many at most, that were recorded under a request's key when it was answered before."""
    after = before.sequence - count
    found = read_placed(append.connection, request.partition, after=after, up_to=before.position, limit=count)
    return [
        entry.body
        for entry in (*(placed.entry for placed in found), *append.entries)
        if (entry.partition, entry.actor, entry.key) == request.under and entry.sequence > after
    ]


def _failure(error: Exception) -> LogUnavailableError:
    """What the requests of a group are told whose transaction failed."""
    failure = (
        OutcomeUnknownError(
            f"the disk or the database failed while this was made durable, and whether it was recorded is not known: {error};"
            " send it again under the same Idempotency-Key"
        )
        if is_failed_sync(error) or isinstance(error, CommitLostError)
        else LogUnavailableError(f"nothing was recorded: {error}")
    )
    failure.__cause__ = error
    return failure
