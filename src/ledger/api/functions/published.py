"""Every function with the types of its arguments and of its answer, for whoever wants to call them by name."""

from collections.abc import Iterable
from typing import Any

from ledger.api.contract import method_of
from ledger.api.openapi import answer_schema
from ledger.api.shapes import answer_shapes, of_model
from ledger.application.functions import Function, Query


def published(functions: Iterable[Function]) -> dict[str, Any]:
    """``functions`` by name, and in ``components`` the schemas that they refer to, as in the OpenAPI document."""
    schemas = answer_shapes()
    told: dict[str, Any] = {}
    for function in functions:
        arguments, named = of_model(function.arguments)
        schemas.update(named)
        told[function.name] = {
            "kind": kind_of(function),
            "summary": function.summary,
            "scope": function.scope,
            "arguments": arguments,
            "answer": answer_schema(function),
            **({"route": f"{method_of(function)} {function.path}"} if function.path is not None else {}),
            **({"views": sorted(function.views)} if isinstance(function, Query) else {}),
        }
    return {"functions": dict(sorted(told.items())), "components": {"schemas": schemas}}


def kind_of(function: Function) -> str:
    return type(function).__name__.lower()
