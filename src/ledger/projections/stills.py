"""The stills view: one row a still candidate, as people have left it; best first."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    select,
)

from ledger.domain import stills
from ledger.domain.stills import Still, StillChanged, StillRecorded
from ledger.log.bulk import insert_rows
from ledger.projections.projection import METADATA, Placed, documents, documents_by_key
from ledger.projections.window import TimedView

STILLS: Final = Table(
    "stills",
    METADATA,
    Column("session_id", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("timestamp_ms", Double, nullable=False),
    Column("score", Double, nullable=False),
    Column("camera_id", Text, nullable=False),
    Column("is_favorite", Boolean, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("session_id", "sequence"),
)
_c = STILLS.c
_best_first = (_c.score.desc(), _c.timestamp_ms, _c.sequence)
Index("stills_by_score", _c.session_id, *_best_first)
Index("stills_by_time", _c.session_id, _c.timestamp_ms, _c.sequence)
Index("stills_by_camera", _c.session_id, _c.camera_id, *_best_first)
Index("stills_by_favorite", _c.session_id, _c.is_favorite, *_best_first)
TIMED: Final = TimedView(STILLS)


class StillsProjection:
    name: ClassVar[str] = "stills"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[Table, ...]] = (STILLS,)

    def apply(self, batch: Sequence[Placed], rows: Connection) -> None:
        states: dict[tuple[str, int], Still] = {}
        known: dict[tuple[Any, ...], str] | None = None
        for _, entry in batch:
            event = entry.event
            if isinstance(event, StillRecorded):
                states[entry.partition, entry.sequence] = stills.evolve(None, entry)
            elif isinstance(event, StillChanged):
                key = (entry.partition, event.still)
                if key not in states:
                    if known is None:
                        known = documents_by_key(rows, STILLS, ["session_id", "sequence"], _changed(batch))
                    states[key] = Still.from_json(known[key])
                states[key] = stills.evolve(states[key], entry)
        insert_rows(
            rows, STILLS, [_row(sequence, still) for (_, sequence), still in states.items()], replacing=_KEY
        )


_KEY: Final = ("session_id", "sequence")


def _changed(batch: Sequence[Placed]) -> list[tuple[Any, ...]]:
    return [(entry.partition, entry.event.still) for _, entry in batch if isinstance(entry.event, StillChanged)]


def _row(sequence: int, still: Still) -> tuple[Any, ...]:
    return (
        still.session_id,
        sequence,
        still.timestamp_ms,
        still.score,
        still.camera_id,
        still.is_favorite,
        still.to_json(),
    )


def best_question(
    session_id: str, *, limit: int, camera_id: str | None = None, favorites_only: bool = False
) -> Select[Any]:
    question = select(_c.document).where(_c.session_id == session_id)
    if camera_id is not None:
        question = question.where(_c.camera_id == camera_id)
    if favorites_only:
        question = question.where(_c.is_favorite.is_(True))
    return question.order_by(*_best_first).limit(limit)


def best(
    connection: Connection, session_id: str, *, limit: int, camera_id: str | None, favorites_only: bool
) -> list[str]:
    """Documents of a session's stills, best first: score descending, then time, then sequence."""
    return documents(
        connection, best_question(session_id, limit=limit, camera_id=camera_id, favorites_only=favorites_only)
    )
