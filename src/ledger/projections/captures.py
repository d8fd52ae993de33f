"""The captures view: one row a capture, as it stands; newest first."""

from typing import Any, ClassVar, Final

from sqlalchemy import Column, Connection, Index, PrimaryKeyConstraint, Select, Table, select

from ledger.domain import captures
from ledger.domain.captures import Capture, CaptureRecorded
from ledger.domain.entries import Entry
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.log.direct import Prepared
from ledger.projections.projection import (
    METADATA,
    OF_PLACE,
    Batch,
    Kinds,
    documents_by_key,
    prepared_documents,
    values_by_key,
)

CAPTURES: Final = Table(
    "captures",
    METADATA,
    Column("partition_id", TEXT, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("at_ms", BIG, nullable=False),
    Column("position", BIG, nullable=False, info={OF_PLACE: True}),
    Column("document", TEXT, nullable=False),
    PrimaryKeyConstraint("partition_id", "sequence"),
    comment="position: where in its shard it was recorded, which is the order of those of one millisecond.",
)
_c = CAPTURES.c
_newest_first = (_c.at_ms.desc(), _c.position.desc(), _c.partition_id, _c.sequence)
Index("captures_by_time", *_newest_first)
_KEY: Final = ("partition_id", "sequence")


class CapturesProjection:
    name: ClassVar[str] = "captures"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = captures.EVENTS

    def apply(self, batch: Batch, rows: Connection) -> None:
        if not batch.of(*captures.EVENTS):
            return
        positions: dict[tuple[Any, ...], int] = {}
        changes: list[tuple[tuple[Any, ...], Entry]] = []
        for position, entry in zip(batch.positions, batch.entries, strict=True):
            if isinstance(entry.event, CaptureRecorded):
                positions[entry.partition, entry.sequence] = position
                changes.append(((entry.partition, entry.sequence), entry))
            elif isinstance(entry.event, captures.CaptureChanged):
                changes.append(((entry.partition, entry.event.capture), entry))
        older = {key for key, _ in changes} - positions.keys()
        known = documents_by_key(rows, CAPTURES, _KEY, older)
        positions |= values_by_key(rows, CAPTURES, _KEY, older, "position")
        states: dict[tuple[Any, ...], Capture] = {key: Capture.from_json(document) for key, document in known.items()}
        for key, entry in changes:
            states[key] = captures.evolve(states.get(key), entry)
        told = [(*key, it.timestamp, positions[key], it.to_json()) for key, it in states.items()]
        insert_rows(rows, CAPTURES, told, replacing=_KEY)


def newest_question(limit: int) -> Select[Any]:
    return select(_c.document).order_by(*_newest_first).limit(limit)


_NEWEST: Final = Prepared(newest_question)


def newest(connection: Connection, limit: int) -> list[str]:
    """Documents of the newest captures, newest first."""
    return prepared_documents(connection, _NEWEST, limit=limit)
