"""Files through a machine's end: killed at any moment, what was answered is there, and nothing is that was not recorded."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Final

import httpx2
import pytest

from ledger.application.kept_files import check_files
from ledger.bootstrap import FILES_FOLDER, open_for_writing
from ledger.domain.vocabulary import Vocabulary
from ledger.storage.folder import FolderStore
from ledger.storage.store import INCOMING
from tests.api.signing import upload_url
from tests.clients.test_browser import QUIET, SECONDS_MAX, Site, browser  # noqa: F401  # a fixture is found by its name
from tests.serving import Serving

pytestmark = pytest.mark.long

KILLS: Final = 12
BYTES: Final = 6_000_000
SCRIPT: Final = (
    "<html><body><script>fetch('{site}', {{method: 'POST', mode: 'no-cors', body: '{word}'}})</script></body></html>"
)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    serving = Serving(tmp_path / "ledger")
    yield serving
    serving.stop()


def _bring(serving: Serving, url: str, content: bytes, killed_after: float) -> str | None:
    """Bring a file while the server is killed; the file's Id where it was answered all the same."""
    path = url.removeprefix(serving.url)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(content)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as line:
        line.sendall(head.encode() + content[:-1])
        line.sendall(content[-1:])
        sleep(killed_after)
        serving.stop(signal.SIGKILL)
        try:
            answer = line.recv(65_536)
        except ConnectionResetError:
            return None
    body = answer.partition(b"\r\n\r\n")[2].decode()
    return body.partition('"storageId":"')[2].partition('"')[0] or None


def test_killed_at_any_moment_an_upload_is_there_whole_or_not_at_all(serving: Serving):
    chance, directory = Random(5), serving.directory
    answered: dict[str, bytes] = {}
    for number in range(KILLS):
        content = chance.randbytes(BYTES) if number % 3 else b"the same " * (BYTES // 9)
        url = upload_url(serving.client, {})
        storage_id = _bring(serving, url, content, chance.uniform(0, 0.03))
        if storage_id is not None:
            answered[storage_id] = content
        serving.start()
        for known, brought in answered.items():
            assert serving.client.get(f"/storage/{known}").content == brought
    serving.stop()
    store = FolderStore(directory / FILES_FOLDER)
    with open_for_writing(directory, Vocabulary()) as ledger, ledger.log.snapshot() as connection:
        check = check_files(connection, store)
    assert check.faults == []
    assert "that no fact names" not in check.told
    assert list((directory / FILES_FOLDER / INCOMING).iterdir()) == []
    assert {sha256(content).hexdigest() for content in answered.values()} <= set(store.digests())


def test_a_caller_that_leaves_in_the_middle_leaves_nothing(serving: Serving):
    url = upload_url(serving.client, {})
    with socket.create_connection(("127.0.0.1", serving.port)) as line:
        head = f"POST {url.removeprefix(serving.url)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {BYTES}\r\n\r\n"
        line.sendall(head.encode() + bytes(BYTES // 2))
        sleep(0.2)
    deadline, incoming = monotonic() + 60, serving.directory / FILES_FOLDER / INCOMING
    while list(incoming.iterdir()) and monotonic() < deadline:
        sleep(0.02)
    assert [path for path in (serving.directory / FILES_FOLDER).rglob("*") if path.is_file()] == []


def _stored(serving: Serving, content: str, kind: str) -> str:
    url = upload_url(serving.client, {})
    answer: httpx2.Response = serving.client.post(url, content=content.encode(), headers={"content-type": kind})
    return f"{serving.url}/api/storage/{answer.json()['storageId']}"


def test_a_browser_runs_nothing_of_what_was_brought(serving: Serving, tmp_path: Path, browser: str):  # noqa: F811  # the fixture
    """A page shows each file in a frame of its own; the same script from a plain server runs, so that it would be seen."""
    (tmp_path / "site").mkdir()
    site = Site(tmp_path / "site")
    kinds = ("text/html", "image/svg+xml", "text/xml", "application/xhtml+xml", "image/png", "application/octet-stream")
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>fetch("{site}",{{method:"POST",mode:"no-cors",body:"{word}"}})</script></svg>'
    files = [
        _stored(serving, (svg if "svg" in kind else SCRIPT).format(site=site.url, word=f"ran {kind}"), kind)
        for kind in kinds
    ]
    (tmp_path / "site" / "plain.html").write_text(SCRIPT.format(site=site.url, word="plain"), "utf-8")
    frames = "".join(f'<iframe src="{url}"></iframe>' for url in (*files, "plain.html"))
    done = f"setTimeout(() => fetch('{site.url}', {{method: 'POST', mode: 'no-cors', body: 'done'}}), 4000)"
    (tmp_path / "site" / "page.html").write_text(f"<html><body>{frames}<script>{done}</script></body></html>", "utf-8")
    command = [browser, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--remote-debugging-port=0"]
    with subprocess.Popen(
        [*command, f"{site.url}/page.html"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            seen = [site.seen.get(timeout=SECONDS_MAX)]
            while seen[-1] != "done":
                seen.append(site.seen.get(timeout=SECONDS_MAX))
        finally:
            running.terminate()
            running.wait(60)
    site.close()
    assert sorted(seen) == ["done", "plain"]
