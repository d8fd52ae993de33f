"""The music moments view: the structure of the music under its own time."""

from typing import ClassVar, Final

from sqlalchemy import Column, Connection, Double, Index, PrimaryKeyConstraint, Table

from ledger.domain.documents import recorded_documents
from ledger.domain.music import MusicMomentRecorded
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.projections.projection import METADATA, Batch, Kinds
from ledger.projections.window import TimedView

MUSIC_MOMENTS: Final = Table(
    "music_moments",
    METADATA,
    Column("session", BIG, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("timestamp_ms", Double, nullable=False),
    Column("section", TEXT),
    Column("document", TEXT, nullable=False),
    PrimaryKeyConstraint("session", "sequence"),
)
_c = MUSIC_MOMENTS.c
Index("music_moments_by_time", _c.session, _c.timestamp_ms, _c.sequence)
Index("music_moments_by_section", _c.session, _c.section, _c.timestamp_ms, _c.sequence)
TIMED: Final = TimedView(MUSIC_MOMENTS)


class MusicMomentsProjection:
    name: ClassVar[str] = "music_moments"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = (MusicMomentRecorded,)

    def apply(self, batch: Batch, rows: Connection) -> None:
        moments = batch.of(MusicMomentRecorded)
        documents = recorded_documents((entry for entry, _ in moments), "music")
        recorded = [
            (batch.numbers[entry.partition], entry.sequence, moment.timestamp_ms, moment.section, document)
            for (entry, moment), document in zip(moments, documents, strict=True)
        ]
        insert_rows(rows, MUSIC_MOMENTS, recorded)


def list_first(connection: Connection, session_id: str, limit: int) -> list[str]:
    """Documents of a session's music moments, by time."""
    return TIMED.window(connection, session_id, None, None, limit)
