"""A client that knows the contract's functions by their names, over HTTP."""

import time
from collections.abc import Callable
from typing import Any

import httpx2

from tests.serving import Serving


class Client:
    def __init__(self, server: Serving) -> None:
        self.server = server

    def call(self, kind: str, name: str, /, headers: dict[str, str] | None = None, **arguments: Any) -> httpx2.Response:
        asked = {"path": name, "format": "json", "args": arguments}
        return self.server.client.post(f"/api/{kind}", json=asked, headers=headers)

    def write(self, name: str, /, **arguments: Any) -> Any:
        return self._value(self.call("mutation", name, **arguments))

    def read(self, name: str, /, **arguments: Any) -> Any:
        return self._value(self.call("query", name, **arguments))

    def act(self, name: str, /, **arguments: Any) -> Any:
        return self._value(self.call("action", name, **arguments))

    def failure(self, kind: str, name: str, /, **arguments: Any) -> dict[str, Any]:
        """What is told of a call that must fail."""
        told: dict[str, Any] = self.call(kind, name, **arguments).json()
        assert told["status"] == "error", told
        return told

    def upload(self, noun: str, content: bytes, content_type: str = "video/mp4") -> str:
        url = self.write(f"{noun}:generateUploadUrl")
        stored = httpx2.post(url, content=content, headers={"Content-Type": content_type})
        storage_id: str = stored.json()["storageId"]
        return storage_id

    def video(self, content: bytes = b"a video") -> str:
        storage_id = self.upload("videos", content)
        video_id: str = self.write("videos:createVideo", storageId=storage_id, filename="rally.mp4", size=len(content))
        return video_id

    def when(self, is_so: Callable[[Any], bool], name: str, /, seconds: float = 60, **arguments: Any) -> Any:
        """What a query answers once that is so."""
        deadline = time.monotonic() + seconds
        while not is_so(found := self.read(name, **arguments)):
            assert time.monotonic() < deadline, f"{name} still answers {found}"
            time.sleep(0.02)
        return found

    @staticmethod
    def _value(answer: httpx2.Response) -> Any:
        told = answer.json()
        assert told.get("status") == "success", told
        return told["value"]
