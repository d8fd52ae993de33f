"""The worker of the contract's section 4, written from that page alone: it knows HTTP and JSON, and nothing of ours.

A test says how it behaves; it keeps every job that it was given, and every answer that it got.
"""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import httpx2


class Given:
    """One job as the worker was given it."""

    def __init__(self, body: dict[str, Any], headers: dict[str, str], raw: bytes) -> None:
        self.video_id: str = body["videoId"]
        self.video_url: str = body["videoUrl"]
        self.callback_url: str = body["callbackUrl"]
        self.headers = headers
        self.raw = raw

    def download(self) -> bytes:
        answer = httpx2.get(self.video_url)
        assert answer.status_code == 200, answer.text
        return answer.content

    def report(self, progress: float | None = None, status: str = "processing", **more: Any) -> httpx2.Response:
        said = {"videoId": self.video_id, "status": status, "progress": progress} | more
        return httpx2.post(f"{self.callback_url}/updateStatus", json=said)

    def upload(self, content: bytes, content_type: str = "video/mp4") -> str:
        asked = httpx2.post(f"{self.callback_url}/generateUploadUrl")
        assert asked.status_code == 200, asked.text
        stored = httpx2.post(asked.json(), content=content, headers={"Content-Type": content_type})
        storage_id: str = stored.json()["storageId"]
        return storage_id

    def answer(self, results: Any, storage_id: str | None = None, **more: Any) -> httpx2.Response:
        said = {"videoId": self.video_id, "results": results, "processedVideoStorageId": storage_id} | more
        return httpx2.post(self.callback_url, json=said)


class Gpu:
    """A worker that is listening. ``behave`` answers with the status of the first POST, when it likes."""

    def __init__(self, behave: Callable[[Given], int] = lambda given: 200) -> None:
        self.behave = behave
        self.given: Queue[Given] = Queue()
        gpu = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the library's name
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                given = Given(json.loads(raw), {name.lower(): value for name, value in self.headers.items()}, raw)
                assert self.path == "/process"
                gpu.given.put(given)
                try:
                    self.send_response(gpu.behave(given))
                    self.send_header("Location", "/process")  # where whoever follows redirects would ask again
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # whoever asked has gone

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def next(self, seconds: float = 60) -> Given:
        return self.given.get(timeout=seconds)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
