"""A server that signs URLs of files on a route of its own: what has them signed otherwise is the business of other tests.

``python -m tests.api.signing DIRECTORY`` is its process.
"""

import json
import os
import sys
from pathlib import Path
from typing import Final

import httpx2
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger import bootstrap
from ledger.api.asgi import respond
from ledger.api.callers import origin_of
from ledger.api.server import bind, create_app, serve
from ledger.application.functions import on_origin
from ledger.application.ledger import Ledger
from ledger.settings import Settings

SIGN_PATH: Final = "/test/sign"


def upload_url(client: httpx2.Client, headers: dict[str, str]) -> str:
    """What a page or a worker asks for before it brings a file."""
    call = {"path": "generate:generateUploadUrl", "format": "json", "args": {}}
    url: str = client.post("/api/mutation", json=call, headers=headers).json()["value"]
    return url


class Signing:
    def __init__(self, app: ASGIApp, ledger: Ledger) -> None:
        self._app = app
        self._ledger = ledger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != SIGN_PATH:
            await self._app(scope, receive, send)
            return
        storage_id, life_ms = scope["query_string"].decode().split("&")
        told = json.dumps(self._ledger.files.temporary_url(storage_id, int(life_ms)))
        await respond(send, 200, on_origin(told, origin_of(scope)).encode())


def run(directory: Path) -> None:
    settings = Settings.from_environment()
    listening = bind("127.0.0.1", 0)
    started = {"port": listening.getsockname()[1], "pid": os.getpid()}
    with bootstrap.open_for_writing(directory, settings.vocabulary, files=settings.files) as ledger:
        app = Signing(create_app(ledger, settings), ledger)
        serve(app, listening, lambda: print(json.dumps(started), flush=True), settings.limits)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
