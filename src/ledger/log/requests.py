"""What is asked of the log: a request that is decided at the head of its partition, what comes of it, and what came before."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, bindparam, or_, select

from ledger.domain.entries import Event
from ledger.log.bulk import insert_rows
from ledger.log.direct import Direct
from ledger.log.stream import Stream
from ledger.log.tables import REQUESTS

Under = tuple[str, str, str]
"""Partition, actor and key: what an answer is kept under."""
LOOKED_UP_MAX: Final = 64
"""Keys that are looked up by one statement."""
_r = REQUESTS.c


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
    """The same where it fails through a fault of ours. Of what fails with all of its group the outcome alone tells."""

    @property
    def under(self) -> Under | None:
        """None where it has no key."""
        return None if self.key is None else (self.partition, self.actor, self.key)


class Receipt(NamedTuple):
    """A request was carried out, now or (``repeated``) when its key was first used."""

    answer: str
    shard: int
    position: int
    sequence: int
    """The head of the partition after it."""
    repeated: bool = False


Outcome = Receipt | Exception


class AnsweredRequest(NamedTuple):
    """What was answered under an idempotency key, the digest of the request's arguments, and where it had put the head."""

    digest: bytes
    answer: str
    sequence: int
    position: int


def answered_requests(connection: Connection, asked: Sequence[Under]) -> dict[Under, AnsweredRequest]:
    """What was answered under keys, of those that were used before.

    A group's are looked up together: one by one, they are most of what a group of small requests costs PostgreSQL.
    """
    answered: dict[Under, AnsweredRequest] = {}
    for first in range(0, len(asked), LOOKED_UP_MAX):
        some = asked[first : first + LOOKED_UP_MAX]
        places = 1 << (len(some) - 1).bit_length()  # few enough statements to keep them all prepared
        named = _named([*some, *[some[-1]] * (places - len(some))])
        for partition, actor, key, *rest in _looked_up(places).rows(connection, **named):
            answered[partition, actor, key] = AnsweredRequest(*rest)
    return answered


def remember(connection: Connection, answered: Mapping[Under, AnsweredRequest]) -> None:
    """Keep what was answered under keys."""
    insert_rows(connection, REQUESTS, [(*under, *answer) for under, answer in answered.items()])


@cache
def _looked_up(places: int) -> Direct:
    wanted = [
        and_(*(column == bindparam(f"{column.name}_{place}") for column in (_r.partition, _r.actor, _r.key)))
        for place in range(places)
    ]
    answer = (_r.digest, _r.answer, _r.sequence, _r.position)
    return Direct(select(_r.partition, _r.actor, _r.key, *answer).where(or_(*wanted)))


def _named(asked: Sequence[Under]) -> dict[str, str]:
    named: dict[str, str] = {}
    for place, (partition, actor, key) in enumerate(asked):
        named[f"partition_{place}"], named[f"actor_{place}"], named[f"key_{place}"] = partition, actor, key
    return named
