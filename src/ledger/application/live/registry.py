"""The live queries of one server: each is kept once, however many watch it, with its answer and what that depends on."""

from collections.abc import Iterable
from hashlib import blake2b
from threading import Lock
from typing import Final, NamedTuple, Protocol

from ledger.application.functions import Query, Tag
from ledger.application.live.timestamps import Timestamps
from ledger.domain.values import Frozen
from ledger.log.positions import Position

_DIGEST_BYTES: Final = 16
Place = tuple[int, int]
Key = tuple[str, str | None]


class Watcher(Protocol):
    """Who watches live queries. It is told on the event loop, and must not block."""

    def moved(self) -> None:
        """Something that it watches has a new answer, or what it waits for is shown."""

    def keys_changed(self) -> None:
        """Keys were added or revoked: its own may be none any more."""


class Lack(NamedTuple):
    """What an answer lacks, and its doors say so."""

    stale: bool = False
    """Whether it may lack what was recorded some seconds ago."""
    parked: tuple[str, ...] = ()
    """The sessions shown in it that lack what is parked of them."""


NOTHING: Final = Lack()


class LiveAnswer:
    """What a query came to: JSON text, or the failure that it ended with."""

    __slots__ = ("digest", "failure", "journal", "json", "lack", "position", "said", "told")

    def __init__(
        self,
        json: str,
        journal: str | None = None,
        failure: Exception | None = None,
        *,
        lack: Lack = NOTHING,
        position: Position | None = None,
    ) -> None:
        self.json = json
        self.journal = journal
        """Where the page ends for good, of a query that answers in pages."""
        self.failure = failure
        self.lack = lack
        self.position = position
        """What it shows; None where it is not made of the ledger."""
        said = f"{type(failure).__name__}: {failure}" if failure is not None else json
        self.said = _digest(f"{said}\x00{journal}")
        """Of what it says, whatever it lacks."""
        self.digest = self.said if lack == NOTHING else _digest(f"{self.said.hex()}\x00{lack}")
        self.told: str | None = None
        """How a door tells it; kept here, since many are told the same."""

    def lacking(self, lack: Lack) -> "LiveAnswer":
        """The same answer, of which it has turned out meanwhile what it lacks."""
        return LiveAnswer(self.json, self.journal, self.failure, lack=lack, position=self.position)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()


class LiveQuery:
    """A question that is asked again whenever its answer may have changed."""

    __slots__ = ("answer", "asked", "deadline", "function", "journal", "key", "tags", "wanted", "watchers")

    def __init__(self, function: Query, asked: Frozen, key: Key, tags: frozenset[Tag]) -> None:
        self.function = function
        self.asked = asked
        self.key = key
        self.journal = key[1]
        self.tags = tags
        self.answer: LiveAnswer | None = None
        self.watchers: set[Watcher] = set()
        self.wanted: list[Place] | None = None
        """What the views must show before it is answered for the first time, or lack nothing; None while nobody has looked."""
        self.deadline = 0.0
        """When that is no longer waited for."""


class Round(NamedTuple):
    """What was asked in one snapshot of the views."""

    shards: tuple[int, ...]
    """The position of each shard that it shows."""
    answers: list[tuple[LiveQuery, LiveAnswer]]
    has_changed_keys: bool


