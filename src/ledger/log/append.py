"""One append to a shard: a transaction that holds the shard's head from its first statement to its commit."""

import os
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from ledger.domain.entries import Entry
from ledger.log.bulk import insert_rows
from ledger.log.direct import Direct
from ledger.log.integrity import SALT_BYTES, leaf_hash
from ledger.log.tables import EVENTS, REQUESTS, SHARDS

Row = tuple[Any, ...]

_HEAD: Final = Direct(
    select(SHARDS.c.position, SHARDS.c.recorded_at).where(SHARDS.c.shard == bindparam("shard")).with_for_update()
)
_MOVE_HEAD: Final = Direct(
    update(SHARDS)
    .where(SHARDS.c.shard == bindparam("of_shard"))
    .values(position=bindparam("to_position"), recorded_at=bindparam("to_recorded_at"))
)


class Append:
    """What is being added to one shard. Positions and recorded times are taken under the lock of the shard's head row."""

    def __init__(self, connection: Connection, shard: int, now_ms: int) -> None:
        self.connection = connection
        self._shard = shard
        ((position, recorded_at),) = _HEAD.rows(connection, shard=shard)
        self.position: int = position
        """The shard's head: moves with every insert."""
        self._last_recorded_at: int = recorded_at
        self.recorded_at: int = max(now_ms, recorded_at)
        """The recorded time of all that this transaction adds; never before the shard's last."""
        self.leaves: list[bytes] = []
        """The leaf hashes of the entries that were inserted, in their order."""

    def insert(self, entries: Sequence[Entry]) -> None:
        """Add entries at the next positions."""
        if not entries:
            return
        rows = self._rows(entries)
        self.position += len(rows)
        self.leaves += [row[-1] for row in rows]
        insert_rows(self.connection, EVENTS, rows)
        _MOVE_HEAD.run(
            self.connection, of_shard=self._shard, to_position=self.position, to_recorded_at=self.recorded_at
        )

    def carry(self, rows: Sequence[Row]) -> None:
        """Add rows of another ledger as they are, but for their shard and position; their times may be older than the shard's."""
        first = self.position + 1
        own = [(self._shard, position, *row[2:]) for position, row in enumerate(rows, first)]
        self.position += len(own)
        insert_rows(self.connection, EVENTS, own)
        # Whatever is recorded from here on is not before what came in, and the clock is not moved forward by it.
        recorded_at = max(self._last_recorded_at, *(row[5] for row in own))
        _MOVE_HEAD.run(self.connection, of_shard=self._shard, to_position=self.position, to_recorded_at=recorded_at)

    def remember(self, requests: Sequence[Row]) -> None:
        """Keep what was answered under idempotency keys, in the order of the columns of REQUESTS."""
        insert_rows(self.connection, REQUESTS, requests)

    def _rows(self, entries: Sequence[Entry]) -> list[Row]:
        salts = os.urandom(SALT_BYTES * len(entries))
        shard, position = self._shard, self.position
        rows: list[Row] = []
        for at, (partition, sequence, recorded_at, actor, key, entity, event, body, older) in enumerate(entries):
            stored_name, stored_body = (event.stored_as, body) if older is None else older
            salt = salts[at * SALT_BYTES : (at + 1) * SALT_BYTES]
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
        return rows
