"""The page at ``/docs``: everything of the published document, and nothing from anywhere else."""

import re
from html import unescape

import pytest

from ledger.api.reference import reference_page
from tests.serving import Serving


@pytest.fixture(scope="module")
def page(serving: Serving) -> str:
    return serving.client.get("/docs").text


def test_every_function_and_every_shape_is_on_it(serving: Serving, page: str):
    document = serving.client.get("/openapi.json").json()
    text = unescape(re.sub(r"<[^>]*>", " ", page))
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert f"{method.upper()} {path}" in text
            assert operation["summary"] in text
    for name, schema in document["components"]["schemas"].items():
        assert f'id="{name}"' in page
        assert all(field in text for field in schema.get("properties", {}))


def test_every_link_leads_somewhere_on_this_server(page: str):
    named = set(re.findall(r'id="([^"]*)"', page))
    for link in re.findall(r'href="([^"]*)"', page):
        assert link == "/openapi.json" or link.removeprefix("#") in named


def test_it_runs_and_loads_nothing(serving: Serving, page: str):
    assert (
        re.search(r"<(script|link|img|iframe|object|base|form)\b|\bsrc=|\bon\w+=|https?://|@import|url\(", page) is None
    )
    policy = serving.client.get("/docs").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"script-src|connect-src|unsafe|\*|https?:", policy)


def test_what_a_document_says_is_text_on_the_page():
    hostile = '"><script>alert(1)</script>'
    field = {"description": hostile, "enum": [hostile]}
    shape = {"description": hostile, "properties": {hostile: field}}
    operation = {
        "summary": hostile,
        "operationId": hostile,
        "security": [{"key": [hostile]}],
        "parameters": [{"name": hostile, "in": "query", "required": True, "schema": field}],
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": f"#/{hostile}"}}}}},
    }
    info = {"title": hostile, "version": hostile, "summary": hostile}
    document = {"info": info, "paths": {hostile: {"get": operation}}, "components": {"schemas": {hostile: shape}}}
    assert "<script" not in reference_page(document)
