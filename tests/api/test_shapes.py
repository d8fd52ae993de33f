"""The shapes of answers, and the small checker that holds real answers against them."""

from typing import Any, Final

import pytest

from ledger.api.shapes import answer_shapes, of_model
from ledger.application.catalogue import FUNCTIONS
from ledger.application.functions import Query
from ledger.application.stills import ListStills

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def complaints(value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str = "$") -> list[str]:
    """Where a JSON value is not what a schema says. Objects may only have fields that the schema names."""
    if "$ref" in schema:
        return complaints(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, at)
    if "anyOf" in schema:
        branches = [complaints(value, branch, schemas, at) for branch in schema["anyOf"]]
        return [] if [] in branches else [problem for branch in branches for problem in branch]
    if "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        return [] if value in allowed else [f"{at}: {value!r} is not among {allowed}"]
    kind = schema.get("type")
    if kind is None:
        return []
    if type(value) not in _TYPES[kind]:
        return [f"{at}: {value!r} is no {kind}"]
    if kind == "array" and "items" in schema:
        return [it for n, item in enumerate(value) for it in complaints(item, schema["items"], schemas, f"{at}[{n}]")]
    if kind == "object" and "properties" in schema:
        fields = schema["properties"]
        wrong = [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
        wrong += [f"{at}: {name} is not published" for name in value if name not in fields]
        inner = (
            complaints(item, fields[name], schemas, f"{at}.{name}") for name, item in value.items() if name in fields
        )
        return wrong + [problem for found in inner for problem in found]
    return []


def test_every_answer_has_its_shape():
    assert {function.example for function in FUNCTIONS if isinstance(function, Query)} <= answer_shapes().keys()


def test_stored_documents_are_open_and_never_null():
    for name in ("Session", "Camera", "DirectorEvent", "Still", "Asset", "MusicMoment"):
        schema = answer_shapes()[name]
        assert "additionalProperties" not in schema
        assert "null" not in str(schema["properties"])
        assert schema["required"][:2] == ["_id", "_creationTime"]


def test_rules_are_said_in_json_schemas_words():
    schema, _ = of_model(ListStills)
    limit = schema["properties"]["limit"]
    assert limit == {"default": 100, "maximum": 10_000, "minimum": 1, "type": "integer"}


@pytest.mark.parametrize(
    "value",
    [
        {"id": 5},
        {"id": "a", "count": True},
        {"id": "a", "count": 1.5},
        {"id": "a", "other": 1},
        {"id": "a", "tags": ["x", 5]},
        {"id": "a", "mode": "c"},
        {"id": "a", "either": []},
        {},
        [],
    ],
)
def test_what_is_not_published_is_found(value: Any):
    schema: dict[str, Any] = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string"},
            "count": {"type": "integer"},
            "tags": {"type": "array", "items": {"$ref": "#/components/schemas/Tag"}},
            "mode": {"enum": ["a", "b"]},
            "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
    }
    schemas = {"Tag": {"type": "string"}}
    assert len(complaints(value, schema, schemas)) >= 1
    assert complaints({"id": "a", "count": 1, "tags": ["x"], "mode": "a", "either": None}, schema, schemas) == []
