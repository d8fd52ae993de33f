"""Entries to the byte as they are stored, with their salts and leaf hashes: for those who check them."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, select

from ledger.log.columns import BIG
from ledger.log.direct import Direct
from ledger.log.tables import EVENTS

_e = EVENTS.c
_SESSION: Final = Direct(
    select(*EVENTS.c)
    .where(_e.partition == bindparam("partition"), _e.sequence > bindparam("after"), _e.sequence <= bindparam("up_to"))
    .order_by(_e.sequence)
    .limit(bindparam("limit", type_=BIG))
)
_POSITIONS: Final = Direct(
    select(_e.position)
    .where(_e.partition == bindparam("partition"), _e.sequence <= bindparam("up_to"))
    .order_by(_e.sequence)
)


class StoredRow(NamedTuple):
    """A row of ``events``, in the table's own order of columns."""

    shard: int
    position: int
    partition: str
    sequence: int
    type: str
    recorded_at: int
    actor: str
    key: str | None
    entity: str | None
    salt: bytes
    body: str
    leaf: bytes


def stored_rows(
    connection: Connection, partition: str, *, after: int, up_to: int, limit: int = 2**53
) -> list[StoredRow]:
    """Rows of a partition in order of sequence, ``after`` excluded and ``up_to`` included."""
    found = _SESSION.run(connection, partition=partition, after=after, up_to=up_to, limit=limit)
    return list(map(StoredRow._make, found))


def stored_row(connection: Connection, partition: str, sequence: int) -> StoredRow | None:
    found = stored_rows(connection, partition, after=sequence - 1, up_to=sequence)
    return found[0] if found else None


def positions_of(connection: Connection, partition: str, up_to: int) -> list[int]:
    """The positions of a partition's entries, in order of sequence."""
    return [position for (position,) in _POSITIONS.run(connection, partition=partition, up_to=up_to)]
