"""The published schema: whole, valid, and true of what the server really answers."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from ledger.application.functions import Function, Query
from tests.api.locked import ROUTED
from tests.api.test_shapes import complaints
from tests.serving import Serving

METHODS: Final = {"get", "post", "put", "delete", "patch", "options", "head", "trace"}
KEYWORDS: Final = {
    *("$ref", "type", "const", "enum", "anyOf", "oneOf", "default", "title", "description", "format"),
    *("properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern"),
}


@pytest.fixture(scope="module")
def published(serving: Serving) -> dict[str, Any]:
    answer = serving.client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    document: dict[str, Any] = answer.json()
    return document


def _operations(published: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in published["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _schemas(published: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema in the document, those inside others too."""
    pending: list[Any] = list(published["components"]["schemas"].values())
    for _, _, operation in _operations(published):
        carriers = [
            *operation.get("parameters", []),
            *operation["responses"].values(),
            operation.get("requestBody", {}),
        ]
        carriers += [
            header for response in operation["responses"].values() for header in response.get("headers", {}).values()
        ]
        for carrier in carriers:
            pending += [carrier["schema"]] if "schema" in carrier else []
            pending += [media["schema"] for media in carrier.get("content", {}).values() if "schema" in media]
    while pending:
        schema = pending.pop()
        if isinstance(schema, dict):
            yield schema
            pending += [
                *schema.get("properties", {}).values(),
                *schema.get("anyOf", []),
                *schema.get("prefixItems", []),
            ]
            pending += [schema[inner] for inner in ("items", "additionalProperties") if inner in schema]


def test_it_is_an_openapi_3_1_document(published: dict[str, Any]):
    assert published["openapi"].startswith("3.1.")
    assert published["info"]["title"]
    assert published["info"]["version"]
    assert set(published) <= {"openapi", "info", "paths", "components", "tags"}
    names = []
    for path, method, operation in _operations(published):
        assert path.startswith("/")
        assert method in METHODS
        names.append(operation["operationId"])
        assert operation["summary"]
        for status, response in operation["responses"].items():
            assert status.isdecimal()
            assert response["description"]
        parameters = operation.get("parameters", [])
        assert len({(it["name"], it["in"]) for it in parameters}) == len(parameters)
        for parameter in parameters:
            assert parameter["in"] in ("query", "header", "path")
            assert (parameter["in"] == "path") == (f"{{{parameter['name']}}}" in path)
            assert ("schema" in parameter) != ("content" in parameter)
    assert len(names) == len(set(names))


def test_every_schema_is_in_json_schemas_own_words_and_resolves(published: dict[str, Any]):
    for schema in _schemas(published):
        assert schema.keys() <= KEYWORDS, schema
        if "$ref" in schema:
            place, _, name = schema["$ref"].rpartition("/")
            assert place == "#/components/schemas"
            assert name in published["components"]["schemas"]


@pytest.mark.parametrize("function", ROUTED, ids=lambda function: function.name)
def test_every_function_is_on_its_route_with_its_arguments(published: dict[str, Any], function: Function):
    item = published["paths"][function.path]
    fields = {field.alias or name: field.is_required() for name, field in function.arguments.model_fields.items()}
    if not isinstance(function, Query):
        schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert schema["properties"].keys() == fields.keys()
        assert set(schema.get("required", [])) == {name for name, required in fields.items() if required}
        assert {it["name"] for it in item["post"]["parameters"]} == {"Idempotency-Key", "Ledger-Actor"}
    else:
        asked = {it["name"]: it["required"] for it in item["get"]["parameters"] if it["in"] == "query"}
        assert asked == fields | {"atLeast": False}
        assert [it["name"] for it in item["get"]["parameters"] if it["in"] == "header"] == ["Ledger-At-Least"]


