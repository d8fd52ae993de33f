"""The contract's functions in the OpenAPI document: routes that take raw bytes still declare what is in them."""

from collections.abc import Iterable
from typing import Any, Final

from ledger.api.callers import ACTOR_LENGTH_MAX, KEY_LENGTH_MAX
from ledger.api.contract import method_of
from ledger.api.operations import operations
from ledger.api.shapes import REFERENCE, answer_shapes, of_model
from ledger.application.functions import Function, Mutation, Query

_ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "id": {"type": "string", "description": "An Id."},
    "ids": {"type": "array", "items": {"type": "string"}, "description": "Ids, in the order of the request."},
    "null": {"type": "null"},
    "attempt": {
        "type": "object",
        "required": ["isCurrent"],
        "properties": {
            "isCurrent": {"type": "boolean", "description": "Whether the attempt was still the one that counts."}
        },
    },
    "url": {"type": "string", "format": "uri", "description": "A URL on the origin that the caller used."},
}
_FAILURES: Final = {
    "401": "The ledger asks for a key, and the one that is shown is none, or was revoked.",
    "403": "The key is not for this; or Host or Origin are not answered.",
    "404": "Something that the request names does not exist.",
    "409": "The domain refuses, or the request conflicts with an earlier one.",
    "413": "The body is too large.",
    "422": "An argument breaks a rule; the error names the field and the rule.",
    "503": "The views or the log cannot answer now; try again.",
}
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["ok", "error"],
    "properties": {
        "ok": {"const": False},
        "error": {
            "type": "object",
            "required": ["code", "message", "detail"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "detail": {"type": "object"},
            },
        },
    },
}

_PRINTABLE: Final = "^[^\\x00-\\x1f\\x7f-\\xa0\\xad]*$"
"""No control characters, nor what else of Latin-1 cannot be seen."""

_AT_LEAST: Final = [
    {
        "name": name,
        "in": place,
        "required": False,
        "schema": {"type": "string"},
        "description": "A Ledger-Position: the answer shows that point or a later one, or is a 503.",
    }
    for name, place in (("Ledger-At-Least", "header"), ("atLeast", "query"))
]


def contract_schema(schema: dict[str, Any], functions: Iterable[Function]) -> dict[str, Any]:
    """An OpenAPI document with the contract's routes, and those of files and callbacks, added to it."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(answer_shapes(), Problem=_PROBLEM)
    schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for function in functions:
        if function.path is None:
            continue
        arguments, named = of_model(function.arguments)
        schemas.update(named)
        operation = _operation(function)
        if not isinstance(function, Query):
            operation["parameters"] = [
                _header("Idempotency-Key", KEY_LENGTH_MAX, "A write sent again under its key answers as it first did."),
                _header("Ledger-Actor", ACTOR_LENGTH_MAX, "Who writes; kept with every event."),
            ]
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": arguments}}}
        else:
            operation["parameters"] = [*_query_parameters(arguments), *_AT_LEAST]
        schema.setdefault("paths", {}).setdefault(function.path, {})[method_of(function).lower()] = operation
    schema["paths"].update(operations())
    return schema


def answer_schema(function: Function) -> dict[str, Any]:
    """The schema of what a function answers with."""
    if isinstance(function, Mutation):
        return _ANSWERS[function.answers]
    shape = {"$ref": REFERENCE.format(model=function.example)}
    # What asks for one session says null where there is none.
    return {"anyOf": [shape, {"type": "null"}]} if function.example in ("Session", "Job") else shape


def _operation(function: Function) -> dict[str, Any]:
    properties = {"result": answer_schema(function)}
    if isinstance(function, Mutation):
        properties["sequence"] = {"type": "integer"}
    success = {
        "type": "object",
        "required": ["ok", *properties],
        "properties": {"ok": {"const": True}, **properties},
    }
    headers: dict[str, Any] = {
        "Ledger-Position": {"schema": {"type": "string"}, "description": "The point in the ledger that is shown."}
    }
    if isinstance(function, Query):
        stale = "`true` where the answer may lack what was recorded before it was asked for."
        headers["Ledger-Stale"] = {"schema": {"type": "string"}, "description": stale}
        parked = "The sessions shown that lack events which the views could not apply, separated by commas."
        headers["Ledger-Parked"] = {"schema": {"type": "string"}, "description": parked}
    failures = {
        status: {
            "description": meaning,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, meaning in _FAILURES.items()
    }
    answered = {
        "description": "Carried out.",
        "headers": headers,
        "content": {"application/json": {"schema": success}},
    }
    return {
        "operationId": function.name.replace(":", "_"),
        "summary": function.summary,
        "tags": [function.name.partition(":")[0]],
        "security": [{}, {"key": [function.scope]}],
        "responses": {"200": answered, **failures},
    }


def _query_parameters(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    required = arguments.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            **_carried(schema if name in required else _or_null(schema)),
        }
        for name, schema in arguments["properties"].items()
    ]


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What is optional may be null as well: that counts as not given."""
    null, branches = {"type": "null"}, schema.get("anyOf")
    if branches is not None:
        return schema if null in branches else {**schema, "anyOf": [*branches, null]}
    said: dict[str, Any] = {name: schema[name] for name in ("default", "description") if name in schema}
    return {"anyOf": [{name: value for name, value in schema.items() if name not in said}, null], **said}


def _carried(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema; objects travel as JSON."""
    objects = any("$ref" in branch for branch in schema.get("anyOf", [schema]))
    return {"content": {"application/json": {"schema": schema}}} if objects else {"schema": schema}


def _header(name: str, length_max: int, description: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": length_max, "pattern": _PRINTABLE}
    return {"name": name, "in": "header", "required": False, "schema": schema, "description": description}
