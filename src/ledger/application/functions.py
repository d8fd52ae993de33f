"""What a function of the contract is: its name, its route, its arguments, and what it comes to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection

from ledger.domain.keys import AccessKey, Scope
from ledger.domain.refusals import SessionNotFound
from ledger.domain.values import Frozen
from ledger.domain.vocabulary import Vocabulary
from ledger.log.eventlog import EventLog
from ledger.log.positions import Position
from ledger.log.reading import sequence_by
from ledger.log.stream import Stream
from ledger.log.writer import Decision
from ledger.projections import sessions

AnswerKind = Literal["id", "ids", "null"]


class Caller(NamedTuple):
    """Who asks, and under which idempotency key, if any."""

    actor: str = "anonymous"
    key: str | None = None
    access: AccessKey | None = None
    """The key that let it in; None where no key is needed, and everything is allowed."""


@dataclass(frozen=True)
class Mutation:
    """A function that records facts."""

    name: str
    path: str
    arguments: type[Frozen]
    answers: AnswerKind
    decide: Callable[[Any, Stream, Vocabulary], Decision]
    """From the arguments and the stream they concern; raises a Refusal to refuse."""
    partition: Callable[[Any], str] | None
    """Where the facts belong; None where the function starts a session of its own."""
    summary: str
    scope: Scope
    """What a caller's key must be for."""
    weight: Callable[[Any], int] = lambda arguments: 1
    """About how many events the arguments bring."""


class Reading(NamedTuple):
    """What a query may look at: the views in one snapshot, and the log."""

    views: Connection
    log: EventLog
    position: Position
    """What the views show."""

    def shown_of(self, session_id: str) -> int:
        """The last sequence of a session that the views show; the log may have more of it."""
        return self.sequence_by(session_id, self.position)

    def sequence_by(self, session_id: str, position: Position) -> int:
        """The last sequence of a session that stands at a position, which speaks of every shard, or before it."""
        with self.log.snapshot() as connection:
            return sequence_by(connection, session_id, dict(position.shards)[self.log.shard_of(session_id)])

    def require_session(self, session_id: str) -> None:
        """Raises SessionNotFound where there is none; the log decides, for the views may be behind."""
        if sessions.get(self.views, session_id) is None and not self.log.head_of(session_id).sequence:
            raise SessionNotFound(session_id)


@dataclass(frozen=True)
class Query:
    """A function that answers a question, as JSON text."""

    name: str
    path: str
    arguments: type[Frozen]
    answer: Callable[[Any, Reading], str]
    session: Callable[[Any], str] | None
    """The session whose newest facts the answer must show; None where it is about all of them."""
    summary: str
    example: str
    """A name for the shape of the answer in the published schema."""
    scope: Scope
    """As a mutation's."""
    reads: Literal["views", "log"] = "views"
    """What it is answered from. The log is never behind: nobody waits for it, and it shows its own head."""


Function = Mutation | Query


def array(documents: list[str]) -> str:
    """Documents as a JSON array."""
    return f"[{','.join(documents)}]"
