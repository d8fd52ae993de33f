"""What is asked of the log: a request that is decided at the head of its partition, and what comes of it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ledger.domain.entries import Event
from ledger.log.stream import Stream


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
