"""The shapes of the contract's answers, for the published schema: made from the models that the documents are made of."""

from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from ledger.domain.activity import Activity
from ledger.domain.assets import Asset
from ledger.domain.cameras import Camera
from ledger.domain.captures import Capture
from ledger.domain.clocks import WriterClock
from ledger.domain.cutlog import CutLog
from ledger.domain.devices import DeviceNumbers
from ledger.domain.director import DirectorEvent
from ledger.domain.documents import Document
from ledger.domain.images import Image
from ledger.domain.jobs import Job
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.poses import PoseWindow
from ledger.domain.program.compare import CutLogComparison
from ledger.domain.program.explain import Explanation
from ledger.domain.proofs import (
    LedgerHead,
    Receipt,
    SessionConsistency,
    SessionHead,
    SessionProof,
    ShardConsistency,
    StoredEntry,
)
from ledger.domain.recordings import Documentation, OcrResult, Recording, Screenshot
from ledger.domain.sessions import Session
from ledger.domain.stills import Still
from ledger.domain.videos import Video

Schema = dict[str, Any]

REFERENCE: Final = "#/components/schemas/{model}"
_RULES_OF_JSON: Final = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_DOCUMENTS: Final[tuple[type[Document], ...]] = (Session, Camera, DirectorEvent, Still, Asset, Capture, Activity, Job)
_APART: Final[tuple[type[Document], ...]] = (Image, Video, Recording, Screenshot, OcrResult, Documentation)
_ANSWERS: Final[tuple[type[BaseModel], ...]] = (
    CutLog,
    CutLogComparison,
    Explanation,
    PoseWindow,
    WriterClock,
    DeviceNumbers,
    SessionHead,
    LedgerHead,
    Receipt,
    SessionProof,
    SessionConsistency,
    ShardConsistency,
    StoredEntry,
)

_ARRAYS: Final = {
    "Cameras": "Camera",
    "Stills": "Still",
    "MusicMoments": "MusicMoment",
    "Assets": "Asset",
    "Captures": "Capture",
    "Activities": "Activity",
    "WriterClocks": "WriterClock",
    "WriterGaps": "DeviceNumbers",
    "PoseWindows": "PoseWindow",
    "Keys": "Key",
    "Jobs": "Job",
    "Images": "Image",
    "Recordings": "Recording",
    "Screenshots": "Screenshot",
    "OcrResults": "OcrResult",
    "Parked": "ParkedSession",
    "Replayed": "ReplayedSession",
}


def of_model(model: type[BaseModel]) -> tuple[Schema, dict[str, Schema]]:
    """The schema of what a model takes, and those that it refers to, by name."""
    schema = _tidy(TypeAdapter(model).json_schema(ref_template=REFERENCE))
    return schema, schema.pop("$defs", {})


def answer_shapes() -> dict[str, Schema]:
    """Every shape that a query names as its answer's, and all that they refer to, by name."""
    music, shapes = of_model(MusicMomentRecorded)
    music = _answered(music, never_null=True)
    own: Schema = {"_id": _text, "_creationTime": _number, "sessionId": _text, "createdAt": {"type": "integer"}}
    shapes["MusicMoment"] = {
        **music,
        "properties": own | music["properties"],
        "required": [*own, *music["required"]],
        "title": "MusicMoment",
        "description": "A music moment, as it was recorded.",
    }
    for document in (*_DOCUMENTS, *_APART):
        schema, named = of_model(document)
        for name, field in document.model_fields.items():
            if field.exclude:
                del schema["properties"][field.alias or name]
        shapes |= named | {document.__name__: _answered(schema, never_null=True)}
    for answer in _ANSWERS:
        schema, named = of_model(answer)
        shapes = {name: _answered(it) for name, it in (named | {answer.__name__: schema}).items()} | shapes
    shapes |= {name: _array(item) for name, item in _ARRAYS.items()}
    pages = {
        "SessionPage": "Session",
        "DirectorEventPage": "DirectorEvent",
        "HistoryPage": "HistoryLine",
        "StoredEntryPage": "StoredEntry",
    }
    shapes |= {name: _page(item) for name, item in pages.items()}
    shapes["Image"]["properties"]["url"] = _text
    return shapes | {
        "ClaimedJob": _CLAIMED_JOB,
        "Nothing": {"type": "null"},
        "HistoryLine": _HISTORY_LINE,
        "Timeline": _TIMELINE,
        "Key": _KEY,
        "ParkedSession": _PARKED,
        "ReplayedSession": _REPLAYED,
        "Rebuild": _REBUILD,
    }


