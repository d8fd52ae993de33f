"""The activity view: one row a line of the activity log; newest first."""

from typing import Any, ClassVar, Final

from sqlalchemy import Column, Connection, Index, PrimaryKeyConstraint, Select, Table, select

from ledger.domain.activity import activity_of
from ledger.domain.captures import CaptureRecorded, CaptureStatusMoved
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.log.direct import Prepared
from ledger.projections.projection import METADATA, OF_PLACE, Batch, Kinds, prepared_documents

ACTIVITY: Final = Table(
    "activity",
    METADATA,
    Column("partition_id", TEXT, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("at_ms", BIG, nullable=False),
    Column("position", BIG, nullable=False, info={OF_PLACE: True}),
    Column("document", TEXT, nullable=False),
    PrimaryKeyConstraint("partition_id", "sequence"),
    comment="position: as in captures.",
)
_c = ACTIVITY.c
_newest_first = (_c.at_ms.desc(), _c.position.desc(), _c.partition_id, _c.sequence)
Index("activity_by_time", *_newest_first)


class ActivityProjection:
    name: ClassVar[str] = "activity"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = (CaptureRecorded, CaptureStatusMoved)

    def apply(self, batch: Batch, rows: Connection) -> None:
        if not batch.of(*self.events):
            return
        told = [
            (entry.partition, entry.sequence, line.timestamp, position, line.to_json())
            for position, entry in zip(batch.positions, batch.entries, strict=True)
            if (line := activity_of(entry)) is not None
        ]
        insert_rows(rows, ACTIVITY, told)


def newest_question(limit: int) -> Select[Any]:
    return select(_c.document).order_by(*_newest_first).limit(limit)


_NEWEST: Final = Prepared(newest_question)


def newest(connection: Connection, limit: int) -> list[str]:
    """Documents of the newest activity, newest first."""
    return prepared_documents(connection, _NEWEST, limit=limit)
