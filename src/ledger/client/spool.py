"""The spool: facts that are safe on this machine's disk, numbered without a gap, until the ledger has taken them.

Facts that are to go out together are one batch from the moment they are written, so that a batch is the same after any crash and
its idempotency key as well. A batch grows until it is full, or until the sender takes it up.
"""

import re
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Final
from zlib import crc32

from ledger.client.batches import BATCH_FACTS_MAX, Batch, Growing, last_of_two_requests, request_behind
from ledger.client.contents import counted
from ledger.client.failures import SpoolDeviceError, SpoolError, SpoolFullError, WriterClosedError
from ledger.client.functions import LOSS, Call, call_of
from ledger.client.leftovers import Leftovers
from ledger.client.lock import SpoolLock
from ledger.client.room import ROW_BYTES, Dropped, drop, stretches
from ledger.client.store import failure, open_store, transaction
from ledger.domain.values import TEXT_LENGTH_MAX

LIMIT_BYTES: Final = 256 * 1024 * 1024
_REPORT_BYTES: Final = 512
_DEVICE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OLDEST: Final = "SELECT number, batch FROM facts WHERE number > ? ORDER BY number LIMIT 1"
_INSERT: Final = "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(eq=False)
class Waiting:
    """Calls whose caller waits until they are safe."""

    calls: Sequence[Call]
    deliver: Callable[["Waiting"], None] | None = None
    first: int = 0
    """The number of the first of them, once they are safe."""
    failure: SpoolError | None = None


