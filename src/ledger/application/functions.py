"""What a function of the contract is: its name, its route where it has one, its arguments, and what it comes to."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, Protocol

from sqlalchemy import Connection

from ledger.domain.entries import Event, History
from ledger.domain.ids import RANDOM_BYTES, PartitionKind, new_partition, partition_for
from ledger.domain.keys import AccessKey, Scope
from ledger.domain.refusals import SessionNotFound
from ledger.domain.values import Frozen
from ledger.domain.vocabulary import Vocabulary
from ledger.log.eventlog import EventLog
from ledger.log.positions import Position
from ledger.log.program import read_program
from ledger.log.reading import head_of, sequence_by
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import sessions
from ledger.projections.rebuild import Rebuilding
from ledger.projections.runner import Runner

AnswerKind = Literal["id", "ids", "null", "url", "attempt"]
Tag = tuple[str, str]
"""What a live answer depends on: a view, and a partition in it or ANYWHERE."""
ANYWHERE: Final = "*"
LOG: Final = frozenset({"log"})
"""What a query names instead of views where it is answered from the log itself."""
ORIGIN: Final = "\x00origin"
"""What a URL of this server begins with in an answer: its door puts in the origin that the caller used. No text that a caller may
send holds a NUL."""


ANONYMOUS: Final = "anonymous"


class Caller(NamedTuple):
    """Who asks, and under which idempotency key, if any."""

    actor: str = ANONYMOUS
    key: str | None = None
    access: AccessKey | None = None
    """The key that let it in; None where no key is needed, and everything is allowed."""
    origin: str = ""
    """Where it reaches this server, ``http://127.0.0.1:8000``: what URLs that are handed out to it begin with."""


@dataclass(frozen=True)
class Mutation:
    """A function that records facts."""

    name: str
    path: str | None
    """Its route; None where the contract gives it none, and only its name leads to it."""
    arguments: type[Frozen]
    answers: AnswerKind
    decide: Callable[[Any, Stream, Vocabulary], Decision]
    """From the arguments and the stream they concern; raises a Refusal to refuse."""
    partition: Callable[[Any], str] | None
    """Where the facts belong; None where the function begins a partition of its own."""
    summary: str
    scope: Scope
    """What a caller's key must be for."""
    weight: Callable[[Any], int] = lambda arguments: 1
    """About how many events the arguments bring."""
    about: PartitionKind = "session"
    """What the partition is about."""
    read_text: Callable[[bytes], Frozen | None] = lambda text: None
    """A shorter way from JSON text to the command that it comes to, for a function that has ``states``; it need not know one."""
    states: Callable[[Any], Sequence[Event]] | None = None
    """Where it is all that a command says, and whatever the state it is recorded: the events that it states."""

    @property
    def hands_out_urls(self) -> bool:
        return self.answers == "url"


class Reading(NamedTuple):
    """What a query may look at: the views in one snapshot, and the log."""

    views: Connection
    log: EventLog
    position: Position
    """What the views show."""
    is_live: bool = False
    """Whether the answer is watched, with others: the log is then read up to where the views are, so that all show one state."""
    is_past: bool = False
    """Whether the answer is of an earlier position: the log is then read up to there."""

    @property
    def is_bounded(self) -> bool:
        """Whether the log is read up to ``position`` and no further."""
        return self.is_live or self.is_past

    def head_of(self, connection: Connection, session_id: str) -> int:
        """The last sequence of a session that is to be shown of the log, which is asked on its own connection."""
        if self.is_bounded:
            return sequence_by(connection, session_id, dict(self.position.shards)[self.log.shard_of(session_id)])
        return head_of(connection, session_id).sequence

    def history_of(self, connection: Connection, session_id: str) -> History:
        """What of a session is to be shown of the log, in outline. Raises SessionNotFound where there are none."""
        history = read_program(connection, session_id, self.head_of(connection, session_id))
        if not history:
            raise SessionNotFound(session_id)
        return history

    def shown_of(self, session_id: str) -> int:
        """The last sequence of a session that the views show; the log may have more of it."""
        return self.sequence_by(session_id, self.position)

    def sequence_by(self, session_id: str, position: Position) -> int:
        """The last sequence of a session that stands at a position, which speaks of every shard, or before it."""
        with self.log.snapshot() as connection:
            return sequence_by(connection, session_id, dict(position.shards)[self.log.shard_of(session_id)])

    def require_session(self, session_id: str) -> None:
        """Raises SessionNotFound where there is none; the log decides, for the views may be behind."""
        if sessions.get(self.views, session_id) is None and not self.has_begun(session_id):
            raise SessionNotFound(session_id)

    def has_begun(self, partition: str) -> bool:
        """Whether the log has anything of a partition."""
        with self.log.snapshot() as connection:
            return self.head_of(connection, partition) > 0


