"""A server that hands out upload URLs on a route of its own: what gives them out otherwise is the business of other tests.

``python -m tests.api.granting DIRECTORY`` is its process. Its clock can be set on, by the header of the grant.
"""

import json
import os
import sys
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from ledger import bootstrap
from ledger.api.asgi import respond
from ledger.api.callers import origin_of
from ledger.api.server import bind, create_app, serve
from ledger.application.files import FUNCTIONS
from ledger.application.functions import Caller, on_origin
from ledger.application.ledger import Ledger
from ledger.settings import Settings

GRANT_PATH: Final = "/test/grant"
SIGN_PATH: Final = "/test/sign"


class Granting:
    def __init__(self, app: ASGIApp, ledger: Ledger) -> None:
        self._app = app
        self._ledger = ledger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == GRANT_PATH:
            told = self._ledger.write(FUNCTIONS[0], {}, Caller("granter")).json
        elif scope["type"] == "http" and scope["path"] == SIGN_PATH:
            storage_id, life_ms = scope["query_string"].decode().split("&")
            told = json.dumps(self._ledger.files.temporary_url(storage_id, int(life_ms)))
        else:
            await self._app(scope, receive, send)
            return
        await respond(send, 200, on_origin(told, origin_of(scope)).encode())


def run(directory: Path) -> None:
    settings = Settings.from_environment()
    listening = bind("127.0.0.1", 0)
    started = {"port": listening.getsockname()[1], "pid": os.getpid()}
    with bootstrap.open_for_writing(directory, settings.vocabulary, files=settings.files) as ledger:
        app = Granting(create_app(ledger, settings), ledger)
        serve(app, listening, lambda: print(json.dumps(started), flush=True), settings.limits)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
