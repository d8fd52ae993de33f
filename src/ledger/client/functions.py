"""The writes of the contract as a client knows them: each function's route, and the rules for its arguments."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from ledger.client.references import is_referring
from ledger.domain.arguments import parse_arguments
from ledger.domain.assets import RegisterAsset
from ledger.domain.cameras import SetCameraState, UpsertCamera
from ledger.domain.captures import MoveCapture, RecordCapture, StoreCapture
from ledger.domain.devices import RecordLoss
from ledger.domain.director import CorrectDirectorEvent, MarkHeroPose, RecordDirectorEvent
from ledger.domain.ids import PartitionKind, partition_for
from ledger.domain.images import MoveGeneration, SaveGenerated, ScheduleGeneration
from ledger.domain.music import RecordMusicMoment
from ledger.domain.recordings import (
    CompleteRecording,
    CreateRecording,
    CreateScreenshot,
    StoreDocumentation,
    StoreOcrResult,
)
from ledger.domain.refusals import Invalid
from ledger.domain.sessions import CompleteSession, ReopenSession, StartSession, UpdateSession
from ledger.domain.stills import RecordStill, UpdateStill
from ledger.domain.values import Frozen
from ledger.domain.videos import CreateVideo, UpdateVideoResults, UpdateVideoStatus

START: Final = "production:startProductionSession"
DIRECTOR_EVENT: Final = "production:appendDirectorEvent"
LOSS: Final = "ledger:recordLoss"
DIRECTOR_EVENTS: Final = "production:appendDirectorEventsBatch"
BATCH_PATH: Final = "/production/event/batch"
BY_NAME_PATH: Final = "/api/mutation"
"""Where a function is called that has no route of its own."""
SERIES_PATH: Final = "/api/mutation_batch"
"""Where several are called in one request, each by its name."""


class Function(NamedTuple):
    """Where a function is, and what it takes."""

    path: str | None
    """Its route; None where only its name leads to it."""
    arguments: type[Frozen]


FUNCTIONS: Final[dict[str, Function]] = {
    START: Function("/production/session/start", StartSession),
    "production:updateProductionSession": Function("/production/session/update", UpdateSession),
    "production:completeProductionSession": Function("/production/session/complete", CompleteSession),
    "production:reopenProductionSession": Function("/production/session/reopen", ReopenSession),
    "production:upsertProductionCamera": Function("/production/camera/upsert", UpsertCamera),
    "production:setProductionCameraState": Function("/production/camera/state", SetCameraState),
    DIRECTOR_EVENT: Function("/production/event", RecordDirectorEvent),
    "production:markHeroPose": Function("/production/hero-pose", MarkHeroPose),
    "production:correctDirectorEvent": Function("/production/event/correct", CorrectDirectorEvent),
    "production:createStillCandidate": Function("/production/still-candidate", RecordStill),
    "production:updateStillCandidate": Function("/production/still/update", UpdateStill),
    "production:appendMusicMoment": Function("/production/music-moment", RecordMusicMoment),
    "production:createProductionAsset": Function("/production/asset", RegisterAsset),
    "captures:create": Function("/captures", RecordCapture),
    "captures:updateStatus": Function("/captures/status", MoveCapture),
    "captures:store": Function("/captures/store", StoreCapture),
    "generate:scheduleImageGeneration": Function(None, ScheduleGeneration),
    "generate:updateImageStatus": Function(None, MoveGeneration),
    "generate:saveGeneratedImage": Function(None, SaveGenerated),
    "videos:createVideo": Function(None, CreateVideo),
    "videos:updateStatus": Function(None, UpdateVideoStatus),
    "videos:updateResults": Function(None, UpdateVideoResults),
    "sessions:createSession": Function(None, CreateRecording),
    "sessions:completeSession": Function(None, CompleteRecording),
    "screenshots:createScreenshot": Function(None, CreateScreenshot),
    "ocrResults:storeResult": Function(None, StoreOcrResult),
    "documentation:storeDocumentation": Function(None, StoreDocumentation),
    LOSS: Function("/ledger/devices/loss", RecordLoss),
}
_TIMED: Final = frozenset(name for name, known in FUNCTIONS.items() if "timestamp_ms" in known.arguments.model_fields)
"""What has a time of the caller's."""
BEGINS: Final[dict[str, PartitionKind]] = {
    START: "session",
    "generate:scheduleImageGeneration": "image",
    "videos:createVideo": "video",
    "sessions:createSession": "recording",
}
"""What begins a partition of its own, whose Id follows from its writer and its key, and is known before the ledger is asked."""


class Call(NamedTuple):
    """A fact as it is kept until the ledger has taken it."""

    function: str
    session: str
    """The session's Id or reference, empty where the function names none. Not among the arguments."""
    kind: str
    """What it is when it comes to what may be dropped: a director event's type, or else the function as writers call it."""
    refers: bool
    """Whether an argument is a reference."""
    arguments: str
    """As JSON."""

    @property
    def size(self) -> int:
        return len(self.arguments.encode()) + len(self.session.encode())


def call_of(function: str, arguments: Mapping[str, Any], now_ms: Callable[[], float]) -> Call:
    """The fact that a call of the contract states; its ``timestampMs`` is now, by the device's clock, where none is given.

    Raises Invalid, naming the field and the rule, also for a function that is none of these.
    """
    name = _named(function)
    known = FUNCTIONS.get(name)
    if known is None:
        listed = ", ".join(sorted(map(_called, FUNCTIONS)))
        raise Invalid("function", f"{function!r} is not one that a writer sends; those are {listed}")
    given = {field: value for field, value in arguments.items() if value is not None}
    if name in _TIMED:
        given.setdefault("timestampMs", now_ms())
    command = parse_arguments(known.arguments, given)
    if name == "production:markHeroPose":  # is that event, and goes out with others in one batch
        name, given["eventType"] = DIRECTOR_EVENT, "hero_pose_marker"
        command = parse_arguments(RecordDirectorEvent, given)
    kind = given["eventType"] if name == DIRECTOR_EVENT else _called(name)
    stated = command.__pydantic_serializer__.to_json(
        command, by_alias=True, exclude_unset=True, exclude={"session_id"}
    ).decode()
    return Call(name, given.get("sessionId", ""), kind, is_referring(given), stated)


def is_of_session(function: str) -> bool:
    """Whether what is called is of a session that is named, be it a shoot's or a recording's."""
    known = FUNCTIONS.get(_named(function))
    return known is not None and "session_id" in known.arguments.model_fields


def _named(function: str) -> str:
    """A function's whole name."""
    return function if ":" in function else f"production:{function}"


def _called(name: str) -> str:
    """What writers call a function: those of a shoot need no namespace."""
    return name.removeprefix("production:")


def id_begun(function: str, actor: str, key: str) -> str:
    """The Id of what a call begins, one of ``BEGINS``, under an idempotency key."""
    kind = BEGINS[function]
    return partition_for(kind, actor, key) if function == START else partition_for(kind, actor, key, function)