@dataclass(frozen=True)
class Query:
    """A function that answers a question, as JSON text."""

    name: str
    path: str | None
    arguments: type[Frozen]
    answer: Callable[[Any, Reading], str]
    session: Callable[[Any], str] | None
    """The partition whose newest facts the answer must show; None where it is about more than one."""
    summary: str
    example: str
    """A name for the shape of the answer in the published schema."""
    scope: Scope
    """As a mutation's."""
    views: frozenset[str]
    """What it is answered from: views, by their projections' names, or LOG. A live answer is renewed when one of them changes."""
    about: PartitionKind = "session"
    """What ``session`` names."""
    hands_out_urls: bool = False
    """Whether URLs of this server may be in the answer, to be put on the caller's origin by ``on_origin``."""
    is_brief: bool = False
    """Whether its answer is a few rows by an index, whatever is asked: sooner had on the spot than by way of a thread."""

    @property
    def is_from_log(self) -> bool:
        """The log is never behind: nobody waits for it, and it shows its own head."""
        return self.views == LOG

    def tags(self, asked: Any) -> frozenset[Tag]:
        """What the answer to a question depends on. The tree of a shard grows with every entry of all its partitions."""
        alone = self.session is not None and "trees" not in self.views
        partition = self.session(asked) if alone and self.session else ANYWHERE
        return frozenset((view, partition) for view in self.views)


class Carrier(Protocol):
    """Who carries out what an action asks for: the ledger."""

    @property
    def runner(self) -> Runner:
        """Who builds its views."""

    @property
    def rebuilding(self) -> Rebuilding | None:
        """Who builds others beside them; None where this process builds none."""

    def act_write(self, function: Mutation, arguments: object, caller: Caller) -> str:
        """What a mutation answers, as JSON text, once it is durable. Raises its Refusal."""

    def act_read(self, function: Query, arguments: object, caller: Caller) -> str:
        """What a query answers, as JSON text, its own facts included. Raises its Refusal."""


class Acting:
    """What an action works with: the functions that it calls are carried out for whoever called it."""

    def __init__(self, carrier: Carrier, caller: Caller) -> None:
        self._carrier = carrier
        self.caller = caller
        self.runner = carrier.runner
        self.rebuilding = carrier.rebuilding
        self._written = 0

    def write(self, function: Mutation, arguments: object) -> str:
        """Carry out a mutation. Under an idempotency key the action's first, second … write each has one of its own."""
        self._written += 1
        key = f"{self.caller.key}/{self._written}" if self.caller.key is not None else None
        return self._carrier.act_write(function, arguments, self.caller._replace(key=key))

    def read(self, function: Query, arguments: object) -> str:
        return self._carrier.act_read(function, arguments, self.caller)


@dataclass(frozen=True)
class Action:
    """A function that does something outside the ledger, in no transaction of the log's; what it records, mutations record.

    It runs on a thread, which may wait for others: so it is written once, and called the same from a server and a terminal.
    """

    name: str
    path: str | None
    arguments: type[Frozen]
    act: Callable[[Any, Acting], str]
    """Answers as JSON text, or raises a Refusal."""
    partition: Callable[[Any], str] | None
    """What it is about; None where that is more than one partition."""
    summary: str
    example: str
    """As a query's."""
    scope: Scope
    about: PartitionKind = "session"


Function = Mutation | Query | Action


def place_of(function: Function, asked: Any) -> str | None:
    """The partition that a call concerns, None where that is more than one, or one that it will begin."""
    where = function.session if isinstance(function, Query) else function.partition
    return where(asked) if where is not None else None


def partition_of(function: Mutation, command: Any, caller: Caller, now_ms: int) -> str:
    """The partition that a mutation's facts belong to; one that it begins is named here."""
    if function.partition is not None:
        return function.partition(command)
    if caller.key is not None:
        # Under one key an actor begins one thing of a kind: a session as ever, of anything else one for each function.
        named = (caller.actor, caller.key) if function.about == "session" else (caller.actor, caller.key, function.name)
        return partition_for(function.about, *named)
    return new_partition(function.about, now_ms, os.urandom(RANDOM_BYTES))


def on_origin(json: str, origin: str) -> str:
    """An answer with the URLs of this server that are in it on the origin that its caller used."""
    return json.replace('"\\u0000origin', f'"{origin}')


def array(documents: list[str]) -> str:
    """Documents as a JSON array."""
    return f"[{','.join(documents)}]"
