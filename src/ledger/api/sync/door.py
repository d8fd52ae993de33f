"""The door: lets clients in, gives each a connection, and ends them all when the server stops."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.api.asgi import header
from ledger.api.carrier import Carrier
from ledger.api.sync.client import Client, is_sync
from ledger.api.sync.connection import Closing, Connection, Live
from ledger.application.keyring import Keyring
from ledger.application.live.registry import Registry
from ledger.application.live.rounds import Rounds
from ledger.application.live.timestamps import Timestamps
from ledger.domain.keys import AccessKey
from ledger.domain.refusals import Unauthorized
from ledger.settings import Limits

LOOK_SECONDS = 1.0


class SyncDoor:
    """ASGI middleware that speaks the client protocol, and passes on everything else."""

    def __init__(self, app: ASGIApp, carrier: Carrier, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connections: set[Connection] = set()
        self._keeping: asyncio.Task[None] | None = None
        timestamps = Timestamps()
        registry = Registry(carrier.ledger.log.shard_count, timestamps)
        rounds = Rounds(carrier.ledger, registry, self._hand_over)
        identify = partial(access_by, carrier.ledger.keyring)
        self._live = Live(carrier, registry, rounds, timestamps, identify, limits.watched_max)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_sync(scope):
            await self._app(scope, receive, send)
            return
        self.begin()
        message = await receive()
        assert message["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        if len(self._connections) >= self._limits.live_connections_max:
            reason = f"TooManyConcurrentRequests: {self._limits.live_connections_max} clients are connected already"
            await send({"type": "websocket.close", "code": 1013, "reason": reason})
            return
        await self._serve(Client.of(scope), token_in(scope), receive, send)

    async def _serve(self, client: Client, token: str | None, receive: Receive, send: Send) -> None:
        async def send_text(text: str) -> None:
            await send({"type": "websocket.send", "text": text})

        connection = Connection(self._live, client, send_text, token)
        self._connections.add(connection)
        pump = asyncio.create_task(_pump(connection, send))
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await connection.take(message.get("text") or "")
        finally:
            self._connections.discard(connection)
            connection.close()
            pump.cancel()
            with suppress(asyncio.CancelledError):
                await pump

    def stop(self) -> None:
        """Say goodbye to every client: it will come back to whoever serves the ledger next."""
        for connection in list(self._connections):
            connection.end(1012, "the server is stopping")
        self._live.rounds.stop()

    @property
    def registry(self) -> Registry:
        return self._live.registry

    @property
    def rounds(self) -> Rounds:
        return self._live.rounds

    def begin(self) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._live.rounds.start()
            self._keeping = self._loop.create_task(self._keep_alive())

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for connection in list(self._connections):
                connection.keep_alive(loop.time())

    def _hand_over(self, apply: Callable[[], None]) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop has closed: nobody watches any longer
            self._loop.call_soon_threadsafe(apply)


async def _pump(connection: Connection, send: Send) -> None:
    closing: Closing = await connection.pump()
    await send({"type": "websocket.close", "code": closing.code, "reason": closing.reason})


def token_in(scope: Scope) -> str | None:
    """What a client shows in its first request; a browser cannot."""
    shown: str = header(scope, b"authorization") or ""
    return shown.partition(" ")[2].strip() or None


def access_by(keyring: Keyring, token: str | None) -> AccessKey | None:
    """The key that a token is, None where this ledger asks for none. Raises Unauthorized."""
    if not keyring.is_needed():
        return None
    if token is None:
        raise Unauthorized("this ledger asks for a key, as the client's token")
    return keyring.holder(token)
