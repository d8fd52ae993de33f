"""A shard of the log as one of ``eventsourcing``'s application recorders, on SQLAlchemy Core."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    OperationalError,
    StoredEvent,
    Subscription,
)
from sqlalchemy import Connection, Engine, func, select

from ledger.domain.entries import Entry, Event, Stored
from ledger.log.append import Append, lock_head
from ledger.log.database import is_duplicate
from ledger.log.sole import SoleConnection
from ledger.log.tables import EVENTS

SUBSCRIPTION_POLL_SECONDS: Final = 0.5
_e = EVENTS.c


class ShardRecorder(ApplicationRecorder):
    """Appends to, and reads, one shard. Positions are dense: 1, 2, 3 … in the order of commits."""

    def __init__(self, writing: SoleConnection, reading: Engine, *, shard: int, clock: Callable[[], int]) -> None:
        """``clock`` gives milliseconds since the epoch."""
        self.shard = shard
        self._writing = writing
        self._reading = reading
        self._clock = clock
        self._appended = Condition()

    @contextmanager
    def appending(self) -> Iterator[Append]:
        """A transaction on the shard's head: all that is inserted in it is durable when it ends, or none of it is there."""
        with self._writing.transaction() as connection:
            yield lock_head(connection, self.shard, self._clock())
        self.wake()

    def wake(self) -> None:
        """Tell subscribers to look; a hint, they would find out by themselves."""
        with self._appended:
            self._appended.notify_all()

    def wait(self, timeout: float) -> None:
        """Sleep until something may have been appended."""
        with self._appended:
            self._appended.wait(timeout)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot of the log."""
        with self._reading.begin() as connection:
            yield connection

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """The library's way in: events whose versions the caller has assigned. Answers their positions.

        Raises the library's IntegrityError where a version is taken, and then has written nothing.
        """
        if not stored_events:
            return []
        try:
            with self.appending() as append:
                first = append.position + 1
                append.insert([self._entry(stored, append.recorded_at) for stored in stored_events])
        except Exception as error:
            raise (IntegrityError if is_duplicate(error) else OperationalError)(error) from error
        return list(range(first, first + len(stored_events)))

    def _entry(self, stored: StoredEvent, recorded_at: int) -> Entry:
        partition, version, body = str(stored.originator_id), stored.originator_version, stored.state.decode()
        return Entry(partition, version, recorded_at, "", None, None, Event(), body, Stored(stored.topic, body))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        statement = select(_e.partition, _e.sequence, _e.type, _e.body).where(_e.partition == str(originator_id))
        if gt is not None:
            statement = statement.where(_e.sequence > gt)
        if lte is not None:
            statement = statement.where(_e.sequence <= lte)
        statement = statement.order_by(_e.sequence.desc() if desc else _e.sequence).limit(limit)
        with self.reading() as connection:
            return [StoredEvent(*row[:3], row[3].encode()) for row in connection.execute(statement)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        statement = select(_e.partition, _e.sequence, _e.type, _e.body, _e.position).where(_e.shard == self.shard)
        if start is not None:
            statement = statement.where(_e.position >= start if inclusive_of_start else _e.position > start)
        if stop is not None:
            statement = statement.where(_e.position <= stop)
        if topics:
            statement = statement.where(_e.type.in_(topics))
        with self.reading() as connection:
            rows = connection.execute(statement.order_by(_e.position).limit(limit))
            return [Notification(*row[:3], row[3].encode(), id=row[4]) for row in rows]

    def max_notification_id(self) -> int | None:
        with self.reading() as connection:
            return connection.execute(select(func.max(_e.position)).where(_e.shard == self.shard)).scalar()

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "ShardSubscription":
        return ShardSubscription(self, gt, topics)


class ShardSubscription(Subscription[ShardRecorder]):
    """Notifications as they are appended, woken by appends of this process and polling for those of others."""

    _pulled: Sequence[Notification] = ()

    def stop(self) -> None:
        super().stop()
        self._recorder.wake()

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if self._pulled:
                notification, *self._pulled = self._pulled
                self._last_notification_id = notification.id
                return notification
            self._pulled = self._recorder.select_notifications(
                self._last_notification_id, 500, topics=self._topics, inclusive_of_start=False
            )
            if not self._pulled:
                self._recorder.wait(SUBSCRIPTION_POLL_SECONDS)
        raise StopIteration
