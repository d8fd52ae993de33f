"""What a log says of itself beside its entries: lives, shards' heads, imported sessions, answered requests; read at one moment."""

from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, and_, func, inspect, or_, select

from ledger.log.database import Opening
from ledger.log.epochs import Epochs, read_epochs
from ledger.log.scan import FAULTS_MAX, Fault
from ledger.log.tables import EVENTS, IMPORTED, REQUESTS, SHARDS

_e, _r = EVENTS.c, REQUESTS.c
_IN_PARTS: Final = {"yield_per": 1_000}
"""How rows are fetched that might be a million."""


class ShardRow(NamedTuple):
    """A shard's head as its own row says it."""

    shard: int
    position: int
    recorded_at: int


class ImportedSession(NamedTuple):
    """A session that came from another ledger, up to a sequence, with the root that its tree had there."""

    session_id: str
    sequence: int
    root: bytes


class Standing(NamedTuple):
    epochs: Epochs
    shards: list[ShardRow]
    imported: list[ImportedSession]
    request_count: int
    faults: list[Fault]
    """Of shards, and of entries outside them."""
    request_faults: list[Fault]

    @property
    def entries(self) -> int:
        """How many entries the shards' heads speak of."""
        return sum(row.position for row in self.shards)


def read_standing(log: Opening) -> Standing:
    """Raises sqlalchemy's DatabaseError where there is no log that can be read."""
    engine = log()
    try:
        with engine.begin() as connection:
            epochs = read_epochs(connection)
            shards = shard_rows(connection)
            count = connection.execute(select(func.count()).select_from(REQUESTS)).scalar_one()
            return Standing(
                epochs,
                shards,
                imported_sessions(connection),
                count,
                _stray(connection, shards, epochs.shard_count),
                _unfit_requests(connection),
            )
    finally:
        engine.dispose()


def shard_rows(connection: Connection) -> list[ShardRow]:
    """The head of every shard, in order."""
    found: Any = connection.execute(select(*SHARDS.c).order_by(SHARDS.c.shard))
    return [ShardRow(*row) for row in found]


def imported_sessions(connection: Connection) -> list[ImportedSession]:
    """All sessions that came from another ledger."""
    if not inspect(connection).has_table(IMPORTED.name):  # a log that no version with imports has written
        return []
    found: Any = connection.execute(select(IMPORTED.c.partition, IMPORTED.c.sequence, IMPORTED.c.root))
    return [ImportedSession(*row) for row in found]


def _stray(connection: Connection, shards: list[ShardRow], shard_count: int) -> list[Fault]:
    """Shards that are not there, and entries that belong to none or stand beyond their head."""
    faults: list[Fault] = []
    if [row.shard for row in shards] != list(range(shard_count)):
        faults.append(Fault(f"the heads of {shard_count} shards are not all there, or more than those", "shard"))
    place = (_e.shard, _e.position, _e.partition, _e.sequence)
    unknown = select(*place).where(or_(_e.shard < 0, _e.shard >= shard_count))
    faults += [
        Fault(f"there is no shard {row.shard}", "shard", *row)
        for row in connection.execute(unknown.order_by(_e.position).limit(FAULTS_MAX))
    ]
    for head in shards:
        outside = or_(_e.position > head.position, _e.position < 1)
        rows = connection.execute(select(*place).where(_e.shard == head.shard, outside).limit(FAULTS_MAX))
        rule = f"the shard's head says that it ends at position {head.position}"
        faults += [Fault(rule, "position", *row) for row in rows]
    return faults


def _unfit_requests(connection: Connection) -> list[Fault]:
    """Answers under idempotency keys whose place in the log is not where they say, or that could not be given again."""
    at = and_(_e.partition == _r.partition, _e.sequence == _r.sequence)
    nowhere = and_(_r.sequence == 0, _r.position == 0)
    misplaced = and_(~nowhere, or_(_e.position.is_(None), _e.position != _r.position))
    asked = select(_r.partition, _r.sequence, _r.key, _r.answer, misplaced).select_from(REQUESTS.outerjoin(EVENTS, at))
    faults: list[Fault] = []
    for partition, sequence, key, answer, is_misplaced in connection.execute(asked, execution_options=_IN_PARTS):
        if (is_readable := _is_json(answer)) and not is_misplaced:
            continue
        told = "names a place where the log has nothing of it" if is_readable else "cannot be given again"
        rule = f"the answer kept under the key {key!r} {told}"
        faults.append(Fault(rule, "requests", partition=partition, sequence=sequence))
        if len(faults) == FAULTS_MAX:
            break
    return faults


def _is_json(answer: Any) -> bool:
    try:
        msgspec.json.decode(answer)
    except (msgspec.DecodeError, TypeError, RecursionError):
        return False
    return True
