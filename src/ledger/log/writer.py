"""Group commit: requests that wait are decided one after another at one head, and made durable by one commit."""

import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Thread
from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger.domain.entries import Entry, Event
from ledger.domain.refusals import KeyReused, Refusal
from ledger.log.append import Append
from ledger.log.database import CommitLostError, is_failed_sync
from ledger.log.reading import AnsweredRequest, answered_request, read_stream
from ledger.log.recorder import ShardRecorder
from ledger.log.stream import Stream

GROUP_EVENTS_MAX: Final = 20_000
STREAMS_KEPT_MAX: Final = 256
LINGER_SECONDS: Final = 0.001
"""How long a group waits for those who were answered together last time and are likely to ask together again."""

_logger = logging.getLogger(__name__)


class LogUnavailableError(Exception):
    """The log could not take the request: the disk is full, or the database failed. Nothing of it was recorded."""


class OutcomeUnknownError(LogUnavailableError):
    """The log's disk failed to sync what had been written, or its database went away at the commit.

    Whether it was recorded is known only after the next recovery.
    """


class Decision(NamedTuple):
    """What a request comes to: events to record, and its answer as JSON, told from the sequence of the first of them."""

    events: Sequence[Event]
    answer: Callable[[int], str]


class Request(NamedTuple):
    """Something to be decided at the head of a partition."""

    partition: str
    actor: str
    decide: Callable[[Stream], Decision]
    """Raises a Refusal to refuse; it must not change anything."""
    deliver: Callable[["Outcome"], None]
    """Called once, on the writer's thread, when the outcome is durable; must not block."""
    key: str | None = None
    digest: bytes = b""
    """Of the request and its canonical arguments: what makes two requests under one key the same."""
    weight: int = 1
    """About how many events it brings."""
    is_repeat: Callable[[bytes, Callable[[int], list[str]]], bool] = lambda digest, recorded: False
    """Whether it says what was answered under its key, though that has another digest. It may ask what was recorded last under
    the key: the bodies of so many events at most."""
    on_refused: Callable[[], None] = lambda: None
    """Called on the writer's thread where it is refused, before what was asked for after it is decided."""
    on_failed: Callable[[], None] = lambda: None
    """The same where it fails through a fault of ours or of the database's."""


class Receipt(NamedTuple):
    """A request was carried out, now or (``repeated``) when its key was first used."""

    answer: str
    shard: int
    position: int
    sequence: int
    """The head of the partition after it."""
    repeated: bool = False


Outcome = Receipt | Exception
OnAppend = Callable[[int, int, list[Entry], list[bytes]], None]


@dataclass
class _Group:
    """What one transaction will commit."""

    entries: list[Entry] = field(default_factory=list)
    answered: dict[tuple[str, str, str], AnsweredRequest] = field(default_factory=dict)
    outcomes: list[tuple[Request, Outcome]] = field(default_factory=list)
    streams: dict[str, Stream] = field(default_factory=dict)


