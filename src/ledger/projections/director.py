"""The director events view: every decision under its own time, as the latest correction says it was."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, NamedTuple

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
    tuple_,
)

from ledger.domain.director import DirectorEvent, DirectorEventCorrected, DirectorEventRecorded, corrected
from ledger.domain.documents import recorded_documents
from ledger.domain.entries import Entry
from ledger.log.answers import enough
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.projections.projection import METADATA, Batch, Kinds, documents_by_key
from ledger.projections.sessions import number_of
from ledger.projections.window import TimedView

DIRECTOR_EVENTS: Final = Table(
    "director_events",
    METADATA,
    Column("session", BIG, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("timestamp_ms", Double, nullable=False),
    Column("event_type", TEXT, nullable=False),
    Column("camera_id", TEXT),
    Column("voided", Boolean, nullable=False),
    Column("document", TEXT, nullable=False),
    PrimaryKeyConstraint("session", "sequence"),
)
_c = DIRECTOR_EVENTS.c
_order = (_c.timestamp_ms, _c.sequence)
Index("director_events_by_time", _c.session, *_order)
Index("director_events_by_type", _c.session, _c.event_type, *_order)
Index("director_events_by_camera", _c.session, _c.camera_id, *_order)

TIMED: Final = TimedView(DIRECTOR_EVENTS, _c.voided.is_(False))


class DirectorEventsProjection:
    name: ClassVar[str] = "director_events"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = (DirectorEventRecorded, DirectorEventCorrected)

    def apply(self, batch: Batch, rows: Connection) -> None:
        decisions = batch.of(DirectorEventRecorded)
        documents = recorded_documents((entry for entry, _ in decisions), "event")
        recorded: list[_Row] = [
            (
                batch.numbers[entry.partition],
                entry.sequence,
                event.timestamp_ms,
                event.event_type,
                event.camera_id,
                False,
                document,
            )
            for (entry, event), document in zip(decisions, documents, strict=True)
        ]
        insert_rows(rows, DIRECTOR_EVENTS, recorded)
        if corrections := batch.of(DirectorEventCorrected):
            _correct([((batch.numbers[entry.partition], event.corrects), entry) for entry, event in corrections], rows)


_Row = tuple[int, int, float, str, str | None, bool, str]
_KEY: Final = ("session", "sequence")


def _correct(corrections: Sequence[tuple[tuple[int, int], Entry]], rows: Connection) -> None:
    known = documents_by_key(rows, DIRECTOR_EVENTS, _KEY, (key for key, _ in corrections))
    states = {key: DirectorEvent.from_json(document) for key, document in known.items()}
    for key, entry in corrections:
        states[key] = corrected(states[key], entry)
    replaced: list[_Row] = [
        (
            number,
            sequence,
            event.timestamp_ms,
            event.event_type,
            event.camera_id,
            event.void or False,
            event.to_json(),
        )
        for (number, sequence), event in states.items()
    ]
    insert_rows(rows, DIRECTOR_EVENTS, replaced, replacing=_KEY)


class EventPlace(NamedTuple):
    """Where a director event stands in its session's time order."""

    timestamp_ms: float
    sequence: int


def page_question(
    session_id: str,
    *,
    limit: int,
    after: EventPlace | None = None,
    until: EventPlace | None = None,
    up_to: int | None = None,
    event_type: str | None = None,
    camera_id: str | None = None,
) -> Select[Any]:
    question = select(_c.document, *_order).where(_c.session == number_of(session_id), _c.voided.is_(False))
    if event_type is not None:
        question = question.where(_c.event_type == event_type)
    if camera_id is not None:
        question = question.where(_c.camera_id == camera_id)
    if after is not None:
        question = question.where(tuple_(*_order) > tuple_(*after))
    if until is not None:
        question = question.where(tuple_(*_order) <= tuple_(*until))
    if up_to is not None:
        # Not the bare column: SQLite would take the primary key for it, and sort a whole session for one page.
        question = question.where(_c.sequence + 0 <= up_to)
    return question.order_by(*_order).limit(limit)


def page(
    connection: Connection,
    session_id: str,
    *,
    limit: int,
    after: EventPlace | None,
    until: EventPlace | None = None,
    up_to: int | None,
    event_type: str | None,
    camera_id: str | None,
) -> list[tuple[str, EventPlace]]:
    """Documents with their places, by time and then sequence, from the one after ``after``, none recorded after ``up_to``.

    No more than one answer holds, and the one with which it is too much.
    """
    question = page_question(
        session_id, limit=limit, after=after, until=until, up_to=up_to, event_type=event_type, camera_id=camera_id
    )
    rows = enough(connection.execute(question), lambda row: len(row[0]))
    return [(document, EventPlace(*place)) for document, *place in rows]
