"""Functions on director events."""

import json
from operator import itemgetter
from typing import Final

from ledger.application.batches import read_batch
from ledger.application.functions import Mutation, Query, Reading
from ledger.application.pages import Cursor, CursorOfAnotherEpoch, Pages, page
from ledger.application.sessions import session_of
from ledger.domain import director
from ledger.domain.director import (
    CorrectDirectorEvent,
    DirectorCommand,
    DirectorEvent,
    MarkHeroPose,
    RecordDirectorEvent,
    RecordDirectorEvents,
)
from ledger.domain.ids import id_prefix, make_id, parse_id
from ledger.domain.values import Name
from ledger.domain.vocabulary import Vocabulary
from ledger.log.answers import is_too_much
from ledger.log.reading import entities_since, read_entity, read_stream
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import director as view


def _record(command: DirectorCommand, stream: Stream, vocabulary: Vocabulary) -> Decision:
    events = director.decide(command, session_of(stream), vocabulary)
    return Decision(events, lambda first: f'"{make_id(stream.partition, "event", first)}"')


def _record_batch(command: RecordDirectorEvents, stream: Stream, vocabulary: Vocabulary) -> Decision:
    events = director.decide(command, session_of(stream), vocabulary)
    prefix = id_prefix(stream.partition, "event")
    return Decision(
        events, lambda first: "[" + ",".join(f'"{prefix}{first + index}"' for index in range(len(events))) + "]"
    )


def _correct(command: CorrectDirectorEvent, stream: Stream, vocabulary: Vocabulary) -> Decision:
    named = parse_id(command.event_id)
    here = named is not None and named.partition == stream.partition and named.kind == "event"
    original = stream.event_at(named.sequence) if named and here else None
    events = director.decide_correction(command, session_of(stream), original, vocabulary)
    return Decision(events, lambda first: json.dumps(make_id(stream.partition, "event", first)))


class ExportEventPage(Pages):
    session_id: Name
    event_type: Name | None = None
    camera_id: Name | None = None


def _export_page(asked: ExportEventPage, reading: Reading) -> str:
    reading.require_session(asked.session_id)
    filters = [asked.session_id, asked.event_type, asked.camera_id]
    pinned = None if asked.token or reading.is_live else reading.shown_of(asked.session_id)
    try:
        cursor = Cursor.of(
            asked, reading.log.epochs, scope="events", filters=filters, pinned=pinned, is_live=reading.is_live
        )
    except CursorOfAnotherEpoch as theirs:
        shared = reading.sequence_by(asked.session_id, theirs.parting)
        raise theirs.told(min(theirs.cursor.pinned or 0, shared)) from None
    after = view.EventPlace(*cursor.place) if cursor.place else None
    pinned_events = _corrected_since(asked, reading, cursor.pinned)
    found = view.page(
        reading.views,
        asked.session_id,
        limit=cursor.wanted(asked.count) + len(pinned_events),
        after=after,
        until=view.EventPlace(*cursor.until) if cursor.until else None,
        up_to=cursor.pinned,
        event_type=asked.event_type,
        camera_id=asked.camera_id,
    )
    through = found[-1][1] if is_too_much(document for document, _ in found) else None
    found = [(document, place) for document, place in found if place.sequence not in pinned_events]
    for sequence, event in pinned_events.items():
        place = view.EventPlace(event.timestamp_ms, sequence)
        wanted = asked.event_type in (None, event.event_type) and asked.camera_id in (None, event.camera_id)
        here = (after is None or place > after) and (through is None or place <= through)
        if wanted and here and not event.void:
            found.append((event.to_json(), place))
    return page(sorted(found, key=itemgetter(1))[: cursor.wanted(asked.count)], asked.count, cursor, through=through)


def _corrected_since(asked: ExportEventPage, reading: Reading, pinned: int | None) -> dict[int, DirectorEvent]:
    """The events that were corrected after an export began, by sequence, as they stood when it did."""
    events: dict[int, DirectorEvent] = {}
    if pinned is None:
        return events
    with reading.log.snapshot() as connection:
        for entity in entities_since(connection, asked.session_id, "event", pinned):
            sequence = int(entity.partition(":")[2])
            if sequence <= pinned:
                (original,) = read_stream(connection, asked.session_id, after=sequence - 1, limit=1)
                event = director.recorded(original)
                for correction in read_entity(connection, asked.session_id, entity):
                    if correction.sequence <= pinned:
                        event = director.corrected(event, correction)
                events[sequence] = event
    return events


FUNCTIONS: Final = (
    Mutation(
        "production:appendDirectorEvent",
        "/production/event",
        RecordDirectorEvent,
        "id",
        _record,
        lambda command: command.session_id,
        "Records one decision of the director and answers its Id.",
        scope="write:director",
    ),
    Mutation(
        "production:appendDirectorEventsBatch",
        "/production/event/batch",
        RecordDirectorEvents,
        "ids",
        _record_batch,
        lambda command: command.session_id,
        "Records decisions in the order given, all or none, and answers their Ids.",
        weight=lambda command: len(command.events),
        read_text=read_batch,
        states=lambda command: command.events,
        scope="write:director",
    ),
    Mutation(
        "production:markHeroPose",
        "/production/hero-pose",
        MarkHeroPose,
        "id",
        _record,
        lambda command: command.session_id,
        "Records a hero pose marker and answers its Id.",
        scope="write:director",
    ),
    Mutation(
        "production:correctDirectorEvent",
        "/production/event/correct",
        CorrectDirectorEvent,
        "id",
        _correct,
        lambda command: command.session_id,
        "Records what a director event should have said, or that it never happened; the original stays in the history.",
        scope="write:director",
    ),
    Query(
        "production:exportProductionEventPage",
        "/production/events",
        ExportEventPage,
        _export_page,
        lambda asked: asked.session_id,
        "Director events by time, a page at a time; the first page pins the session's head, so that an export is whole.",
        "DirectorEventPage",
        scope="read",
        views=frozenset({"sessions", "director_events"}),
    ),
)
