"""The log as a whole: its shards, its epoch, and its one way in and out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Final

from sqlalchemy import Connection, Engine, func, insert, select

from ledger.domain.entries import Entry
from ledger.log import reading
from ledger.log.append import Append
from ledger.log.asking import Asking
from ledger.log.copying import require_whole
from ledger.log.database import hold_tables, make_tables
from ledger.log.direct import Direct
from ledger.log.epochs import Epoch, add_epoch, new_name, read_epochs
from ledger.log.optimistic import Optimistic
from ledger.log.positions import Position, shard_of
from ledger.log.reading import SEQUENCE_MAX, Head
from ledger.log.recorder import ShardRecorder
from ledger.log.requests import Request
from ledger.log.signing import Signer, make_secret, read_secret
from ledger.log.sole import SoleConnection
from ledger.log.tables import EPOCHS, METADATA, SHARDS
from ledger.log.tail import ENTRIES_KEPT_MAX, Tail
from ledger.log.writer import Writer

Listener = Callable[[], None]
_HEADS: Final = Direct(select(SHARDS.c.position).order_by(SHARDS.c.shard))


def create_log(writing: Engine, *, shards: int, now_ms: int) -> None:
    """Make the log's tables where they are missing, and begin its first epoch. The number of shards is for ever."""
    with writing.begin() as connection:
        hold_tables(connection)
        make_tables(connection, METADATA)
        if connection.execute(select(func.count()).select_from(EPOCHS)).scalar_one() == 0:
            add_epoch(connection, Epoch(new_name(), now_ms, None), shards)
            connection.execute(insert(SHARDS), [{"shard": n, "position": 0, "recorded_at": 0} for n in range(shards)])
        make_secret(connection)


