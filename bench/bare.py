"""A ledger's server with a bare WebSocket broadcast beside it, in one process on one library: the least that pushing costs.

``POST /bare?to=N`` is answered, and then its body is sent as it is to the first N of the WebSockets at ``/bare``.
"""

import argparse
import asyncio
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.api.asgi import body_of, respond
from ledger.api.server import Application, bind, create_app, serve
from ledger.bootstrap import open_for_writing
from ledger.settings import Settings


class Bare:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._sends: list[Send] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != "/bare":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            self._sends.append(send)
            while (await receive())["type"] == "websocket.receive":
                pass
            self._sends.remove(send)
        else:
            text = (await body_of(scope, receive, 10_000_000)).decode()
            count = int(scope["query_string"].decode().partition("=")[2])
            await respond(send, 200, b"{}")
            await asyncio.sleep(0)
            for tell in self._sends[:count]:
                await tell({"type": "websocket.send", "text": text})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("port", type=int)
    given = arguments.parse_args()
    settings = Settings.from_environment()
    listening = bind("127.0.0.1", given.port)
    with open_for_writing(given.folder, settings.vocabulary, url=f"http://127.0.0.1:{given.port}") as ledger:
        app = create_app(ledger, settings)
        serve(Application(Bare(app), app.lane, app.stop), listening, limits=settings.limits)


if __name__ == "__main__":
    main()
