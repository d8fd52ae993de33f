"""A real log for tests: opened on a file, asked from many sides, looked into with the ``sqlite3`` module alone."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Signal
from typing import Any

from ledger.domain.director import DirectorEventRecorded
from ledger.domain.entries import Entry, Event, Stored
from ledger.log.codec import decode
from ledger.log.database import open_sqlite
from ledger.log.eventlog import EventLog, create_log
from ledger.log.stream import Stream
from ledger.log.writer import Decision, Outcome, Receipt, Request

NOW = 1_700_000_000_000
Decide = Callable[[Stream], Decision]


def fact(at: float = 0, **facts: Any) -> DirectorEventRecorded:
    return DirectorEventRecorded(timestamp_ms=at, event_type="cut", **facts)


def recording(*events: Event) -> Decide:
    """A decision to record these events, answered with the sequence of the first."""
    return lambda _stream: Decision(events, str)


def record_stored(log: EventLog, partition: str, *events: Stored) -> None:
    """Append events under the very names and in the very words given, as a version of old would have.

    Behind the writer's back: whoever keeps the newest entries in memory learns of them when the log is opened again.
    """
    (recorder,) = log.recorders
    with recorder.appending() as append:
        first = log.head_of(partition).sequence + 1
        append.insert(
            [
                Entry(partition, sequence, append.recorded_at, "ann", None, entity, Event(), stored.body, stored)
                for sequence, stored in enumerate(events, first)
                for entity in [decode(*stored).entity(sequence)]
            ]
        )


@contextmanager
def together(log: EventLog) -> Iterator[None]:
    """What is submitted inside is taken as one group, after what is already waiting."""
    busy, go_on, ended = Signal(), Signal(), Signal()

    def hold_the_writer(_stream: Stream) -> Decision:
        busy.set()
        assert go_on.wait(10)
        return Decision((), str)

    log.submit(Request("held", "", hold_the_writer, lambda _: ended.set()))
    assert busy.wait(10)
    try:
        yield
    finally:
        go_on.set()
        assert ended.wait(10)


class OpenLog:
    """One log, and the process that writes it. ``now`` is its clock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = NOW
        self.appended: list[Entry] = []
        self.open()

    def open(self) -> None:
        self.writing = open_sqlite(self.path, durability="FULL", writing=True)
        create_log(self.writing, shards=1, now_ms=self.now)
        self.reading = open_sqlite(self.path, durability="FULL", writing=False)
        self.log = EventLog(writing=self.writing, reading=self.reading, clock=lambda: self.now)

    def close(self) -> None:
        self.log.close()
        self.writing.dispose()
        self.reading.dispose()

    def reopen(self) -> None:
        """As after a restart: nothing is remembered but what the file holds."""
        self.close()
        self.open()

    def submit(
        self,
        decide: Decide,
        partition: str = "s1",
        *,
        actor: str = "ann",
        key: str | None = None,
        body: str = "",
        weight: int = 1,
    ) -> Future[Receipt]:
        """Ask; the future is the outcome. ``body`` stands for the arguments of a request under a key."""
        outcome: Future[Receipt] = Future()

        def deliver(delivered: Outcome) -> None:
            if isinstance(delivered, Receipt):
                outcome.set_result(delivered)
            else:
                outcome.set_exception(delivered)

        self.log.submit(Request(partition, actor, decide, deliver, key, body.encode(), weight))
        return outcome

    def append(self, *events: Event, partition: str = "s1", **asked: Any) -> Receipt:
        return self.submit(recording(*events), partition, **asked).result(10)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is submitted inside is taken as one group, after what is already waiting."""
        with together(self.log):
            yield

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a stranger's tool finds in the file."""
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()

    def change(self, script: str) -> None:
        """Change the file behind the log's back."""
        connection = sqlite3.connect(self.path)
        try:
            connection.executescript(script)
        finally:
            connection.close()
