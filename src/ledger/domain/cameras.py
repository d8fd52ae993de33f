"""The cameras of a session: who they are, what they are worth to the director, and whether they deliver a picture."""

from typing import Annotated, Any, ClassVar, Literal, assert_never

from pydantic import Field

from ledger.domain.documents import Document
from ledger.domain.entries import Entry, Event
from ledger.domain.ids import make_id
from ledger.domain.patches import patch, patched, refuse_both
from ledger.domain.refusals import CameraNotFound, SessionNotFound
from ledger.domain.sessions import Session
from ledger.domain.values import Frozen, Json, Measure, Name, Number, Text, TimestampMs

Clearable = Literal["deviceName", "isWideFallback", "positionHint", "metadata"]


def entity_of(camera_id: str) -> str:
    """The log's entity of a camera, by the writer's own name for it."""
    return f"camera:{camera_id}"


# What has happened.


class CameraEvent(Event):
    camera_id: str
    timestamp_ms: Number | None = None
    """Program time, where the caller gave one."""

    def entity(self, sequence: int) -> str:
        return entity_of(self.camera_id)


class CameraRegistered(CameraEvent):
    stored_as: ClassVar[str] = "camera-registered.1"
    source_type: str
    role: str
    priority_weight: Number
    is_active: bool
    device_name: str | None = None
    is_wide_fallback: bool | None = None
    position_hint: str | None = None
    metadata: Any = None


class CameraUpdated(CameraEvent):
    stored_as: ClassVar[str] = "camera-updated.1"
    source_type: str | None = None
    role: str | None = None
    priority_weight: Number | None = None
    is_active: bool | None = None
    device_name: str | None = None
    is_wide_fallback: bool | None = None
    position_hint: str | None = None
    metadata: Any = None
    unset: tuple[str, ...] | None = None


# What it amounts to.


class Camera(Document):
    session_id: str
    camera_id: str
    device_name: str | None = None
    source_type: str
    role: str
    position_hint: str | None = None
    priority_weight: Number
    is_active: bool
    is_wide_fallback: bool | None = None
    created_at: int
    updated_at: int
    metadata: Any = None


def evolve(camera: Camera | None, entry: Entry) -> Camera:
    """The camera after one more entry. The first must be its CameraRegistered."""
    event, at = entry.event, entry.recorded_at
    if isinstance(event, CameraRegistered):
        return Camera(
            id=make_id(entry.partition, "camera", entry.sequence),
            creation_time=at,
            session_id=entry.partition,
            created_at=at,
            updated_at=at,
            **event.model_dump(exclude={"timestamp_ms"}),
        )
    assert camera is not None and isinstance(event, CameraUpdated), (
        f"{entry.entity} does not begin with its registration"
    )
    changes = event.model_dump(exclude={"camera_id", "timestamp_ms", "unset"})
    return camera.model_copy(update=patched(changes, event.unset or (), at))


# What may happen.


class UpsertCamera(Frozen):
    session_id: Name
    camera_id: Name
    source_type: Name
    role: Name
    priority_weight: Measure
    is_active: bool
    device_name: Text | None = None
    is_wide_fallback: bool | None = None
    position_hint: Text | None = None
    metadata: Json = None
    timestamp_ms: TimestampMs | None = None
    unset: Annotated[tuple[Clearable, ...], Field(strict=False, fail_fast=True)] = ()


class SetCameraState(Frozen):
    session_id: Name
    camera_id: Name
    is_active: bool | None = None
    role: Name | None = None
    priority_weight: Measure | None = None
    metadata: Json = None
    timestamp_ms: TimestampMs | None = None
    unset: Annotated[tuple[Literal["metadata"], ...], Field(strict=False, fail_fast=True)] = ()


CameraCommand = UpsertCamera | SetCameraState


def decide(command: CameraCommand, session: Session | None, camera: Camera | None) -> list[CameraEvent]:
    """The events of a command on a camera, none where nothing changes. Raises SessionNotFound, CameraNotFound or Invalid."""
    if session is None:
        raise SessionNotFound(command.session_id)
    wanted = command.model_dump(exclude={"session_id", "camera_id", "timestamp_ms", "unset"})
    if camera is None:
        match command:
            case UpsertCamera():
                refuse_both(wanted, command.unset)
                return [CameraRegistered(camera_id=command.camera_id, timestamp_ms=command.timestamp_ms, **wanted)]
            case SetCameraState():
                raise CameraNotFound(command.camera_id)
            case _:
                assert_never(command)
    fields = patch(camera, wanted, command.unset)
    return [CameraUpdated(camera_id=command.camera_id, timestamp_ms=command.timestamp_ms, **fields)] if fields else []