class EventLog:
    """Reads of a log, and its writer where this process is one that writes."""

    def __init__(
        self, *, writing: Engine | None, reading: Engine, clock: Callable[[], int], is_alone: bool = True
    ) -> None:
        """``clock`` gives milliseconds since the epoch. Without ``writing`` the log is only read.

        ``is_alone``: nobody else appends to it meanwhile, so that what this process has appended is all there is.
        """
        self._reading = reading
        self.clock = clock
        self.is_alone = is_alone and writing is not None
        self._append_listeners: list[Listener] = []
        self._commit_listeners: list[Listener] = []
        self._answered_listeners: list[Listener] = []
        with reading.begin() as connection:
            require_whole(connection)
            self.epochs = read_epochs(connection)
        self.epoch = self.epochs.present.name
        self.shard_count = self.epochs.shard_count
        self._sole = SoleConnection(writing or reading)
        self._asking = Asking(reading)
        self.recorders = [
            ShardRecorder(self._sole, reading, shard=shard, clock=clock) for shard in range(self.shard_count)
        ]
        kept_max = ENTRIES_KEPT_MAX // self.shard_count
        self._tails = [Tail(head, kept_max) for head in self._stored_heads()]
        self._optimistic = Optimistic(writing) if writing and writing.dialect.name == "postgresql" else None
        self._writer = (
            Writer(self._sole, self._optimistic, clock, self._appended, self._answered, self._tell_committed)
            if writing
            else None
        )

    def shard_of(self, partition: str) -> int:
        """The shard that a partition lives in, now and for ever."""
        return shard_of(partition, self.shard_count)

    def submit(self, request: Request) -> None:
        """Hand a request to the writer; see Request.deliver for its outcome."""
        assert self._writer is not None, "this log is only read"
        self._writer.submit(self.shard_of(request.partition), request)

    @cached_property
    def signer(self) -> Signer:
        """What URLs and calls are signed with. Every server of one ledger has the same."""
        with self.snapshot() as connection:
            return Signer(read_secret(connection))

    def heads(self) -> list[int]:
        """The position of the newest entry of each shard."""
        return self.heads_known if self.is_alone else self._stored_heads()

    @property
    def heads_known(self) -> list[int]:
        """The same as far as this process has recorded it itself."""
        return [tail.head for tail in self._tails]

    def position(self) -> Position:
        return Position(self.epoch, tuple(enumerate(self.heads())))

    def read(self, shard: int, after: int, limit: int) -> list[Entry]:
        """Entries of a shard in order of position, from the one after ``after``; the next position is always one more."""
        return self.read_with_leaves(shard, after, limit)[0]

    def read_with_leaves(self, shard: int, after: int, limit: int) -> tuple[list[Entry], list[bytes]]:
        """The same, and the leaf hash of each of them."""
        tail = self._tails[shard]
        if (self.is_alone or after < tail.head) and (newest := tail.after(after, limit)) is not None:
            return newest, self.leaves(shard, after, after + len(newest))
        with self.snapshot() as connection:
            return reading.read_shard(connection, shard, after, limit)

    def read_stream(
        self, partition: str, *, after: int = 0, up_to: int = SEQUENCE_MAX, limit: int = SEQUENCE_MAX
    ) -> list[Entry]:
        """Entries of a partition in order of sequence, ``after`` excluded and ``up_to`` included."""
        with self.snapshot() as connection:
            return reading.read_stream(connection, partition, after=after, up_to=up_to, limit=limit)

    def head_of(self, partition: str) -> Head:
        """How far a partition has come; zeros where there is none."""
        with self._asking.connection() as connection:
            return reading.head_of(connection, partition)

    def remembers(self, at_most: int, after: Sequence[int]) -> bool:
        """Whether all that stands behind positions, one a shard, is at hand in memory, and no more than so many entries."""
        tails = list(zip(self._tails, after, strict=True))
        return sum(tail.head - position for tail, position in tails) <= at_most and all(
            tail.reaches_back_to(position) for tail, position in tails
        )

    def newest_of(self, partition: str, after: int) -> int:
        """The position of a partition's newest entry; ``after`` where it is not after that."""
        if self.is_alone and (newest := self._tails[self.shard_of(partition)].newest_of(partition, after)) is not None:
            return newest
        return max(after, self.head_of(partition).position)

    def leaf_at(self, shard: int, position: int) -> bytes | None:
        """The leaf hash of the entry at a position of a shard."""
        if (leaf := self._tails[shard].leaf_at(position)) is not None:
            return leaf
        with self.snapshot() as connection:
            return reading.leaf_at(connection, shard, position)

    def place_at(self, shard: int, position: int) -> tuple[str, int]:
        """Partition and sequence of the entry at a position of a shard, which must be there; it need not be readable."""
        with self.snapshot() as connection:
            found = reading.place_at(connection, shard, position)
        assert found is not None, f"nothing stands at position {position} of shard {shard}"
        return found

    def recorded_at(self, shard: int, position: int) -> int | None:
        """When the entry at a position of a shard was recorded; None where there is none."""
        if newest := self._tails[shard].after(position - 1, 1):
            return newest[0].recorded_at
        with self.snapshot() as connection:
            return reading.recorded_at(connection, shard, position)

    def leaves(self, shard: int, after: int, up_to: int) -> list[bytes]:
        """The leaf hashes of a shard's entries in order of position, ``after`` excluded and ``up_to`` included."""
        tail = self._tails[shard]
        if up_to <= tail.head and (newest := tail.leaves(after, up_to)) is not None:
            return newest
        with self.snapshot() as connection:
            return reading.leaves_of_shard(connection, shard, after, up_to)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        with self._reading.begin() as connection:
            yield connection

    @contextmanager
    def appending(self, partition: str) -> Iterator[Append]:
        """A transaction of the caller's own on the head of a partition's shard, past its writer."""
        shard = self.shard_of(partition)
        with self.recorders[shard].appending() as append:
            yield append
        self._tails[shard].skip_to(append.position)
        self._tell_committed()

    def on_append(self, listener: Listener) -> None:
        """Call ``listener`` when something may have been appended, by this process or another; a hint, it must not block."""
        self._append_listeners.append(listener)

    def on_commit(self, listener: Listener) -> None:
        """Call ``listener`` after every commit of this process, when its requests were answered, on the writer's thread; it must
        not block.
        """
        self._commit_listeners.append(listener)

    def on_answered(self, listener: Listener) -> None:
        """Call ``listener`` after the outcomes of every group were delivered, on the writer's thread; it must not block.

        Who hands outcomes on to another thread wakes it once a group, and not while the writer is still busy with it.
        """
        self._answered_listeners.append(listener)

    def commits(self) -> int:
        """How many groups this process has committed."""
        return self._writer.commits if self._writer else 0

    def close(self) -> None:
        """Carry out what is waiting, then stop writing."""
        if self._writer:
            self._writer.close()
        if self._optimistic:
            self._optimistic.close()
        self._sole.close()

    def wake(self) -> None:
        """Tell those who follow the log to look: something was appended, perhaps by another process."""
        for listener in self._append_listeners:
            listener()

    def _appended(self, append: Append) -> None:
        first = append.position - len(append.entries) + 1
        self._tails[append.shard].extend(first, append.entries, append.leaves)

    def _tell_committed(self) -> None:
        self.wake()
        for listener in self._commit_listeners:
            listener()

    def _answered(self) -> None:
        for listener in self._answered_listeners:
            listener()

    def _stored_heads(self) -> list[int]:
        with self._asking.connection() as connection:
            return [position for (position,) in _HEADS.rows(connection)]
