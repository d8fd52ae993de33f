"""A page in a real browser shows what is recorded, as it is recorded."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from tests.clients.node import HERE, installed
from tests.serving import Serving

pytestmark = pytest.mark.long

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
QUIET: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS_MAX: Final = 60


class Site:
    """Where the page comes from, and what it says that it shows."""

    def __init__(self, folder: Path) -> None:
        self.seen: Queue[str] = Queue()
        seen = self.seen

        class Handler(SimpleHTTPRequestHandler):
            def do_POST(self) -> None:
                seen.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def until(self, line: str) -> None:
        """Wait until a line stands on the page."""
        while line not in self.seen.get(timeout=SECONDS_MAX).splitlines():
            pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    shutil.copy(HERE / "page.html", tmp_path)
    shutil.copy(installed() / "node_modules/convex/dist/browser.bundle.js", tmp_path)
    site = Site(tmp_path)
    yield site
    site.close()


@pytest.fixture
def browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("there is no Chromium: no page is tried in a browser")
    return found


def test_a_page_shows_what_is_recorded(serving: Serving, browser: str, site: Site, tmp_path: Path):
    session_id = serving.session()
    address = f"{site.url}/page.html?{urlencode({'ledger': serving.url, 'session': session_id})}"
    command = [browser, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--remote-debugging-port=0", address]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            site.until("1 page")
            serving.record("event", sessionId=session_id, timestampMs=2, eventType="cut", cameraId="stage")
            site.until("2 stage")
        finally:
            running.terminate()
            running.wait(60)
