"""Where the views were found to show something else than the log comes to: kept beside them, until they are looked at again.

Views that are built anew come without any: what was found is found of one build.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Column, Connection, PrimaryKeyConstraint, Table, bindparam, delete, select

from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.log.direct import Direct
from ledger.projections.tracking import METADATA

DRIFTS_TOLD_MAX: Final = 100

DRIFTS: Final = Table(
    "drifts",
    METADATA,
    Column("partition", TEXT, nullable=False),
    Column("view", TEXT, nullable=False),
    Column("difference", TEXT, nullable=False),
    Column("found_at", BIG, nullable=False),
    PrimaryKeyConstraint("partition", "view"),
    comment="Sessions of which a view shows something else than their events come to, when they were last looked at.",
)
_d = DRIFTS.c
_LIST: Final = Direct(
    select(_d.view, _d.partition, _d.difference)
    .order_by(_d.found_at, _d.partition, _d.view)
    .limit(bindparam("limit", type_=BIG))
)


class Drift(NamedTuple):
    """A view that shows of a session, or of another partition, something else than its events come to."""

    view: str
    partition: str
    difference: str
    """The first row that differs, and in what."""

    def __str__(self) -> str:
        return f"{self.view}, session {self.partition}: {self.difference}"


def list_drifts(connection: Connection) -> list[Drift]:
    """What was found and not seen mended, those first that were found first; at most DRIFTS_TOLD_MAX."""
    return list(map(Drift._make, _LIST.rows(connection, limit=DRIFTS_TOLD_MAX)))


def note_drifts(connection: Connection, partitions: Sequence[str], drifts: Sequence[Drift], now_ms: int) -> None:
    """Write down what was found of partitions, in the place of what was known of them."""
    connection.execute(delete(DRIFTS).where(_d.partition.in_(partitions)))
    insert_rows(connection, DRIFTS, [(it.partition, it.view, it.difference, now_ms) for it in drifts])
