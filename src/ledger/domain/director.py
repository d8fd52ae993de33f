"""The director's decisions: facts with the caller's own time, appended without loading anything but their session."""

from typing import Annotated, Any, ClassVar, Final, Literal, assert_never

from pydantic import Field
from pydantic.alias_generators import to_snake

from ledger.domain.documents import Document, recorded_document
from ledger.domain.entries import Entry, Event
from ledger.domain.ids import make_id, parse_id
from ledger.domain.patches import refuse_both
from ledger.domain.refusals import DirectorEventNotFound, Invalid, SessionNotFound, UnknownValue
from ledger.domain.sessions import Session
from ledger.domain.values import Frozen, Json, Measure, Name, Number, Text, TimestampMs
from ledger.domain.vocabulary import Vocabulary

BATCH_LENGTH_MAX: Final = 10_000

Clearable = Literal["cameraId", "reason", "score", "metadata"]


# What has happened.


class DirectorEventRecorded(Event):
    stored_as: ClassVar[str] = "director-event-recorded.1"
    timestamp_ms: Number
    event_type: str
    camera_id: str | None = None
    reason: str | None = None
    score: Number | None = None
    metadata: Any = None


class DirectorEventChanges(Frozen):
    """What a correction says of the event it names: new values, fields to clear, or that it never happened."""

    timestamp_ms: Number | None = None
    event_type: str | None = None
    camera_id: str | None = None
    reason: str | None = None
    score: Number | None = None
    metadata: Any = None
    unset: tuple[str, ...] | None = None
    void: bool | None = None


class DirectorEventCorrected(Event):
    stored_as: ClassVar[str] = "director-event-corrected.1"
    corrects: int
    """The sequence of the director event that is corrected."""
    changes: DirectorEventChanges
    reason: str

    def entity(self, sequence: int) -> str:
        return f"event:{self.corrects}"


# What it amounts to.


class DirectorEvent(Document):
    session_id: str
    created_at: int
    timestamp_ms: Number
    event_type: str
    camera_id: str | None = None
    reason: str | None = None
    score: Number | None = None
    metadata: Any = None
    corrected_by: str | None = None
    """Id of the correction that counts."""
    void: bool | None = None


def recorded(entry: Entry) -> DirectorEvent:
    """The director event as it was first recorded."""
    return DirectorEvent.from_json(recorded_document(entry, "event"))


def corrected(event: DirectorEvent, correction: Entry) -> DirectorEvent:
    """The event as a correction says it was. Corrections add up field by field, the latest winning; a later one revives a void."""
    assert isinstance(correction.event, DirectorEventCorrected)
    changes = correction.event.changes
    given = changes.model_dump(exclude={"unset", "void"}, exclude_none=True)
    cleared = dict.fromkeys(map(to_snake, changes.unset or ()))
    said_by = {
        "corrected_by": make_id(correction.partition, "event", correction.sequence),
        "void": changes.void or None,
    }
    return event.model_copy(update=given | cleared | said_by)


# What may happen.


class StatedDirectorEvent(DirectorEventRecorded):
    """One director event as a caller states it, less its session: the event itself, under the rules for new ones.

    Being the event, it needs no second object and no second validation on its way into the log.
    """

    timestamp_ms: TimestampMs
    event_type: Name
    camera_id: Name | None = None
    reason: Text | None = None
    score: Measure | None = None
    metadata: Json = None


class RecordDirectorEvent(StatedDirectorEvent):
    session_id: Name
    """Whose it is: said by where it is kept, and not stored again."""


class RecordDirectorEvents(Frozen):
    session_id: Name
    events: Annotated[list[StatedDirectorEvent], Field(max_length=BATCH_LENGTH_MAX)]


class MarkHeroPose(Frozen):
    session_id: Name
    timestamp_ms: TimestampMs
    camera_id: Name | None = None
    reason: Text | None = None
    score: Measure | None = None
    metadata: Json = None


class WantedChanges(Frozen):
    timestamp_ms: TimestampMs | None = None
    event_type: Name | None = None
    camera_id: Name | None = None
    reason: Text | None = None
    score: Measure | None = None
    metadata: Json = None
    unset: Annotated[tuple[Clearable, ...], Field(strict=False, fail_fast=True)] | None = None
    void: bool | None = None


class CorrectDirectorEvent(Frozen):
    session_id: Name
    event_id: Name
    changes: WantedChanges
    reason: Name


DirectorCommand = RecordDirectorEvent | RecordDirectorEvents | MarkHeroPose


def decide(command: DirectorCommand, session: Session | None, vocabulary: Vocabulary) -> list[DirectorEventRecorded]:
    """The facts of a command, in the order given: all of them or, where one is refused, none.

    Facts are never refused for being late, nor for naming a camera that nobody registered; replay flags those.
    Raises SessionNotFound, or UnknownValue naming the event of a batch by its index.
    """
    if session is None:
        raise SessionNotFound(command.session_id)
    match command:
        case RecordDirectorEvents():
            for index, stated in enumerate(command.events):
                if stated.event_type not in vocabulary.event_types:
                    raise UnknownValue(f"events[{index}].eventType", stated.event_type, vocabulary.event_types)
            return list(command.events)
        case RecordDirectorEvent():
            if command.event_type not in vocabulary.event_types:
                raise UnknownValue("eventType", command.event_type, vocabulary.event_types)
            return [command]
        case MarkHeroPose():
            marker = command.model_dump(exclude={"session_id"})
            return [DirectorEventRecorded(event_type="hero_pose_marker", **marker)]
        case _:
            assert_never(command)


def decide_correction(
    command: CorrectDirectorEvent, session: Session | None, original: Event | None, vocabulary: Vocabulary
) -> list[DirectorEventCorrected]:
    """The correction of a director event; ``original`` is the event at the sequence that the command's Id names.

    Raises SessionNotFound, DirectorEventNotFound, UnknownValue, or Invalid where the changes say nothing.
    """
    if session is None:
        raise SessionNotFound(command.session_id)
    named = parse_id(command.event_id)
    here = named is not None and named.kind == "event" and named.partition == command.session_id
    if named is None or not here or not isinstance(original, DirectorEventRecorded):
        raise DirectorEventNotFound(command.event_id, "eventId")
    wanted = command.changes.model_dump(exclude_none=True)
    if not wanted or wanted == {"unset": ()}:
        raise Invalid("changes", "name at least one field to change, or void")
    refuse_both(wanted, command.changes.unset or (), "changes.unset")
    if command.changes.event_type is not None and command.changes.event_type not in vocabulary.event_types:
        raise UnknownValue("changes.eventType", command.changes.event_type, vocabulary.event_types)
    return [
        DirectorEventCorrected(corrects=named.sequence, changes=DirectorEventChanges(**wanted), reason=command.reason)
    ]