class Writer:
    """The one thread of a process that appends to a shard."""

    def __init__(
        self,
        recorder: ShardRecorder,
        on_append: OnAppend,
        on_answered: Callable[[], None],
        on_committed: Callable[[], None],
    ) -> None:
        """``on_append(shard, first_position, entries, leaves)`` is told of every commit, before its requests are
        answered; ``on_answered`` once all requests of a group have had their outcomes delivered; ``on_committed`` of a commit
        once that is done: whoever follows the log is woken after those who asked.
        """
        self._recorder = recorder
        self._on_append = on_append
        self._on_answered = on_answered
        self._on_committed = on_committed
        self._waiting: deque[Request] = deque()
        self._changed = Condition()
        self._needed = 1
        self._expected = 1
        self._closing = False
        self._streams: OrderedDict[str, Stream] = OrderedDict()
        self._position = -1
        self.commits = 0
        self._thread = Thread(target=self._run, name=f"writer-{recorder.shard}", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> None:
        """Queue a request. Its outcome is delivered once it is durable. Raises LogUnavailableError when closing."""
        with self._changed:
            if self._closing:
                raise LogUnavailableError("the ledger is closing")
            self._waiting.append(request)
            if len(self._waiting) >= self._needed:
                self._changed.notify_all()

    def close(self) -> None:
        """Carry out what is waiting, then end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            self._carry_out(group)
            if not self._waiting:
                self._recorder.settle()

    def _next_group(self) -> list[Request]:
        with self._changed:
            self._needed = 1
            while not self._waiting and not self._closing:
                self._changed.wait()
            if len(self._waiting) < self._expected and not self._closing:
                self._needed = self._expected
                self._changed.wait(LINGER_SECONDS)
            group: list[Request] = []
            weight = 0
            while self._waiting and (not group or weight + self._waiting[0].weight <= GROUP_EVENTS_MAX):
                weight += self._waiting[0].weight
                group.append(self._waiting.popleft())
            self._expected = len(group)
            return group

    def _carry_out(self, requests: list[Request]) -> None:
        group = _Group()
        try:
            with self._recorder.appending() as append:
                if append.position != self._position:
                    self._streams.clear()
                first = append.position + 1
                for request in requests:
                    group.outcomes.append((request, self._outcome(request, append, group)))
                append.insert(group.entries)
                append.remember([(*asked, *answered) for asked, answered in group.answered.items()])
        except Exception as error:  # noqa: BLE001  # whatever it was, every request of the group must hear of it
            self._streams.clear()
            self._position = -1
            failure = _failure(error)
            group = _Group(outcomes=[(request, failure) for request in requests])
        else:
            self._position = append.position
            self.commits += 1
            for stream in group.streams.values():
                stream.committed()
            while len(self._streams) > STREAMS_KEPT_MAX:
                self._streams.popitem(last=False)
            if group.entries:
                self._tell(self._on_append, self._recorder.shard, first, group.entries, append.leaves)
        for request, outcome in group.outcomes:
            self._tell(request.deliver, outcome)
        self._tell(self._on_answered)
        if group.entries:
            self._tell(self._on_committed)

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
            if request.key is not None and (before := self._answered_before(request, append.connection, group)):
                under_key = partial(_recorded, request, before, append.connection, group)
                if before.digest != request.digest and not request.is_repeat(before.digest, under_key):
                    raise KeyReused(request.key)  # what is refused is told in one place
                return Receipt(before.answer, self._recorder.shard, before.position, before.sequence, repeated=True)
            stream = self._stream(request.partition, append)
            decision = request.decide(stream)
            answer = decision.answer(stream.sequence + 1)
            recorded = stream.record(
                decision.events,
                position=append.position + len(group.entries),
                recorded_at=append.recorded_at,
                actor=request.actor,
                key=request.key,
            )
        except Refusal as refusal:
            request.on_refused()
            return refusal
        except Exception as fault:  # noqa: BLE001  # a fault of ours in one request must not fail its neighbours
            fault.add_note("while deciding; nothing of this request was recorded")
            request.on_failed()
            return fault
        group.streams[stream.partition] = stream
        group.entries += recorded
        receipt = Receipt(answer, self._recorder.shard, stream.position, stream.sequence)
        if request.key is not None:
            asked = (request.partition, request.actor, request.key)
            group.answered[asked] = AnsweredRequest(request.digest, receipt.answer, receipt.sequence, receipt.position)
        return receipt

    def _answered_before(self, request: Request, connection: Connection, group: _Group) -> AnsweredRequest | None:
        assert request.key is not None
        pending = group.answered.get((request.partition, request.actor, request.key))
        return pending or answered_request(connection, request.partition, request.actor, request.key)

    def _stream(self, partition: str, append: Append) -> Stream:
        stream = self._streams.get(partition)
        if stream is None:
            stream = self._streams[partition] = Stream(partition, append.connection)
        else:
            self._streams.move_to_end(partition)
            stream.connection = append.connection
        stream.now_ms = append.recorded_at
        return stream


def _recorded(
    request: Request, before: AnsweredRequest, connection: Connection, group: _Group, count: int
) -> list[str]:
    """The bodies of the last events, so many at most, that were recorded under a request's key when it was answered before."""
    after, asked = before.sequence - count, (request.partition, request.actor, request.key)
    committed = read_stream(connection, request.partition, after=after, up_to=before.sequence)
    return [
        entry.body
        for entry in (*committed, *group.entries)
        if (entry.partition, entry.actor, entry.key) == asked and entry.sequence > after
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
