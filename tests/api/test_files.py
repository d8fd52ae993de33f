"""Files over HTTP, on a real server: brought once, kept whole, had in any part, and run by no browser."""

import base64
import socket
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ledger.api.files import storage_id_in
from tests.api.signing import SIGN_PATH, upload_url
from tests.serving import Serving

HELLO = b"hello"
LIMIT = 3_000_000


class Shelf:
    """A server, and what it keeps."""

    def __init__(self, directory: Path) -> None:
        self.serving = Serving(directory, module="tests.api.signing", LEDGER_UPLOAD_BYTES_MAX=str(LIMIT))

    @property
    def client(self) -> httpx2.Client:
        return self.serving.client

    def upload_url(self, **headers: str) -> str:
        return upload_url(self.client, headers)

    def bring(self, content: Any, url: str | None = None, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(url or self.upload_url(), content=content, headers=named)

    def stored(self, content: Any, kind: str = "application/octet-stream") -> str:
        answer = self.bring(content, content_type=kind)
        assert answer.status_code == 200, answer.text
        storage_id: str = answer.json()["storageId"]
        return storage_id

    def get(self, storage_id: str, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(f"/api/storage/{storage_id}", headers=named)

    def on_disk(self) -> list[Path]:
        return [path for path in (self.serving.directory / "files").rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    yield shelf
    shelf.serving.leave()


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """What the caller is told, in the shape of every failure below ``/api/``."""
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()
    assert error["code"] == code
    return error


def test_what_was_brought_is_had_on_both_routes(shelf: Shelf):
    storage_id = shelf.stored(HELLO, "text/plain; charset=utf-8")
    for answer in (shelf.get(storage_id), shelf.client.get(f"/storage/{storage_id}")):
        assert (answer.status_code, answer.content) == (200, HELLO)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["content-length"] == "5"


def test_an_upload_url_is_on_the_origin_that_its_caller_used(shelf: Shelf):
    port = shelf.serving.port
    assert shelf.upload_url(host=f"stage.localhost:{port}").startswith(f"http://stage.localhost:{port}/api/storage/")


def test_a_large_file_comes_back_as_it_went(shelf: Shelf):
    content = bytes(range(256)) * (LIMIT // 256)
    storage_id = shelf.stored(content)
    assert shelf.get(storage_id).content == content
    whole = shelf.stored(iter([content[:7], content[7:2_000_000], content[2_000_000:]]))
    assert shelf.get(whole).content == content, "sent in chunks, whose number nobody knew before"
    assert whole != storage_id


def test_a_file_may_be_empty(shelf: Shelf):
    answer = shelf.get(shelf.stored(b""))
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_same_bytes_are_kept_once_under_ids_that_do_not_tell(shelf: Shelf):
    content = b"twice " * 100
    first, second = shelf.stored(content), shelf.stored(content)
    assert first != second
    assert [path.name for path in shelf.on_disk()].count(sha256(content).hexdigest()) == 1


def test_head_tells_of_a_file_without_sending_it(shelf: Shelf):
    answer = shelf.client.head(f"/api/storage/{shelf.stored(HELLO)}")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "5")


def test_a_file_never_changes_and_may_be_kept_by_whoever_has_it(shelf: Shelf):
    storage_id = shelf.stored(HELLO)
    answer = shelf.get(storage_id)
    assert "immutable" in answer.headers["cache-control"]
    again = shelf.get(storage_id, if_none_match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "part", "told"),
    [("bytes=0-1", b"he", "bytes 0-1/5"), ("bytes=3-", b"lo", "bytes 3-4/5"), ("bytes=-2", b"lo", "bytes 3-4/5")],
)
def test_a_part_can_be_had(shelf: Shelf, asked: str, part: bytes, told: str):
    answer = shelf.get(shelf.stored(HELLO), range=asked)
    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (206, part, told)


def test_a_part_that_is_not_there_is_told_so(shelf: Shelf):
    answer = shelf.get(shelf.stored(HELLO), range="bytes=5-")
    refused(answer, 416, "invalid")
    assert answer.headers["content-range"] == "bytes */5"


def test_a_part_is_had_only_of_what_the_caller_has_already(shelf: Shelf):
    storage_id = shelf.stored(HELLO)
    etag = shelf.get(storage_id).headers["etag"]
    assert shelf.get(storage_id, range="bytes=3-", if_range=etag).status_code == 206
    assert shelf.get(storage_id, range="bytes=3-", if_range='"another"').content == HELLO


def test_a_wrong_token_brings_nothing(shelf: Shelf):
    url = shelf.upload_url()
    for wrong in (f"{url}x", url.partition("?")[0], f"{url.partition('=')[0]}=x", url[:-1]):
        refused(shelf.bring(HELLO, wrong), 401, "unauthorized")
    assert shelf.bring(HELLO, url).status_code == 200


def test_an_upload_is_good_once_and_says_what_it_has_become(shelf: Shelf):
    url = shelf.upload_url()
    storage_id = shelf.bring(HELLO, url).json()["storageId"]
    error = refused(shelf.bring(b"other", url), 409, "conflict")
    assert error["detail"]["storageId"] == storage_id
    assert error["detail"]["sha256"] == sha256(HELLO).hexdigest()
    assert shelf.get(storage_id).content == HELLO


def test_what_is_too_large_is_refused_before_it_comes_and_while_it_comes(shelf: Shelf):
    before = len(shelf.on_disk())
    error = refused(shelf.bring(bytes(LIMIT + 1)), 413, "too_large")
    assert error["detail"]["bytesMax"] == LIMIT
    refused(shelf.bring(bytes(1_000_000) for _ in range(4)), 413, "too_large")
    assert len(shelf.on_disk()) == before


def test_a_digest_is_checked(shelf: Shelf):
    before = len(shelf.on_disk())
    for digest in ("sha-256=" + base64.b64encode(bytes(32)).decode(), "sha-256=nonsense"):
        error = refused(shelf.bring(b"checked", digest=digest), 422, "invalid")
        assert error["detail"]["field"] == "Digest"
    assert len(shelf.on_disk()) == before
    good = base64.b64encode(sha256(b"checked").digest()).decode()
    assert shelf.bring(b"checked", digest=f"md5=x, SHA-256={good}").status_code == 200


def test_what_is_refused_may_be_brought_again_under_its_token(shelf: Shelf):
    url = shelf.upload_url()
    assert refused(shelf.bring(HELLO, url, content_type="no type"), 422, "invalid")["detail"]["field"] == "Content-Type"
    assert shelf.bring(HELLO, url).status_code == 200


def test_an_interrupted_upload_leaves_nothing_and_its_token_is_still_good(shelf: Shelf):
    before, url = len(shelf.on_disk()), shelf.upload_url()
    path = url.removeprefix(shelf.serving.url)
    with socket.create_connection(("127.0.0.1", shelf.serving.port)) as line:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2500000\r\n\r\n"
        line.sendall(head.encode() + bytes(2_200_000))
        deadline = time.monotonic() + 60
        while len(shelf.on_disk()) == before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(shelf.on_disk()) == before + 1, "it was being written"
        refused(shelf.bring(HELLO, url), 409, "conflict")
    while len(shelf.on_disk()) > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(shelf.on_disk()) == before
    assert shelf.bring(b"the second time", url).status_code == 200


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("image/png", True), ("video/mp4", True), ("text/html", False), ("image/svg+xml", False), ("text/xml", False)],
)
def test_no_browser_runs_what_was_brought(shelf: Shelf, kind: str, shown: bool):
    headers = shelf.get(shelf.stored(b"<script>alert(1)</script>", kind)).headers
    assert headers["content-disposition"] == ("inline" if shown else "attachment")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]


