"""A real log for tests: opened on a file, asked from many sides, looked into with the ``sqlite3`` module alone."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event as Signal
from typing import Any

from ledger.domain.director import DirectorEventRecorded
from ledger.domain.entries import Entry, Event, Stored
from ledger.domain.refusals import SessionNotFound
from ledger.log.codec import decode
from ledger.log.database import Opening
from ledger.log.eventlog import EventLog, create_log
from ledger.log.requests import Decision, Outcome, Receipt, Request
from ledger.log.stream import Stream
from tests.places import Folder, Place

NOW = 1_700_000_000_000
Decide = Callable[[Stream], Decision]


def fact(at: float = 0, **facts: Any) -> DirectorEventRecorded:
    return DirectorEventRecorded(timestamp_ms=at, event_type="cut", **facts)


def recording(*events: Event) -> Decide:
    """A decision to record these events, answered with the sequence of the first."""
    return lambda _stream: Decision(events, str)


def refusing(_stream: Stream) -> Decision:
    raise SessionNotFound("s1")


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
        assert go_on.wait(60)
        return Decision((), str)

    log.submit(Request("held", "", hold_the_writer, lambda _: ended.set()))
    assert busy.wait(60)
    try:
        yield
    finally:
        go_on.set()
        assert ended.wait(60)


class OpenLog:
    """One log, and the process that writes it. ``now`` is its clock."""

    def __init__(self, at: Path | Place, *, shards: int = 1) -> None:
        """``at``: the log's file, or another place."""
        self._shards = shards
        self.path = at if isinstance(at, Path) else Path()
        self.place: Place = Folder(at) if isinstance(at, Path) else at
        self.now = NOW
        self.appended: list[Entry] = []
        self.open()

    def open(self) -> None:
        self.writing = self.place.log(writing=True)
        create_log(self.writing, shards=self._shards, now_ms=self.now)
        self.reading = self.place.log(writing=False)
        is_alone = not self.place.is_shared
        self.log = EventLog(writing=self.writing, reading=self.reading, clock=lambda: self.now, is_alone=is_alone)

    @property
    def looking(self) -> Opening:
        """What opens it for those who look at its tables."""
        return partial(self.place.log, writing=False)

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
        return self.submit(recording(*events), partition, **asked).result(60)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is submitted inside is taken as one group, after what is already waiting."""
        with together(self.log):
            yield

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a stranger's tool finds."""
        return self.place.rows(statement, parameters)

    def change(self, script: str) -> None:
        """Change the log behind its back."""
        self.place.change(script)
