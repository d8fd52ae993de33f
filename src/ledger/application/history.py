"""The history: every entry of a session as it was recorded, the corrected ones included."""

import json
from typing import Final

from sqlalchemy import Connection

from ledger.application.functions import LOG, Query, Reading
from ledger.application.pages import Cursor, CursorOfAnotherEpoch, Pages, page
from ledger.domain.assets import AssetRegistered
from ledger.domain.cameras import CameraEvent, CameraRegistered, entity_of
from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.director import DirectorEventCorrected, DirectorEventRecorded
from ledger.domain.entries import Entry
from ledger.domain.ids import make_id, parse_id
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.refusals import Invalid
from ledger.domain.stills import StillChanged, StillRecorded
from ledger.domain.values import Name
from ledger.log.reading import SEQUENCE_MAX, read_history, read_stream, span_of_entities
from ledger.log.upcasts import UPCASTS


class ListHistory(Pages):
    session_id: Name
    type: Name | None = None
    actor: Name | None = None
    entity_id: Name | None = None


def _list(asked: ListHistory, reading: Reading) -> str:
    partition = asked.session_id
    cursor = _cursor(asked, reading)
    stored_names = BY_STORED_NAME.keys() | UPCASTS.keys()
    if asked.type is not None and asked.type not in stored_names:
        raise Invalid("type", f"is no stored name of an event; they are {', '.join(sorted(stored_names))}")
    reading.require_session(partition)
    with reading.log.snapshot() as connection:
        entity, sequence = _filter(asked, connection)
        found = read_history(
            connection,
            partition,
            after=int(cursor.place[0]) if cursor.place else 0,
            up_to=_last(asked, cursor, reading, connection),
            limit=cursor.wanted(asked.count),
            stored_name=asked.type,
            actor=asked.actor,
            entity=entity,
            sequence=sequence,
        )
        named = {entity for entry in found if (entity := _spoken_of(entry))}
        spans = span_of_entities(connection, partition, sorted(named))
    lines = [(_line(entry, spans), (entry.sequence, 0)) for entry in found]
    return page(lines, asked.count, cursor)


def _last(asked: ListHistory, cursor: Cursor, reading: Reading, connection: Connection) -> int:
    """The last sequence that may be in the page: of one that is watched, what all else that is watched shows too."""
    shown = reading.head_of(connection, asked.session_id) if reading.is_bounded else SEQUENCE_MAX
    return min(shown, int(cursor.until[0])) if cursor.until else shown


def _cursor(asked: ListHistory, reading: Reading) -> Cursor:
    """Where to go on. One of another life of the ledger is told from where it can go on in this one, without a repetition."""
    filters = [asked.session_id, asked.type, asked.actor, asked.entity_id]
    try:
        return Cursor.of(asked, reading.log.epochs, scope="history", filters=filters, is_live=reading.is_live)
    except CursorOfAnotherEpoch as theirs:
        assert theirs.cursor.place, "a cursor that was handed back has a place"
        sequence = min(int(theirs.cursor.place[0]), reading.sequence_by(asked.session_id, theirs.parting))
        raise theirs.told(sequence, going_on=(sequence, 0)) from None


def _filter(asked: ListHistory, connection: Connection) -> tuple[str | None, int | None]:
    """The log's entity, and the one sequence, whose entries bear an Id. Raises Invalid for an Id of nothing here."""
    if asked.entity_id is None:
        return None, None
    if asked.entity_id == asked.session_id:
        return "session", None
    named = parse_id(asked.entity_id)
    here = named is not None and named.partition == asked.session_id
    found = read_stream(connection, named.partition, after=named.sequence - 1, limit=1) if named and here else []
    match (named.kind, found[0].event) if named and found else None:
        case ("camera", CameraRegistered() as camera):
            return entity_of(camera.camera_id), None
        case ("event", DirectorEventRecorded()):
            return f"event:{found[0].sequence}", found[0].sequence
        case ("event", DirectorEventCorrected()) | ("music", MusicMomentRecorded()):
            return None, found[0].sequence
        case ("still", StillRecorded()) | ("asset", AssetRegistered()):
            return found[0].entity, None
        case _:
            raise Invalid("entityId", "is no Id of anything in this session")


def _spoken_of(entry: Entry) -> str | None:
    """The entity to look up for an entry's line: a camera's first entry gives its Id, a decision's last its correction."""
    event = entry.event
    if isinstance(event, CameraEvent):
        return entity_of(event.camera_id)
    return f"event:{entry.sequence}" if isinstance(event, DirectorEventRecorded) else None


def _line(entry: Entry, spans: dict[str, tuple[int, int]]) -> str:
    stored_name, body = entry.stored
    line = {
        "sequence": entry.sequence,
        "type": stored_name,
        "recordedAt": entry.recorded_at,
        "actor": entry.actor,
        "entityId": _entity_id(entry, spans),
    }
    corrections = spans.get(f"event:{entry.sequence}")
    corrected = f',"correctedBy":"{make_id(entry.partition, "event", corrections[1])}"' if corrections else ""
    return f'{json.dumps(line, ensure_ascii=False)[:-1]},"body":{body}{corrected}}}'


def _entity_id(entry: Entry, spans: dict[str, tuple[int, int]]) -> str:
    partition, sequence = entry.partition, entry.sequence
    match entry.event:
        case DirectorEventRecorded():
            return make_id(partition, "event", sequence)
        case DirectorEventCorrected() as correction:
            return make_id(partition, "event", correction.corrects)
        case CameraRegistered():
            return make_id(partition, "camera", sequence)
        case CameraEvent() as change:
            return make_id(partition, "camera", spans[entity_of(change.camera_id)][0])
        case StillRecorded():
            return make_id(partition, "still", sequence)
        case StillChanged() as change:
            return make_id(partition, "still", change.still)
        case MusicMomentRecorded():
            return make_id(partition, "music", sequence)
        case AssetRegistered():
            return make_id(partition, "asset", sequence)
        case _:
            return partition


FUNCTIONS: Final = (
    Query(
        "production:listSessionHistory",
        "/production/session/history",
        ListHistory,
        _list,
        lambda asked: asked.session_id,
        "Every entry of a session in the order in which it was recorded; at the end, the cursor waits for more.",
        "HistoryPage",
        scope="read",
        views=LOG,
    ),
)