class Spool:
    """One device's facts. Threads may share it."""

    def __init__(
        self,
        folder: Path,
        device: str | None,
        *,
        limit_bytes: int = LIMIT_BYTES,
        droppable: Sequence[str] = (),
        on_dropped: Callable[[Sequence[int]], None] = lambda numbers: None,
        on_recorded: Callable[[], None] = lambda: None,
    ) -> None:
        """Made where there is none. ``droppable`` are kinds of facts that a full one may drop, those worth least first.

        Raises SpoolInUseError, SpoolDeviceError, or SpoolFailedError.
        """
        if device is not None and not _DEVICE.fullmatch(device):
            raise SpoolDeviceError(
                f"{device!r} is no name of a device: 1 to 64 letters, digits, dots, dashes, underscores"
            )
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.limit_bytes = limit_bytes
        self.lock = RLock()
        self._droppable = tuple(droppable)
        self.on_recorded = on_recorded
        self._on_dropped = on_dropped
        self._queue: deque[Waiting] = deque()
        self._growing: Growing | None = None
        self._closed = self._is_in_doubt = False
        self._held = SpoolLock(folder)
        try:
            self.connection, self.device, self.name = open_store(folder, device)
        except BaseException:
            self._held.release()
            raise
        self.last, self.pending, self.size = counted(self.connection)
        """The number that was given last, how many facts wait, and the room that they take with those set aside."""
        self.leftovers = Leftovers.found(self.connection)
        self.last_sent = last_of_two_requests(self.connection, self.leftovers.last)
        """No fact behind this number was ever handed out to be sent."""

    def append(self, calls: Sequence[Call]) -> int:
        """Make facts durable, all or none, and answer with the number of the first. Raises SpoolError."""
        waiting = Waiting(calls)
        self.enqueue(waiting)
        self.commit()
        if waiting.failure is not None:
            raise waiting.failure
        return waiting.first

    def enqueue(self, waiting: Waiting) -> None:
        """Have facts made durable by the next ``commit``, whoever calls it."""
        self._queue.append(waiting)

    def commit(self) -> None:
        """Make durable what has been enqueued, by one sync for all of it. Whoever waits here for another finds its own done."""
        with self.lock:
            idle = self.pending == 0
            group = [self._queue.popleft() for _ in range(len(self._queue))]
            if group:
                self._commit(group)
        for waiting in group:
            if waiting.deliver is not None:
                waiting.deliver(waiting)
        if idle and self.pending:  # else the sender has work, and looks again when that is done
            self.on_recorded()

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A transaction. What it counted counts only where it comes to be. Raises SpoolError."""
        with self.lock:
            if self._closed:
                raise WriterClosedError("the writer was closed; nothing was recorded")
            before = (self.last, self.size, self.pending, self._growing, self.leftovers)
            try:
                with transaction(self.connection):
                    yield self.connection
                self._is_in_doubt = False
            except BaseException as error:
                self._is_in_doubt = True
                self.last, self.size, self.pending, self._growing, self.leftovers = before
                if isinstance(error, sqlite3.Error):
                    raise failure(error) from error
                raise

    def report_loss(
        self, numbers: Sequence[int], why: str, code: str | None = None, message: str | None = None
    ) -> None:
        """Record, inside a transaction, that numbers will not come, or not soon; there is always room for that."""
        lost = [{"first": first, "last": last} for first, last in stretches((number, number) for number in numbers)]
        if lost:
            stated = {"device": self.device, "spool": self.name, "numbers": lost, "why": why, "code": code}
            report = call_of(LOSS, stated | {"message": message and message[:TEXT_LENGTH_MAX]}, lambda: 0)
            self._insert([report], report.size + ROW_BYTES)

    def _commit(self, group: list[Waiting]) -> None:
        dropped: list[int] = []
        try:
            with self.changing():
                for waiting in group:
                    dropped += self._record(waiting)
        except SpoolError as error:
            for waiting in group:
                waiting.failure = waiting.failure or error
            return
        if dropped:
            self._on_dropped(dropped)

    def _record(self, waiting: Waiting) -> list[int]:
        """Put down what somebody waits for; answers with what had to be dropped for it."""
        needed = sum(call.size + ROW_BYTES for call in waiting.calls)
        while self.leftovers.parts and self.size + self.leftovers.size + needed > self.limit_bytes:
            self.leftovers = self.leftovers.swept(self.connection)
        dropped = Dropped([], 0)
        if (missing := self.size + needed - self.limit_bytes) > 0 and self._droppable:
            # More than is needed at once: to look for what is worth least takes a while, and to report it takes room.
            wanted = missing + max(_REPORT_BYTES, self.limit_bytes // 20)
            dropped = drop(self.connection, self._droppable, missing + _REPORT_BYTES, wanted, self.last_sent)
            self.size -= dropped.size
            self.pending -= len(dropped.numbers)
        if dropped.numbers:
            self._growing = None
            self.report_loss(dropped.numbers, "dropped")
        if self.size + needed > self.limit_bytes:
            waiting.failure = SpoolFullError(
                f"{self.folder} holds {self.size} bytes of facts that the ledger has not taken yet, of {self.limit_bytes}"
            )
        else:
            waiting.first = self._insert(waiting.calls, needed)
        return dropped.numbers

    def _insert(self, calls: Sequence[Call], room: int) -> int:
        first = self.last + 1
        rows = [
            (number, self._batch_of(number, call), *call, crc32(call.arguments.encode()))
            for number, call in enumerate(calls, first)
        ]
        self.connection.executemany(_INSERT, rows)
        self.last += len(rows)
        self.pending += len(rows)
        self.size += room
        return first

    def _batch_of(self, number: int, call: Call) -> int:
        """The batch that a fact goes out with: that of the one before it, where it may join that."""
        joined = self._growing and self._growing.joined_by(call)
        self._growing = joined or Growing.begun_with(number, call)
        return joined.first if joined else number

    def due_in(self, linger_seconds: float) -> float | None:
        """In how many seconds the next batch should go out; None where nothing is waiting."""
        with self.lock:
            found = self.connection.execute(_OLDEST, (self.leftovers.last,)).fetchone()
            if found is None:
                return None
            growing = self._growing
            if growing is None or growing.first != found[1]:
                return 0.0
            return growing.due_in(linger_seconds)

    def take(self, facts_max: int = BATCH_FACTS_MAX, *, is_alone: bool = False) -> list[Batch]:
        """What is to go out next: the oldest batches, of so many facts, or one that goes alone. Nothing joins them from here on.

        Raises SpoolError.
        """
        with self.lock:
            if self._is_in_doubt:
                # What failed to be synced may yet be found on the disk after a crash, in the very batch that would go out
                # without it. Once something else has been synced in its place, it is gone.
                with self.changing():
                    self.connection.execute("UPDATE spool SET doubts = doubts + 1")
            oldest = self._request_behind(self.leftovers.last, None, facts_max, is_alone=is_alone)
            if oldest and self._growing is not None and self._growing.first == oldest[0].first:
                self._growing = None
            return self._sent(oldest)

    def take_behind(
        self, under_way: Sequence[Batch], facts_max: int = BATCH_FACTS_MAX, *, is_alone: bool = False
    ) -> list[Batch]:
        """What will go out once others have that are under way, if that is as large as it will ever be: it stays as it is.

        Nothing where it may grow, or names one of them, or something is to go out before it.
        """
        with self.lock:
            if self._closed or self._is_in_doubt or self.first_number() != under_way[0].first:
                return []
            behind = self._request_behind(under_way[-1].last, under_way[0].first, facts_max, is_alone=is_alone)
            is_growing = behind and self._growing is not None and self._growing.first == behind[0].first
            return [] if is_growing else self._sent(behind)

    def _request_behind(self, after: int, unknown: int | None, facts_max: int, *, is_alone: bool) -> list[Batch]:
        return request_behind(
            self.connection, after, self._growing, unknown=unknown, facts_max=facts_max, is_alone=is_alone
        )

    def _sent(self, taken: list[Batch]) -> list[Batch]:
        self.last_sent = max(self.last_sent, taken[-1].last if taken else 0)
        return taken

    def first_number(self) -> int | None:
        """The oldest fact that waits."""
        found = self.connection.execute(_OLDEST, (self.leftovers.last,)).fetchone()
        return None if found is None else int(found[0])

    @property
    def is_closed(self) -> bool:
        return self._closed

    def sweep(self) -> None:
        """Delete some of what the ledger has taken, where there is something. Raises SpoolError."""
        with self.changing() as connection:
            if self.leftovers.parts:
                self.leftovers = self.leftovers.swept(connection)

    def settled(self, taken: Sequence[Batch], *, kept: bool) -> None:
        """These wait no longer; they still take their room where they are ``kept`` aside."""
        with self.lock:
            self.pending -= sum(map(len, taken))
            if not kept:
                self.size -= sum(batch.size for batch in taken)

    def close(self) -> None:
        """Let go of the spool. What is in it stays."""
        with self.lock:
            if not self._closed:
                self._closed = True
                self.connection.close()
                self._held.release()
