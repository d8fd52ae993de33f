"""Still candidates: the best frames of the pose windows, and what people say of them."""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from ledger.domain.director import DirectorEventRecorded
from ledger.domain.documents import Document
from ledger.domain.entries import Entry, Event
from ledger.domain.ids import make_id, parse_id
from ledger.domain.patches import patch, patched
from ledger.domain.refusals import DirectorEventNotFound, SessionNotFound, StillNotFound
from ledger.domain.sessions import Session
from ledger.domain.values import Frozen, Json, Measure, Name, Number, Text, TimestampMs

Clearable = Literal["imagePath", "poseLabel", "metadata"]


def entity_of(sequence: int) -> str:
    """The log's entity of the still that was recorded at ``sequence``."""
    return f"still:{sequence}"


# What has happened.


class StillRecorded(Event):
    stored_as: ClassVar[str] = "still-recorded.1"
    camera_id: str
    timestamp_ms: Number
    score: Number
    image_path: str | None = None
    pose_label: str | None = None
    source_event_id: str | None = None
    is_favorite: bool = False
    selected_for_edit: bool = False
    metadata: Any = None

    def entity(self, sequence: int) -> str:
        return entity_of(sequence)


class StillChanged(Event):
    """Anything that happens to a still after it was recorded. ``still`` is the sequence at which that was."""

    still: int

    def entity(self, sequence: int) -> str:
        return entity_of(self.still)


class StillUpdated(StillChanged):
    stored_as: ClassVar[str] = "still-updated.1"
    score: Number | None = None
    image_path: str | None = None
    pose_label: str | None = None
    metadata: Any = None
    unset: tuple[str, ...] | None = None


class StillFavourited(StillChanged):
    stored_as: ClassVar[str] = "still-favourited.1"


class StillUnfavourited(StillChanged):
    stored_as: ClassVar[str] = "still-unfavourited.1"


class StillSelected(StillChanged):
    stored_as: ClassVar[str] = "still-selected.1"


class StillDeselected(StillChanged):
    stored_as: ClassVar[str] = "still-deselected.1"


StillEvent = StillRecorded | StillUpdated | StillFavourited | StillUnfavourited | StillSelected | StillDeselected
CHANGES: Final = (StillUpdated, StillFavourited, StillUnfavourited, StillSelected, StillDeselected)


# What it amounts to.


class Still(Document):
    session_id: str
    camera_id: str
    timestamp_ms: Number
    score: Number
    image_path: str | None = None
    pose_label: str | None = None
    source_event_id: str | None = None
    is_favorite: bool
    selected_for_edit: bool
    created_at: int
    updated_at: int
    metadata: Any = None


def evolve(still: Still | None, entry: Entry) -> Still:
    """The still after one more entry. The first must be its StillRecorded."""
    event, at = entry.event, entry.recorded_at
    if isinstance(event, StillRecorded):
        return Still(
            id=make_id(entry.partition, "still", entry.sequence),
            creation_time=at,
            session_id=entry.partition,
            created_at=at,
            updated_at=at,
            **event.model_dump(),
        )
    assert still is not None, f"{entry.entity} does not begin with its recording"
    match event:
        case StillUpdated():
            changes = event.model_dump(exclude={"still", "unset"})
            return still.model_copy(update=patched(changes, event.unset or (), at))
        case StillFavourited() | StillUnfavourited():
            return still.model_copy(update={"is_favorite": isinstance(event, StillFavourited), "updated_at": at})
        case StillSelected() | StillDeselected():
            return still.model_copy(update={"selected_for_edit": isinstance(event, StillSelected), "updated_at": at})
        case _:
            raise AssertionError(f"{type(event).__name__} is no event of a still")


# What may happen.


class RecordStill(Frozen):
    session_id: Name
    camera_id: Name
    timestamp_ms: TimestampMs
    score: Measure
    image_path: Name | None = None
    pose_label: Text | None = None
    source_event_id: Name | None = None
    is_favorite: bool | None = None
    selected_for_edit: bool | None = None
    metadata: Json = None


class UpdateStill(Frozen):
    still_candidate_id: Name
    image_path: Name | None = None
    score: Measure | None = None
    pose_label: Text | None = None
    is_favorite: bool | None = None
    selected_for_edit: bool | None = None
    metadata: Json = None
    unset: Annotated[tuple[Clearable, ...], Field(strict=False, fail_fast=True)] = ()


def decide_recording(command: RecordStill, session: Session | None, source: Event | None) -> list[StillEvent]:
    """A new still. ``source`` is the event at the sequence that ``sourceEventId`` names, where it names one.

    Raises SessionNotFound, or DirectorEventNotFound where the source is no director event of this session.
    """
    if session is None:
        raise SessionNotFound(command.session_id)
    if command.source_event_id is not None:
        named = parse_id(command.source_event_id)
        here = named is not None and named.kind == "event" and named.partition == command.session_id
        if not here or not isinstance(source, DirectorEventRecorded):
            raise DirectorEventNotFound(command.source_event_id, "sourceEventId")
    return [StillRecorded(**command.model_dump(exclude={"session_id"}, exclude_none=True))]


def decide_update(command: UpdateStill, still: Still | None) -> list[StillEvent]:
    """What changes about a still, nothing where it already is so. Raises StillNotFound or Invalid."""
    if still is None:
        raise StillNotFound(command.still_candidate_id)
    named = parse_id(still.id)
    assert named is not None, f"{still.id} is an Id of ours"
    wanted = command.model_dump(exclude={"still_candidate_id", "is_favorite", "selected_for_edit", "unset"})
    fields = patch(still, wanted, command.unset)
    events: list[StillEvent] = [StillUpdated(still=named.sequence, **fields)] if fields else []
    if command.is_favorite not in (None, still.is_favorite):
        events.append((StillFavourited if command.is_favorite else StillUnfavourited)(still=named.sequence))
    if command.selected_for_edit not in (None, still.selected_for_edit):
        events.append((StillSelected if command.selected_for_edit else StillDeselected)(still=named.sequence))
    return events