class Registry:
    """Watched on the event loop, asked on another thread.

    After every round all answers are those of one state of the views: what a round did not ask again cannot have changed.
    """

    def __init__(self, shard_count: int, timestamps: Timestamps) -> None:
        self._timestamps = timestamps
        self.timestamp = 0
        """When the answers became those that they are."""
        self.shards: tuple[int, ...] = (0,) * shard_count
        """The position of each shard that the answers show."""
        self.rounds = 0
        self._lock = Lock()
        self._queries: dict[Key, LiveQuery] = {}
        self._by_tag: dict[Tag, set[LiveQuery]] = {}
        self._unanswered: set[LiveQuery] = set()
        self._waiting: set[Watcher] = set()
        self._watchers: set[Watcher] = set()

    def __len__(self) -> int:
        """How many queries there are that tags lead to."""
        return len({query for queries in self._by_tag.values() for query in queries})

    def join(self, watcher: Watcher) -> None:
        """Somebody has come who may watch, and is told of keys."""
        self._watchers.add(watcher)

    def leave(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)
        self._waiting.discard(watcher)

    def watch(self, function: Query, asked: Frozen, journal: str | None, watcher: Watcher) -> LiveQuery:
        """The live query of a question; shared with whoever has asked the same."""
        key = (f"{function.name} {asked.model_dump_json()}", journal)
        with self._lock:
            query = self._queries.get(key)
            if query is None:
                query = self._queries[key] = LiveQuery(function, asked, key, function.tags(asked))
                self._unanswered.add(query)
                for tag in query.tags:
                    self._by_tag.setdefault(tag, set()).add(query)
            query.watchers.add(watcher)
        return query

    def unwatch(self, query: LiveQuery, watcher: Watcher) -> None:
        with self._lock:
            query.watchers.discard(watcher)
            if query.watchers:
                return
            self._unanswered.discard(query)
            self._forget(query)
            for tag in query.tags:
                tagged = self._by_tag.get(tag)
                if tagged is not None:
                    tagged.discard(query)
                    if not tagged:
                        del self._by_tag[tag]

    def await_place(self, watcher: Watcher) -> bool:
        """Have it told of every round, until ``has_seen``: it waits for a position. Whether it was not waiting before."""
        is_new = watcher not in self._waiting
        self._waiting.add(watcher)
        return is_new

    def has_seen(self, watcher: Watcher) -> None:
        self._waiting.discard(watcher)

    def shows(self, shard: int, position: int) -> bool:
        return self.shards[shard] >= position

    @property
    def is_waited_for(self) -> bool:
        """Whether anybody wants to know how far the views have come, whatever that changes."""
        return bool(self._waiting)

    @property
    def is_in_use(self) -> bool:
        return bool(self._waiting or self._by_tag or self._watchers)

    def unanswered(self) -> list[LiveQuery]:
        with self._lock:
            return list(self._unanswered)

    def answered(self) -> set[LiveQuery]:
        """The queries that somebody watches and has an answer to."""
        return {query for query in self.touched(None) if query.answer is not None}

    def touched(self, tags: Iterable[Tag] | None) -> set[LiveQuery]:
        """The queries that changes under these tags concern; all of them without tags."""
        with self._lock:
            found = self._by_tag.values() if tags is None else filter(None, map(self._by_tag.get, tags))
            return {query for queries in found for query in queries}

    def apply(self, answered: Round) -> None:
        """Keep what a round has answered, and tell whoever it concerns."""
        told: set[Watcher] = set(self._waiting)
        self.shards = answered.shards
        self.rounds += 1
        self.timestamp = self._timestamps.next()
        with self._lock:
            for query, answer in answered.answers:
                if query.answer is None:
                    self._unanswered.discard(query)
                    self._pin(query, answer)
                elif query.answer.digest == answer.digest:
                    continue
                query.answer = answer
                told |= query.watchers
        for watcher in told:
            watcher.moved()
        if answered.has_changed_keys:
            for watcher in list(self._watchers):
                watcher.keys_changed()

    def _pin(self, query: LiveQuery, answer: LiveAnswer) -> None:
        """Where a first page ended, there it ends from now on: whoever asks for a first page anew is given one of its own."""
        if answer.journal is None or query.journal is not None:
            return
        query.journal = answer.journal
        if query.watchers:
            self._forget(query)
            query.key = (query.key[0], answer.journal)
            self._queries.setdefault(query.key, query)

    def _forget(self, query: LiveQuery) -> None:
        if self._queries.get(query.key) is query:
            del self._queries[query.key]
