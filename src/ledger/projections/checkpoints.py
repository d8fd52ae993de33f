"""How far the views have come in each shard, and whether anything stands aside: one question, for it is asked all the time."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, exists, select

from ledger.log.direct import Direct
from ledger.projections.parked import HALTS, PARKED
from ledger.projections.tracking import CHECKPOINTS, application_of

_STORED: Final = Direct(
    select(
        CHECKPOINTS.c.application,
        CHECKPOINTS.c.position,
        exists(select(PARKED.c.shard)),
        exists(select(HALTS.c.shard)),
    )
)


class Checkpoints(NamedTuple):
    """The position of each shard that the views show."""

    positions: list[int]
    is_any_parked: bool
    is_any_halted: bool
    """Whether one is said to stand still; it may have gone on since."""


def stored_checkpoints(connection: Connection, shard_count: int) -> Checkpoints:
    """As the database has them; zeros where there are none yet."""
    rows = _STORED.rows(connection)
    known = {application: position for application, position, *_ in rows}
    positions = [known.get(application_of(shard), 0) for shard in range(shard_count)]
    return Checkpoints(positions, *(map(bool, rows[0][2:]) if rows else (False, False)))
