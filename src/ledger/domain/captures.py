"""Captures: frames kept for identification, and how far that has come. Several pipelines may speak of one, and again.

A partition is what pipelines call a frame: everything said of one name is decided in one place, one after another.
"""

from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from ledger.domain.documents import Document
from ledger.domain.entries import Entry, Event
from ledger.domain.ids import make_id, parse_id, partition_for
from ledger.domain.refusals import Refusal
from ledger.domain.values import Frozen, Name

Status = Literal["pending", "identifying", "identified", "failed"]

STATUSES: Final[tuple[Status, ...]] = get_args(Status)
SOURCE_UNTOLD: Final = "pipeline"
"""Where a frame is from whose pipeline does not say."""
IMAGE_URL_LENGTH_MAX: Final = 4_096
_MOVES: Final[dict[Status, frozenset[Status]]] = {
    "pending": frozenset({"identifying", "identified", "failed"}),
    "identifying": frozenset({"identified", "failed"}),
    "identified": frozenset(),
    "failed": frozenset({"pending", "identifying", "identified"}),
}
"""One way, steps may be left out. What has failed may be tried again, and a retry that nobody announced may have succeeded."""


def partition_of(image_url: str) -> str:
    """Where all that is said of a frame is kept."""
    return partition_for("capture", image_url)


def entity_of(sequence: int) -> str:
    """The log's entity of the capture that was recorded at ``sequence``."""
    return f"capture:{sequence}"


# What has happened.


class CaptureRecorded(Event):
    stored_as: ClassVar[str] = "capture-recorded.1"
    image_url: str
    source: str
    status: str
    person_id: str | None = None

    def entity(self, sequence: int) -> str:
        return entity_of(sequence)


class CaptureChanged(Event):
    """Anything that happens to a capture after it was recorded. ``capture`` is the sequence at which that was."""

    capture: int

    def entity(self, sequence: int) -> str:
        return entity_of(self.capture)


class CaptureStatusMoved(CaptureChanged):
    stored_as: ClassVar[str] = "capture-status-moved.1"
    status: str
    person_id: str | None = None


class CaptureReported(CaptureChanged):
    """A pipeline stored a frame that was there: what it ``said``, and what of that counts."""

    stored_as: ClassVar[str] = "capture-reported.1"
    said: str | None = None
    status: str | None = None
    person_id: str | None = None


EVENTS: Final = (CaptureRecorded, CaptureStatusMoved, CaptureReported)
CaptureEvent = CaptureRecorded | CaptureStatusMoved | CaptureReported


# What it amounts to.


class Capture(Document):
    image_url: str
    timestamp: int
    source: str
    status: Status
    person_id: str | None = None


def evolve(capture: Capture | None, entry: Entry) -> Capture:
    """The capture after one more entry. The first must be its CaptureRecorded."""
    event = entry.event
    if isinstance(event, CaptureRecorded):
        return Capture(
            id=make_id(entry.partition, "capture", entry.sequence),
            creation_time=entry.recorded_at,
            timestamp=entry.recorded_at,
            **event.model_dump(),
        )
    assert capture is not None, f"{entry.entity} does not begin with its recording"
    assert isinstance(event, CaptureStatusMoved | CaptureReported), f"{type(event).__name__} is no event of a capture"
    told = {"status": event.status, "person_id": event.person_id}
    return capture.model_copy(update={name: value for name, value in told.items() if value is not None})


# What may happen.


def _is_no_image(value: str) -> str:
    if value[:5].lower() == "data:":
        raise PydanticCustomError(
            "image_bytes", "must be a URL or a name, not the image itself: a capture keeps no bytes"
        )
    return value


ImageUrl = Annotated[
    str,
    StringConstraints(min_length=1, max_length=IMAGE_URL_LENGTH_MAX, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$"),
    AfterValidator(_is_no_image),
]
"""A URL, or what a pipeline calls the frame."""


class RecordCapture(Frozen):
    image_url: ImageUrl
    source: Name


class MoveCapture(Frozen):
    id: Name
    status: Status
    person_id: Name | None = None


class Report(Frozen):
    """A pipeline's own words: what else it says of the frame is not kept, since that may be the image."""

    model_config = ConfigDict(extra="ignore", alias_generator=None)

    capture_id: ImageUrl
    source: Name | None = None
    status: Name | None = None
    person_id: Name | None = None


class StoreCapture(Frozen):
    report: Annotated[Report, Field(alias="data")]


class CaptureNotFound(Refusal):
    code = "not_found"

    def __init__(self, capture_id: str) -> None:
        super().__init__(f"id: there is no capture {capture_id!r}", field="id")


class CaptureCannotMove(Refusal):
    code = "refused"

    def __init__(self, status: str, wanted: str) -> None:
        super().__init__(f"status: a capture that is {status} cannot become {wanted}", field="status", status=status)


def decide_recording(command: RecordCapture) -> list[CaptureEvent]:
    return [CaptureRecorded(image_url=command.image_url, source=command.source, status="pending")]


def decide_move(command: MoveCapture, capture: Capture | None) -> list[CaptureEvent]:
    """Where identification has come to, nothing where it is there already. Raises CaptureNotFound, CaptureCannotMove."""
    if capture is None:
        raise CaptureNotFound(command.id)
    is_moving = command.status != capture.status
    if is_moving and command.status not in _MOVES[capture.status]:
        raise CaptureCannotMove(capture.status, command.status)
    if not is_moving and command.person_id in (None, capture.person_id):
        return []
    return [CaptureStatusMoved(capture=_sequence(capture), status=command.status, person_id=command.person_id)]


def decide_report(command: StoreCapture, capture: Capture | None) -> list[CaptureEvent]:
    """What a pipeline's report changes. ``capture`` is the first of that name.

    One that is late, or whose status nobody knows, is kept and moves nothing back; one that says nothing new is no fact.
    """
    report = command.report
    known = _known(report.status)
    if capture is None:
        source = report.source or SOURCE_UNTOLD
        status = known or "pending"
        told: dict[str, Any] = {"source": source, "status": status, "person_id": report.person_id}
        return [CaptureRecorded(image_url=report.capture_id, **told)]
    moved = known if known in _MOVES[capture.status] else None
    is_late = report.status is not None and moved is None and known != capture.status
    # A report that came late may name whom nobody has named, but nobody else than a later one did.
    names = report.person_id not in (None, capture.person_id) and not (is_late and capture.person_id)
    person = report.person_id if names else None
    if moved is None and person is None and not is_late:
        return []
    return [CaptureReported(capture=_sequence(capture), said=report.status, status=moved, person_id=person)]


def _known(status: str | None) -> Status | None:
    return next((known for known in STATUSES if known == status), None)


def _sequence(capture: Capture) -> int:
    named = parse_id(capture.id)
    assert named is not None, f"{capture.id} is an Id of ours"
    return named.sequence