def test_what_is_not_there_is_told_so(shelf: Shelf):
    for storage_id in ("f" + "0" * 24, "nothing", "s" + "0" * 24):
        refused(shelf.get(storage_id), 404, "not_found")
    granted = shelf.upload_url().partition("token=")[2].partition(".")[0]
    refused(shelf.get(granted), 404, "not_found")


def test_other_methods_are_told_which_to_use(shelf: Shelf):
    assert shelf.client.get(shelf.upload_url()).headers["allow"] == "POST"
    assert shelf.client.delete(f"/storage/{shelf.stored(HELLO)}").headers["allow"] == "GET, HEAD"


def test_bytes_that_were_lost_are_not_made_up(shelf: Shelf):
    content = b"will be lost"
    storage_id = shelf.stored(content)
    next(path for path in shelf.on_disk() if path.name == sha256(content).hexdigest()).unlink()
    refused(shelf.get(storage_id), 404, "not_found")


def test_a_signed_url_is_good_for_one_file_and_for_its_time(shelf: Shelf):
    storage_id, other = shelf.stored(HELLO), shelf.stored(b"other")
    url: str = shelf.client.get(f"{SIGN_PATH}?{storage_id}&60000").json()
    assert url.startswith(f"{shelf.serving.url}/api/storage/{storage_id}?")
    assert shelf.client.get(url).content == HELLO
    refused(shelf.client.get(url.replace(storage_id, other)), 403, "forbidden")
    refused(shelf.client.get(url.replace("expires=1", "expires=2")), 403, "forbidden")
    expired = shelf.client.get(f"{SIGN_PATH}?{storage_id}&0").json()
    assert "expired" in refused(shelf.client.get(expired), 403, "forbidden")["message"]


def test_a_page_of_an_allowed_origin_may_ask_for_parts_and_see_them(shelf: Shelf):
    storage_id = shelf.stored(HELLO)
    page = {"origin": "http://localhost:3000"}
    asks = {"access-control-request-method": "GET", "access-control-request-headers": "range"}
    preflight = shelf.client.options(f"/api/storage/{storage_id}", headers=page | asks)
    assert "range" in preflight.headers["access-control-allow-headers"]
    answer = shelf.client.get(f"/api/storage/{storage_id}", headers=page)
    assert "Content-Range" in answer.headers["access-control-expose-headers"]


def test_where_files_are():
    assert storage_id_in("/api/storage/f1") == storage_id_in("/storage/f1") == "f1"
    assert storage_id_in("/api/f1") is storage_id_in("/production/storage/f1") is None
