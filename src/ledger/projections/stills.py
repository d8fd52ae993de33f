"""The stills view: one row a still candidate, as people have left it; best first."""

from typing import Any, ClassVar, Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    Index,
    PrimaryKeyConstraint,
    Select,
    Table,
    select,
)

from ledger.domain import stills
from ledger.domain.entries import Entry
from ledger.domain.stills import Still, StillChanged, StillRecorded
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.log.direct import Prepared
from ledger.projections.projection import METADATA, Batch, Kinds, documents_by_key, prepared_documents
from ledger.projections.sessions import number_of
from ledger.projections.window import TimedView

STILLS: Final = Table(
    "stills",
    METADATA,
    Column("session", BIG, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("timestamp_ms", Double, nullable=False),
    Column("score", Double, nullable=False),
    Column("camera_id", TEXT, nullable=False),
    Column("is_favorite", Boolean, nullable=False),
    Column("document", TEXT, nullable=False),
    PrimaryKeyConstraint("session", "sequence"),
)
_c = STILLS.c
_best_first = (_c.score.desc(), _c.timestamp_ms, _c.sequence)
Index("stills_by_score", _c.session, *_best_first)
Index("stills_by_time", _c.session, _c.timestamp_ms, _c.sequence)
Index("stills_by_camera", _c.session, _c.camera_id, *_best_first)
Index("stills_by_favorite", _c.session, _c.is_favorite, *_best_first)
TIMED: Final = TimedView(STILLS)


class StillsProjection:
    name: ClassVar[str] = "stills"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = (StillRecorded, *stills.CHANGES)

    def apply(self, batch: Batch, rows: Connection) -> None:
        changes: list[tuple[tuple[int, int], Entry]] = []
        for entry, event in batch.of(StillRecorded, *stills.CHANGES):
            sequence = event.still if isinstance(event, StillChanged) else entry.sequence
            changes.append(((batch.numbers[entry.partition], sequence), entry))
        if not changes:
            return
        changed = (key for key, entry in changes if isinstance(entry.event, StillChanged))
        known = documents_by_key(rows, STILLS, _KEY, changed)
        states = {key: Still.from_json(document) for key, document in known.items()}
        for key, entry in changes:
            states[key] = stills.evolve(states.get(key), entry)
        insert_rows(rows, STILLS, [_row(key, still) for key, still in states.items()], replacing=_KEY)


_KEY: Final = ("session", "sequence")


def _row(key: tuple[Any, ...], still: Still) -> tuple[Any, ...]:
    return (*key, still.timestamp_ms, float(still.score), still.camera_id, still.is_favorite, still.to_json())


def best_question(
    session_id: str, *, limit: int, camera_id: str | None = None, favorites_only: bool = False
) -> Select[Any]:
    question = select(_c.document).where(_c.session == number_of(session_id))
    if camera_id is not None:
        question = question.where(_c.camera_id == camera_id)
    if favorites_only:
        question = question.where(_c.is_favorite.is_(True))
    return question.order_by(*_best_first).limit(limit)


_BEST: Final = Prepared(best_question)


def best(
    connection: Connection, session_id: str, *, limit: int, camera_id: str | None, favorites_only: bool
) -> list[str]:
    """Documents of a session's stills, best first: score descending, then time, then sequence."""
    asked = {"session_id": session_id, "limit": limit, "camera_id": camera_id, "favorites_only": favorites_only}
    return prepared_documents(connection, _BEST, **asked)
