"""One append: a transaction that holds the heads of its shards from its first statement to its commit."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from io import BytesIO
from typing import Any, BinaryIO, Final

from sqlalchemy import Connection, bindparam, select

from ledger.domain.entries import Entry
from ledger.log.bulk import insert_chunks, insert_rows
from ledger.log.direct import Direct
from ledger.log.integrity import SALT_BYTES, leaf_hash
from ledger.log.tables import EVENTS, SHARDS

Row = tuple[Any, ...]

_HEAD: Final = select(SHARDS.c.shard, SHARDS.c.position, SHARDS.c.recorded_at)
_WAITED_FOR: Final = Direct(_HEAD.where(SHARDS.c.shard == bindparam("shard")).with_for_update())
_KEY_OF_HEADS: Final = ("shard",)
ROWS_AT_A_TIME: Final = 1_000
"""Rows that are made before the database has those before them."""


@cache
def _free(shard_count: int) -> Direct:
    places: list[Any] = [bindparam(f"shard_{place}") for place in range(shard_count)]
    return Direct(_HEAD.where(SHARDS.c.shard.in_(places)).with_for_update(skip_locked=True))


class Append:
    """What is being added to one shard, at a head that does not move meanwhile, or else none of it stands."""

    def __init__(self, shard: int, position: int, recorded_at: int, *, connection: Connection, now_ms: int) -> None:
        """``position`` and ``recorded_at`` are the head's, which is locked or remembered."""
        self.shard = shard
        self.connection = connection
        self.position_before: int = position
        self.position: int = position
        """The shard's head: moves with everything that is added."""
        self._last_recorded_at: int = recorded_at
        self.recorded_at: int = max(now_ms, recorded_at)
        """The recorded time of all that this transaction adds; never before the shard's last."""
        self.entries: list[Entry] = []
        """What was added."""
        self.leaves: list[bytes] = []
        """The leaf hashes of those entries that were inserted, in their order."""

    def add(self, entries: Sequence[Entry]) -> None:
        """Give entries the next positions; ``insert_added`` inserts them, and those of other shards with them."""
        self.entries += entries
        self.position += len(entries)

    def insert(self, entries: Sequence[Entry]) -> None:
        """Add entries at the next positions, at once."""
        self.add(entries)
        insert_added(self.connection, [self])

    def carry(self, rows: Sequence[Row]) -> None:
        """Add rows of another ledger as they are, but for their shard and position; their times may be older than the shard's."""
        first = self.position + 1
        own = [(self.shard, position, *row[2:]) for position, row in enumerate(rows, first)]
        self.position += len(own)
        insert_rows(self.connection, EVENTS, own)
        # Whatever is recorded from here on is not before what came in, and the clock is not moved forward by it.
        recorded_at = max(self._last_recorded_at, *(row[5] for row in own))
        insert_rows(self.connection, SHARDS, [(self.shard, self.position, recorded_at)], replacing=_KEY_OF_HEADS)

    @property
    def head(self) -> tuple[int, int, int]:
        """The head as it will stand: its row."""
        return self.shard, self.position, self.recorded_at if self.entries else self._last_recorded_at

    @property
    def uninserted(self) -> int:
        """How many entries were added and not yet inserted."""
        return len(self.entries) - len(self.leaves)

    def next_rows(self, salts: BinaryIO) -> list[Row]:
        """The rows of the next entries that are not yet inserted, ROWS_AT_A_TIME of them; each takes a salt."""
        shard, position, salt_of = self.shard, self.position - self.uninserted, salts.read
        rows: list[Row] = []
        next_entries = self.entries[len(self.leaves) : len(self.leaves) + ROWS_AT_A_TIME]
        for partition, sequence, recorded_at, actor, key, entity, event, body, older in next_entries:
            stored_name, stored_body = (event.stored_as, body) if older is None else older
            salt = salt_of(SALT_BYTES)
            leaf = leaf_hash(partition, sequence, stored_name, recorded_at, actor, key, salt, stored_body)
            position += 1
            row = (
                shard,
                position,
                partition,
                sequence,
                stored_name,
                recorded_at,
                actor,
                key,
                entity,
                salt,
                stored_body,
                leaf,
            )
            rows.append(row)
        self.leaves += [row[-1] for row in rows]
        return rows


def lock_head(connection: Connection, shard: int, now_ms: int) -> Append:
    """An append to a shard, for whose head it waits. Who holds another's may not: two could wait for each other."""
    (head,) = _WAITED_FOR.rows(connection, shard=shard)
    return Append(*head, connection=connection, now_ms=now_ms)


def lock_free_heads(connection: Connection, shards: Collection[int], now_ms: int) -> list[Append]:
    """Appends to those of some shards whose heads nobody else has locked."""
    named = {f"shard_{place}": shard for place, shard in enumerate(shards)}
    heads = _free(len(named)).rows(connection, **named) if named else []
    return [Append(*head, connection=connection, now_ms=now_ms) for head in heads]


def insert_added(connection: Connection, appends: Iterable[Append]) -> None:
    """Insert what was added to shards: all of it in one statement, and their heads in another."""
    added = [append for append in appends if append.uninserted]
    row_count = sum(append.uninserted for append in added)
    insert_chunks(connection, EVENTS, rows_of(added), row_count)
    insert_rows(connection, SHARDS, [append.head for append in added], replacing=_KEY_OF_HEADS)


def rows_of(appends: Sequence[Append]) -> Iterator[list[Row]]:
    """The rows of all that was added and not yet inserted, ROWS_AT_A_TIME at most of them together."""
    salts = BytesIO(os.urandom(SALT_BYTES * sum(append.uninserted for append in appends)))
    for append in appends:
        while append.uninserted:
            yield append.next_rows(salts)
