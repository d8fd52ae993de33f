"""The types as text; that a compiler takes them is in ``tests/clients``."""

import pytest

from ledger.api.functions.declarations import declarations, type_of
from ledger.api.functions.published import published
from ledger.application.catalogue import FUNCTIONS


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, "number"),
        ({"type": "null"}, "null"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "number"),
        ({"anyOf": [{"$ref": "#/components/schemas/Session"}, {"type": "null"}]}, "Session | null"),
        ({"enum": ["a", 1]}, '"a" | 1'),
        ({"const": True}, "true"),
        ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "Array<string | null>"),
        ({"type": "object"}, "Record<string, any>"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "Record<string, number>"),
        ({"type": "object", "properties": {"a-b": {"type": "string"}}, "required": []}, '{ "a-b"?: string; }'),
        ({}, "any"),
    ],
)
def test_a_schema_is_a_type(schema: dict[str, object], expected: str):
    assert type_of(schema) == expected


def test_a_comment_ends_where_it_should():
    told = {"functions": {}, "components": {"schemas": {"A": {"type": "string", "description": "ends */ here"}}}}
    assert "/** ends * / here */\nexport type A = string;" in declarations(told)


def test_every_function_is_declared_in_its_module():
    text = declarations(published(FUNCTIONS))
    for function in FUNCTIONS:
        module, name = function.name.split(":")
        assert f"    {name}: FunctionReference<" in text.split(f"  {module}: {{")[1].split("\n  };")[0]
