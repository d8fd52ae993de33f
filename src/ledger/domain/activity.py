"""Activity: what happened to a capture, told in a line. It is derived, and records nothing of its own."""

from ledger.domain.captures import CaptureRecorded, CaptureStatusMoved
from ledger.domain.documents import Document
from ledger.domain.entries import Entry
from ledger.domain.ids import make_id


class Activity(Document):
    type: str
    message: str
    timestamp: int
    person_id: str | None = None


def activity_of(entry: Entry) -> Activity | None:
    """The line that an entry is worth, None for one that is not."""
    match entry.event:
        case CaptureRecorded() as recorded:
            kind, message = "capture", f"New face captured via {recorded.source}"
            person = recorded.person_id
        case CaptureStatusMoved() as moved:
            kind, message = "status", f"Capture is {moved.status}"
            person = moved.person_id
        case _:
            return None
    return Activity(
        id=make_id(entry.partition, "activity", entry.sequence),
        creation_time=entry.recorded_at,
        type=kind,
        message=message,
        timestamp=entry.recorded_at,
        person_id=person,
    )
