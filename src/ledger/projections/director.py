"""The director events view: every decision under its own time, as the latest correction says it was."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, NamedTuple

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
    tuple_,
)

from ledger.domain.director import DirectorEvent, DirectorEventCorrected, DirectorEventRecorded, corrected
from ledger.domain.documents import recorded_document
from ledger.domain.ids import parse_id
from ledger.log.bulk import insert_rows
from ledger.projections.projection import METADATA, Placed, documents_by_key
from ledger.projections.window import TimedView

DIRECTOR_EVENTS: Final = Table(
    "director_events",
    METADATA,
    Column("session_id", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("timestamp_ms", Double, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("camera_id", Text),
    Column("voided", Boolean, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("session_id", "sequence"),
)
_c = DIRECTOR_EVENTS.c
_order = (_c.timestamp_ms, _c.sequence)
Index("director_events_by_time", _c.session_id, *_order)
Index("director_events_by_type", _c.session_id, _c.event_type, *_order)
Index("director_events_by_camera", _c.session_id, _c.camera_id, *_order)

TIMED: Final = TimedView(DIRECTOR_EVENTS, _c.voided.is_(False))


class DirectorEventsProjection:
    name: ClassVar[str] = "director_events"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[Table, ...]] = (DIRECTOR_EVENTS,)

    def apply(self, batch: Sequence[Placed], rows: Connection) -> None:
        recorded: list[tuple[Any, ...]] = []
        corrections: list[Placed] = []
        for placed in batch:
            entry = placed.entry
            event = entry.event
            if isinstance(event, DirectorEventRecorded):
                document = recorded_document(entry, "event")
                recorded.append(
                    (
                        entry.partition,
                        entry.sequence,
                        event.timestamp_ms,
                        event.event_type,
                        event.camera_id,
                        False,
                        document,
                    )
                )
            elif isinstance(event, DirectorEventCorrected):
                corrections.append(placed)
        insert_rows(rows, DIRECTOR_EVENTS, recorded)
        if corrections:
            _correct(corrections, rows)


def _correct(corrections: Sequence[Placed], rows: Connection) -> None:
    keys = {(entry.partition, event.corrects) for _, entry in corrections if (event := _correction(entry.event))}
    known = documents_by_key(rows, DIRECTOR_EVENTS, ["session_id", "sequence"], keys)
    states = {key: DirectorEvent.from_json(document) for key, document in known.items()}
    for _, entry in corrections:
        key = (entry.partition, _correction(entry.event).corrects)
        states[key] = corrected(states[key], entry)
    replaced = []
    for event in states.values():
        named = parse_id(event.id)
        assert named is not None, f"{event.id} is an Id of ours"
        replaced.append(
            (
                event.session_id,
                named.sequence,
                event.timestamp_ms,
                event.event_type,
                event.camera_id,
                bool(event.void),
                event.to_json(),
            )
        )
    insert_rows(rows, DIRECTOR_EVENTS, replaced, replacing=("session_id", "sequence"))


def _correction(event: object) -> DirectorEventCorrected:
    assert isinstance(event, DirectorEventCorrected)
    return event


class EventPlace(NamedTuple):
    """Where a director event stands in its session's time order."""

    timestamp_ms: float
    sequence: int


def page_question(
    session_id: str,
    *,
    limit: int,
    after: EventPlace | None = None,
    up_to: int | None = None,
    event_type: str | None = None,
    camera_id: str | None = None,
) -> Select[Any]:
    question = select(_c.document, *_order).where(_c.session_id == session_id, _c.voided.is_(False))
    if event_type is not None:
        question = question.where(_c.event_type == event_type)
    if camera_id is not None:
        question = question.where(_c.camera_id == camera_id)
    if after is not None:
        question = question.where(tuple_(*_order) > tuple_(*after))
    if up_to is not None:
        question = question.where(_c.sequence <= up_to)
    return question.order_by(*_order).limit(limit)


def page(
    connection: Connection,
    session_id: str,
    *,
    limit: int,
    after: EventPlace | None,
    up_to: int | None,
    event_type: str | None,
    camera_id: str | None,
) -> list[tuple[str, EventPlace]]:
    """Documents with their places, by time and then sequence, from the one after ``after``, none recorded after ``up_to``."""
    question = page_question(
        session_id, limit=limit, after=after, up_to=up_to, event_type=event_type, camera_id=camera_id
    )
    return [(document, EventPlace(*place)) for document, *place in connection.execute(question)]
