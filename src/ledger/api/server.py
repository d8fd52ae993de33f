"""The application that uvicorn serves, and how it is served."""

import asyncio
import gc
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

import ledger as package
from ledger.api.carrier import Carrier
from ledger.api.contract import ContractDoor
from ledger.api.files import FileDoor
from ledger.api.functions.door import FunctionDoor
from ledger.api.guard import Guard
from ledger.api.health import health_routes
from ledger.api.keys import KeyCheck, access_of
from ledger.api.lane import ExpressLane
from ledger.api.openapi import contract_schema
from ledger.api.passes import Passes, pass_routes
from ledger.api.problems import Problem, problem_of
from ledger.api.protocol import Protocol, protocol_within
from ledger.api.reference import add_reference
from ledger.api.streams.door import Lives, StreamDoor
from ledger.api.sync.door import SyncDoor
from ledger.api.sync.websocket import PING_SECONDS, WebSocket, websocket_within
from ledger.api.videos import VideoDoor
from ledger.application.catalogue import FUNCTIONS
from ledger.application.issuer import Issuer
from ledger.application.ledger import Ledger
from ledger.log import garbage
from ledger.settings import Limits, Settings

COLLECTED_ON_A_TICK: Final = range(500, 10_000)
"""New objects that are looked at ten times a second, for less than a millisecond, and not all 50,000 at once for 14 to 28 ms. Where
there are more, a batch is under way, which would be looked at while most of it is still needed."""
TICKS_A_SECOND: Final = 10
"""uvicorn's own."""
GOODBYE_SECONDS: Final = 0.05
"""What those who stay connected are given to hear that the server stops."""


class Application:
    """What a server serves."""

    def __init__(self, app: ASGIApp, lane: ExpressLane, stop: Callable[[], None]) -> None:
        self._app = app
        self.lane = lane
        self.stop = stop
        """Tells those that are kept connected that the server stops."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def create_app(ledger: Ledger, settings: Settings) -> Application:
    """The web application of one ledger: guard, live clients, check of keys, files, functions by name and by route, all else."""
    if settings.jwt is not None:
        trusted = settings.jwt
        ledger.keyring.issuer = Issuer(
            trusted.key, issuer=trusted.issuer, audience=trusted.audience, scopes=trusted.scopes
        )
    carrier, body_bytes_max = Carrier(ledger), settings.limits.body_bytes_max
    passes = Passes(ledger.keyring, lambda: ledger.log.signer, ledger.now_ms)
    contract = ContractDoor(_everything_else(ledger, passes), carrier, FUNCTIONS, body_bytes_max)
    functions = FunctionDoor(contract, carrier, body_bytes_max)
    files = FileDoor(VideoDoor(functions, carrier, body_bytes_max), ledger.files)
    streams = StreamDoor(files, carrier, FUNCTIONS, settings.limits.live_connections_max)
    keys = KeyCheck(streams, ledger.keyring, passes)
    sync = SyncDoor(keys, carrier, settings.limits)
    streams.share(Lives(sync.registry, sync.rounds, sync.begin), keys.check)

    def stop() -> None:
        sync.stop()
        streams.stop()

    guard = Guard(sync, ledger.keyring, settings.allowed_origins, settings.public_url)
    return Application(guard, ExpressLane(guard, keys, streams, contract, body_bytes_max), stop)


def _everything_else(ledger: Ledger, passes: Passes) -> FastAPI:
    app = FastAPI(
        title="Production ledger",
        version=package.__version__,
        summary="An append-only ledger of live creative sessions, and the views and cut logs made of it.",
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(health_routes(ledger))
    app.include_router(pass_routes(passes, access_of))
    add_reference(app)
    schema = app.openapi

    def openapi() -> dict[str, Any]:
        return contract_schema(schema(), FUNCTIONS)

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way of extending its schema

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = "not_found" if error.status_code == 404 else "invalid"
        problem = Problem(code, str(error.detail), {})
        return Response(
            problem.to_json(request.url.path), error.status_code, error.headers, media_type="application/json"
        )

    @app.exception_handler(Exception)
    async def failed_unforeseen(_: Request, error: Exception) -> Response:
        problem = problem_of(error)
        return Response(problem.to_json(), problem.status, media_type="application/json")

    return app


class LedgerServer(uvicorn.Server):
    """uvicorn, telling when it listens, and coming back to its caller when it is told to end."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None], on_stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def on_tick(self, counter: int) -> bool:
        if gc.get_count()[0] in COLLECTED_ON_A_TICK:
            gc.collect(0)
        if counter % TICKS_A_SECOND == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Protocol | WebSocket):
                    connection.end_if_stuck(now)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stopping()
        await asyncio.sleep(GOODBYE_SECONDS)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        # uvicorn would raise the signal again once it has stopped, and die of it: before the ledger is closed.
        self._captured_signals.clear()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError where the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.listen(2_048)
    return listening


def serve(
    app: ASGIApp,
    listening: socket.socket,
    on_started: Callable[[], None] = lambda: None,
    limits: Limits = Limits(),  # noqa: B008  # nothing can change it
) -> None:
    """Serve until SIGINT or SIGTERM."""
    garbage.begin_to_record()
    config = uvicorn.Config(
        app,
        http=protocol_within(limits, app.lane if isinstance(app, Application) else None),
        ws=websocket_within(limits),
        ws_max_size=limits.body_bytes_max,
        ws_per_message_deflate=False,  # it more than doubles what a connection costs
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        proxy_headers=False,
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    on_stopping = app.stop if isinstance(app, Application) else lambda: None
    LedgerServer(config, on_started, on_stopping).run(sockets=[listening])