@pytest.fixture(scope="module")
def session_id(serving: Serving) -> str:
    """A session with one of everything, a correction and a hold included; the cut stands at sequence 3."""
    session_id = serving.session(status="rolling", title="t", metadata=[1], timestampMs=0.5)
    about = {"sessionId": session_id}
    camera = {"cameraId": "c", "sourceType": "s", "role": "r", "priorityWeight": 1, "isActive": True}
    serving.record("camera/upsert", **about, **camera, isWideFallback=True)
    serving.record("event", **about, timestampMs=1, eventType="cut", cameraId="c", score=0.5)
    corrected = serving.record("event", **about, timestampMs=500, eventType="hold", cameraId="c")
    serving.record("event/correct", **about, eventId=corrected, changes={"score": 1}, reason="late")
    serving.record("still-candidate", **about, cameraId="c", timestampMs=1, score=1, poseLabel="p")
    serving.record("music-moment", **about, timestampMs=1, section="drop", audioSnapshot={"a": None})
    serving.record("asset", **about, assetType="clip", path="/a", status="final")
    serving.record("session/complete", **about, timestampMs=2_000)
    return session_id


ALSO_ASKED: Final[dict[str, Callable[[str], dict[str, str]]]] = {
    "production:getCutLog": lambda session_id: {"rate": "25"},
    "production:explainCut": lambda session_id: {"eventId": f"{session_id}-e3"},
    "production:compareCutLogs": lambda session_id: {"fromSequence": "3"},
    "jobs:get": lambda session_id: {"jobId": f"{session_id}-j1"},
    "production:getReceipt": lambda session_id: {"eventId": f"{session_id}-e3"},
    "production:getSessionConsistency": lambda session_id: {"fromSequence": "3"},
    "ledger:getConsistency": lambda session_id: {"fromPosition": "3"},
}


@pytest.mark.parametrize("query", [it for it in ROUTED if isinstance(it, Query)], ids=lambda query: query.name)
def test_what_is_answered_is_what_is_published(
    serving: Serving, published: dict[str, Any], session_id: str, query: Query
):
    asked = {"sessionId": session_id} if "session_id" in query.arguments.model_fields else {}
    asked |= ALSO_ASKED.get(query.name, lambda _: {})(session_id)
    assert query.path is not None
    answer = serving.client.get(query.path, params=asked)
    assert answer.status_code == 200, answer.text
    success = published["paths"][query.path]["get"]["responses"]["200"]
    schemas = published["components"]["schemas"]
    assert complaints(answer.json(), success["content"]["application/json"]["schema"], schemas) == []
    assert {name.lower() for name in success["headers"]} >= {
        name for name in answer.headers if name.startswith("ledger-")
    }
    refused = serving.client.get(query.path, params=asked | {"nothing": "1"})
    assert complaints(refused.json(), {"$ref": "#/components/schemas/Problem"}, schemas) == []


def test_what_a_write_answers_is_what_is_published(serving: Serving, published: dict[str, Any], session_id: str):
    events = [{"timestampMs": 1, "eventType": "cut"}]
    for route, arguments in (
        ("event", events[0]),
        ("event/batch", {"events": events}),
        ("session/update", {"notes": "n"}),
    ):
        answer = serving.post(route, {"sessionId": session_id, **arguments}).json()
        success = published["paths"][f"/production/{route}"]["post"]["responses"]["200"]
        assert (
            complaints(answer, success["content"]["application/json"]["schema"], published["components"]["schemas"])
            == []
        )


def test_the_documents_of_the_contract_have_its_fields(published: dict[str, Any]):
    schemas = published["components"]["schemas"]
    assert schemas["Still"]["required"] == [
        *("_id", "_creationTime", "sessionId", "cameraId", "timestampMs", "score", "isFavorite", "selectedForEdit"),
        *("createdAt", "updatedAt"),
    ]
    assert {"section", "tempo", "confidence", "phase", "energy", "motionSignature"} <= schemas["MusicMoment"][
        "properties"
    ].keys()
    assert set(schemas["Session"]["properties"]["status"]["enum"]) == {
        "setup",
        "rolling",
        "paused",
        "complete",
        "cancelled",
    }