def _tidy(schema: Any) -> Any:
    """Without the titles that repeat a field's name, nulls as defaults, and rules that are not JSON Schema's own words."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {_RULES_OF_JSON.get(name, name): _tidy(value) for name, value in schema.items()}
    if isinstance(tidied.get("properties"), dict):
        for field in tidied["properties"].values():
            field.pop("title", None)
    if tidied.get("default", 0) is None:
        del tidied["default"]
    return tidied


def _answered(schema: Schema, *, never_null: bool = False) -> Schema:
    """A model's schema as that of an answer: open to fields of later versions; stored documents have no nulls."""
    answered = {name: value for name, value in schema.items() if name != "additionalProperties"}
    if never_null and "properties" in answered:
        answered["properties"] = {name: _without_null(field) for name, field in answered["properties"].items()}
    return answered


def _without_null(field: Schema) -> Schema:
    if "anyOf" not in field:
        return field
    branches = [branch for branch in field["anyOf"] if branch != {"type": "null"}]
    rest = {name: value for name, value in field.items() if name != "anyOf"}
    return {**rest, **branches[0]} if len(branches) == 1 else {**rest, "anyOf": branches}


def _reference(name: str) -> Schema:
    return {"$ref": REFERENCE.format(model=name)}


def _array(item: str) -> Schema:
    return {"type": "array", "items": _reference(item)}


def _object(required: Schema, optional: Iterable[tuple[str, Schema]] = (), description: str = "") -> Schema:
    said = {"description": description} if description else {}
    return {"type": "object", "required": list(required), "properties": required | dict(optional), **said}


def _page(item: str) -> Schema:
    return _object({"page": _array(item), "isDone": {"type": "boolean"}, "continueCursor": _text})


_text: Final[Schema] = {"type": "string"}
_number: Final[Schema] = {"type": "number"}
_KEY: Final = _object(
    {
        "name": _text,
        "scopes": {"type": "array", "items": _text},
        "createdAt": {"type": "integer"},
        "createdBy": _text,
    },
    [("sessionId", _text), ("revokedAt", {"type": "integer"}), ("revokedBy", _text)],
    "An access key; of the key itself not even its digest is shown.",
)
_PARKED: Final = _object(
    {
        "sessionId": _text,
        "sequence": {
            "type": "integer",
            "description": "Of the event that cannot be applied; those after it wait for it.",
        },
        "error": _text,
        "entries": {"type": "integer", "description": "How many events are parked, that one among them."},
        "parkedAt": {"type": "integer"},
    },
    description="A session that the views show without its events from one on.",
)
_REPLAYED: Final = _object(
    {"sessionId": _text, "applied": {"type": "integer"}},
    [("error", {"type": "string", "description": "Why the rest is still parked."})],
    "What came of applying what was parked of a session.",
)
_CLAIMED_JOB: Final[Schema] = {
    "anyOf": [
        _object(
            {"jobId": _text, "kind": _text, "attempt": {"type": "integer"}},
            [
                ("subject", {"type": "string", "description": "The Id of what it is about."}),
                ("input", {}),
                ("leaseUntil", {"type": "integer"}),
                (
                    "leaseMs",
                    {"type": "integer", "description": "How long without a sign of life it stays the caller's."},
                ),
                ("fileUrl", {"type": "string", "description": "Where the file is had that it is about, for a while."}),
            ],
            "A job that the caller has now.",
        ),
        {"type": "null"},
    ]
}
_REBUILD: Final[Schema] = {
    "type": ["object", "null"],
    "required": ["state", "number", "done", "total", "tables"],
    "properties": {
        "state": {"enum": ["building", "comparing", "done", "failed"]},
        "number": {"type": "integer", "description": "Of the build."},
        "done": {"type": "integer"},
        "total": {"type": "integer", "description": "Entries that it must take up before it is shown."},
        "error": _text,
        "tables": {
            "type": "array",
            "items": _object(
                {"table": _text, "rows": {"type": "integer"}, "sha256": _text},
                [
                    (
                        "difference",
                        {"type": ["string", "null"], "description": "The first row that is another than before."},
                    )
                ],
            ),
        },
    },
    "description": "A build of the views beside those that are shown.",
}
_HISTORY_LINE: Final = _object(
    {
        "sequence": {"type": "integer"},
        "type": {"type": "string", "description": "The event's stored name."},
        "recordedAt": {"type": "integer"},
        "actor": _text,
        "entityId": {"type": "string", "description": "The Id of what the event is about."},
        "body": {"type": "object", "description": "The event as it is stored."},
    },
    [("correctedBy", {"type": "string", "description": "The Id of the correction that counts."})],
    "One entry of a session's history.",
)
_TIMELINE: Final = _object(
    {
        "session": _reference("Session"),
        "cameras": _array("Camera"),
        "directorEvents": _array("DirectorEvent"),
        "stillCandidates": _array("Still"),
        "musicMoments": _array("MusicMoment"),
    },
    [("truncated", {"const": True, "description": "The window holds more than is answered with."})],
    "One coherent snapshot of a session.",
)
