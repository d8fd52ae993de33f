"""The contract's functions in the OpenAPI document: routes that take raw bytes still declare what is in them."""

from collections.abc import Iterable
from typing import Any, Final

from pydantic import TypeAdapter

from ledger.application.functions import Function, Mutation

_ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "id": {"type": "string", "description": "An Id."},
    "ids": {"type": "array", "items": {"type": "string"}, "description": "Ids, in the order of the request."},
    "null": {"type": "null"},
}
_FAILURES: Final = {
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


def contract_schema(schema: dict[str, Any], functions: Iterable[Function]) -> dict[str, Any]:
    """An OpenAPI document with the contract's routes added to it."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    for function in functions:
        method = "post" if isinstance(function, Mutation) else "get"
        arguments = TypeAdapter(function.arguments).json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(arguments.pop("$defs", {}))
        operation = _operation(function)
        if isinstance(function, Mutation):
            operation["parameters"] = [_header("Idempotency-Key"), _header("Ledger-Actor")]
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": arguments}}}
        else:
            operation["parameters"] = [*_query_parameters(arguments), _header("Ledger-At-Least")]
        schema.setdefault("paths", {}).setdefault(function.path, {})[method] = operation
    return schema


def _operation(function: Function) -> dict[str, Any]:
    if isinstance(function, Mutation):
        properties = {"result": _ANSWERS[function.answers], "sequence": {"type": "integer"}}
    else:
        properties = {"result": {"title": function.example}}
    success = {
        "type": "object",
        "required": ["ok", *properties],
        "properties": {"ok": {"const": True}, **properties},
    }
    position = {"Ledger-Position": {"schema": {"type": "string"}, "description": "The point in the ledger that is shown."}}
    failures = {
        status: {
            "description": meaning,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, meaning in _FAILURES.items()
    }
    answered = {
        "description": "Carried out.",
        "headers": position,
        "content": {"application/json": {"schema": success}},
    }
    return {
        "operationId": function.name.replace(":", "_"),
        "summary": function.summary,
        "tags": [function.name.partition(":")[0]],
        "responses": {"200": answered, **failures},
    }


def _query_parameters(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    required = arguments.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, **_carried(schema)}
        for name, schema in arguments["properties"].items()
    ]


def _carried(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema; objects travel as JSON."""
    objects = any("$ref" in branch for branch in schema.get("anyOf", [schema]))
    return {"content": {"application/json": {"schema": schema}}} if objects else {"schema": schema}


def _header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
