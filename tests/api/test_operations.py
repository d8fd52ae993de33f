"""Files and callbacks are published as they are served: each status and shape that is told of is one that comes."""

from typing import Any, Final

import httpx2
import pytest

from ledger.api.operations import operations
from tests.api.signing import upload_url
from tests.api.test_shapes import complaints
from tests.serving import Serving

NO_FILE: Final = "f1m7xy2k40c9ez51s6qpbk1ge"


@pytest.fixture(scope="module")
def published(serving: Serving) -> dict[str, Any]:
    document: dict[str, Any] = serving.client.get("/openapi.json").json()
    return document


def _is_published(published: dict[str, Any], path: str, answer: httpx2.Response) -> bool:
    """Whether the document knows this answer at this path; its shape is asserted."""
    operation = published["paths"][path][answer.request.method.lower()]
    told = operation["responses"].get(str(answer.status_code))
    if told is None:
        return False
    schema = told.get("content", {}).get("application/json", {}).get("schema")
    if schema is not None:
        assert complaints(answer.json(), schema, published["components"]["schemas"]) == []
    return True


def test_every_operation_is_in_the_document(published: dict[str, Any]):
    assert operations().items() <= published["paths"].items()
    assert {"/api/storage/upload", "/storage/{storageId}", "/videos/{videoId}"} <= published["paths"].keys()


def test_what_an_upload_is_answered_with_is_published(serving: Serving, published: dict[str, Any]):
    url = upload_url(serving.client, {})
    for wanted, asked, headers in (
        (422, url, {"Digest": "sha-256=x"}),
        (200, url, {}),
        (409, url, {}),
        (401, f"{serving.url}/api/storage/upload?token=x", {}),
    ):
        answer = serving.client.post(asked, content=b"bytes", headers=headers)
        assert answer.status_code == wanted
        assert _is_published(published, "/api/storage/upload", answer)


@pytest.mark.parametrize("folder", ["/api/storage", "/storage"])
def test_what_a_download_is_answered_with_is_published(serving: Serving, published: dict[str, Any], folder: str):
    stored = serving.client.post(upload_url(serving.client, {}), content=b"bytes").json()["storageId"]
    etag = serving.client.get(f"{folder}/{stored}").headers["etag"]
    for wanted, asked, headers in (
        (200, stored, {}),
        (206, stored, {"Range": "bytes=1-2"}),
        (304, stored, {"If-None-Match": etag}),
        (416, stored, {"Range": "bytes=9-"}),
        (404, NO_FILE, {}),
        (403, f"{stored}?signature=x&expires=1", {}),
    ):
        answer = serving.client.get(f"{folder}/{asked}", headers=headers)
        assert answer.status_code == wanted
        assert _is_published(published, f"{folder}/{{storageId}}", answer)


@pytest.mark.parametrize("path", [path for path in operations() if "{token}" in path])
def test_what_a_forged_callback_is_answered_with_is_published(serving: Serving, published: dict[str, Any], path: str):
    answer = serving.client.post(path.format(token="v1.1.x"), json={})
    assert answer.status_code == 401
    assert _is_published(published, path, answer)


def test_a_video_by_its_id_is_published(serving: Serving, published: dict[str, Any]):
    stored = serving.client.post(upload_url(serving.client, {}), content=b"bytes").json()["storageId"]
    asked = {"path": "videos:createVideo", "format": "json"}
    made = {"storageId": stored, "filename": "a", "size": 5}
    video_id = serving.client.post("/api/mutation", json=asked | {"args": made}).json()["value"]
    for named in (video_id, NO_FILE):
        assert _is_published(published, "/videos/{videoId}", serving.client.get(f"/videos/{named}"))
