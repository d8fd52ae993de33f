"""The page is built as its README says, and shows in a real browser what is recorded, as it is recorded."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import httpx2
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.clients.test_browser import BROWSERS, QUIET, SECONDS_MAX
from tests.serving import ROOT, Serving

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as ``npm run build`` leaves it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is missing: the page is not built")
    folder = tmp_path_factory.mktemp("page") / "page"
    ours = shutil.ignore_patterns("node_modules", "dist", "api.*")
    shutil.copytree(ROOT / "examples" / "page", folder, ignore=ours)
    subprocess.run([npm, "ci"], cwd=folder, check=True)
    types = [sys.executable, "-c", "from ledger.cli import app; app()", "types", "-o", str(folder / "src")]
    subprocess.run(types, check=True, env=os.environ)
    subprocess.run([npm, "run", "build"], cwd=folder, check=True)
    return folder / "dist"


@pytest.fixture
def site(built: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class Page:
    """What stands on a page."""

    def __init__(self, tools: ClientConnection) -> None:
        self._tools = tools

    def text(self) -> str:
        asked = {"expression": "document.body.innerText", "returnByValue": True}
        self._tools.send(json.dumps({"id": 1, "method": "Runtime.evaluate", "params": asked}))
        told = json.loads(self._tools.recv(SECONDS_MAX))
        return str(told["result"]["result"].get("value", ""))

    def shows(self, *texts: str) -> None:
        """Wait until all of them stand on it."""
        deadline = monotonic() + SECONDS_MAX
        while not all(text in (shown := self.text()) for text in texts):
            assert monotonic() < deadline, shown
            sleep(0.05)


@contextmanager
def opened(profile: Path, address: str) -> Iterator[Page]:
    """A page in Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("there is no Chromium: no page is tried in a browser")
    command = [found, *QUIET, f"--user-data-dir={profile}", "--remote-debugging-port=0", address]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            port = _until(lambda: (profile / "DevToolsActivePort").read_text().splitlines()[0])
            pages = f"http://127.0.0.1:{port}/json"
            page = _until(lambda: next(it for it in httpx2.get(pages).json() if it["type"] == "page"))
            with connect(page["webSocketDebuggerUrl"]) as tools:
                yield Page(tools)
        finally:
            running.terminate()
            running.wait(60)


def _until(look: Any) -> Any:
    deadline = monotonic() + SECONDS_MAX
    while True:
        try:
            return look()
        except (OSError, IndexError, StopIteration, httpx2.HTTPError):
            assert monotonic() < deadline
            sleep(0.05)


def test_the_page_shows_captures_and_the_timeline_as_they_are_recorded(serve: Any, site: str, tmp_path: Path):
    serving: Serving = serve()
    with opened(tmp_path / "profile", f"{site}/?ledger={serving.url}") as page:
        page.shows("Captures", "No shoot is under way.")
        serving.client.post("/captures", json={"imageUrl": "frame-1", "source": "telegram"})
        page.shows("frame-1 pending")
        session = serving.session(title="First light")
        serving.record("event", sessionId=session, timestampMs=5, eventType="cut", cameraId="hero")
        page.shows("First light", "cut hero 5")
