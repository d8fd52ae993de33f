import json
from typing import Any

from ledger.api.functions.published import published
from ledger.application.catalogue import BY_NAME, FUNCTIONS
from ledger.application.functions import Query
from tests.api.test_shapes import complaints
from tests.serving import Serving


def test_every_function_is_published_with_its_types(serving: Serving):
    answer = serving.client.get("/api/functions")
    assert answer.headers["Content-Type"] == "application/json"
    told: dict[str, Any] = answer.json()
    assert told == json.loads(json.dumps(published(FUNCTIONS)))
    assert told["functions"].keys() == BY_NAME.keys()
    for name, function in told["functions"].items():
        fields = {field.alias or own for own, field in BY_NAME[name].arguments.model_fields.items()}
        assert function["arguments"]["properties"].keys() == fields if fields else True
        assert function["scope"] == BY_NAME[name].scope
        assert ("views" in function) == isinstance(BY_NAME[name], Query)


def test_an_answer_is_of_its_published_type(serving: Serving):
    serving.client.post("/captures", json={"imageUrl": "typed", "source": "s"})
    told = serving.client.get("/api/functions").json()
    asked = {"path": "captures:listRecent", "args": {}, "format": "json"}
    value = serving.client.post("/api/query", json=asked).json()["value"]
    shape = told["functions"]["captures:listRecent"]["answer"]
    assert value
    assert complaints(value, shape, told["components"]["schemas"]) == []


def test_every_reference_leads_somewhere():
    told = published(FUNCTIONS)
    references = json.dumps(told).split('"$ref": "#/components/schemas/')[1:]
    assert {reference.partition('"')[0] for reference in references} <= told["components"]["schemas"].keys()
