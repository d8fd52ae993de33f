"""The page at ``/docs``: the OpenAPI document as plain HTML. It holds no script, and loads nothing from anywhere."""

import base64
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

Schema = dict[str, Any]

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "section{border-top:1px solid #8888;padding-bottom:1rem}code{font:14px ui-monospace,monospace}"
    "td,th{padding:.1rem 1.5rem .1rem 0;text-align:left;vertical-align:top}"
)
_STYLE_HASH: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a browser may do with the page: lay it out."""
_BOUNDS: Final = {
    "minimum": "from {}",
    "maximum": "up to {}",
    "minLength": "from {} characters",
    "maxLength": "up to {} characters",
    "maxItems": "up to {} of them",
}


def add_reference(app: FastAPI) -> None:
    """Serve the page of an application's own document."""

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(reference_page(app.openapi()), headers={"Content-Security-Policy": POLICY})


def reference_page(document: Schema) -> str:
    """Every operation of an OpenAPI document with its arguments and answer, and every shape that they name."""
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    operations = [
        _operation(method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    shapes = [
        f'<section id="{escape(name)}"><h3>{escape(name)}</h3>{_described(schema)}{_fields(schema)}</section>'
        for name, schema in sorted(document["components"]["schemas"].items())
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{escape(document['info'].get('summary', ''))}"
        ' The same for machines: <a href="/openapi.json">/openapi.json</a>.</p>'
        f"<h2>Functions</h2>{''.join(operations)}<h2>Shapes</h2>{''.join(shapes)}</html>"
    )


def _operation(method: str, path: str, operation: Schema) -> str:
    scopes = [scope for way in operation.get("security", []) for named in way.values() for scope in named]
    scope = f" · scope <code>{escape(', '.join(scopes))}</code>" if scopes else ""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answer = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    result = answer.get("properties", {}).get("result", answer)
    return (
        f"<section><h3><code>{method.upper()} {escape(path)}</code></h3>"
        f"<p>{escape(operation['summary'])}</p><p><code>{escape(operation['operationId'])}</code>{scope}</p>"
        f"{_table(_parameters(operation))}{_fields(body)}<p>Answers {_kind(result)}{_bounds(result)}</p></section>"
    )


def _parameters(operation: Schema) -> Iterator[tuple[str, Schema, bool]]:
    for parameter in operation.get("parameters", []):
        schema = parameter.get("schema") or parameter["content"]["application/json"]["schema"]
        described = {"description": parameter["description"]} if "description" in parameter else {}
        yield f"{parameter['name']} ({parameter['in']})", schema | described, parameter["required"]


def _fields(schema: Schema) -> str:
    required = schema.get("required", ())
    return _table((name, field, name in required) for name, field in schema.get("properties", {}).items())


def _table(fields: Iterator[tuple[str, Schema, bool]]) -> str:
    rows = [
        f"<tr><td><code>{escape(name)}{'' if required else '?'}</code><td>{_kind(field)}{_bounds(field)}"
        f"<td>{escape(field.get('description', ''))}"
        for name, field, required in fields
    ]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _described(schema: Schema) -> str:
    return f"<p>{escape(schema['description'])}</p>" if "description" in schema else ""


def _kind(schema: Schema) -> str:
    """What a value is, in words, with links to the shapes that have a name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        kinds = [_kind(branch) + _bounds(branch) for branch in schema["anyOf"] if branch.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in values)
    if schema.get("type") == "array" and "items" in schema:
        return f"an array of {_kind(schema['items'])}"
    return escape(str(schema.get("type", "any JSON")))


def _bounds(schema: Schema) -> str:
    told = [words.format(schema[rule]) for rule, words in _BOUNDS.items() if rule in schema]
    return f", {escape(', '.join(told))}" if told else ""
