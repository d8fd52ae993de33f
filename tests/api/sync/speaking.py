"""A client of the protocol for tests: it says one thing at a time, and checks of everything it hears what always holds."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.serving import Serving

SECONDS_MAX: Final = 60
START: Final = {"querySet": 0, "identity": 0, "ts": base64.b64encode(bytes(8)).decode()}
JAVASCRIPT: Final = "/api/1.48.0/sync"
PYTHON: Final = "/api/sync"


def number(timestamp: str) -> int:
    """The nanoseconds that a timestamp stands for."""
    return int.from_bytes(base64.b64decode(timestamp, validate=True), "little")


class Speaking:
    """One connection. Every transition must begin where the one before ended, and time must not go back."""

    def __init__(self, socket: ClientConnection, session_id: str) -> None:
        self.socket = socket
        self.session_id = session_id
        self.version: dict[str, Any] = dict(START)
        self.values: dict[int, Any] = {}
        """The answer that is shown of each query."""
        self.failures: dict[int, Any] = {}
        self.observed = 0
        """The latest timestamp that was heard."""
        self._query_set = 0
        self._requests = 0

    def say(self, kind: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))

    def hear(self, seconds: float = SECONDS_MAX) -> dict[str, Any]:
        """The next message that is no Ping. Raises TimeoutError where none comes, ConnectionClosed where none will."""
        while (message := json.loads(self.socket.recv(timeout=seconds)))["type"] == "Ping":
            pass
        if message["type"] == "Transition":
            self._move(message)
        if message.get("ts"):
            self.observed = max(self.observed, number(message["ts"]))
        heard: dict[str, Any] = message
        return heard

    def _move(self, transition: dict[str, Any]) -> None:
        start, end = transition["startVersion"], transition["endVersion"]
        assert start == self.version
        assert number(end["ts"]) >= number(start["ts"])
        assert end["querySet"] >= start["querySet"]
        assert end["identity"] >= start["identity"]
        self.version = end
        self.observed = max(self.observed, number(end["ts"]))
        named = [modification["queryId"] for modification in transition["modifications"]]
        assert len(named) == len(set(named)), "a query is told once in a transition"
        for modification in transition["modifications"]:
            query_id = modification["queryId"]
            self.values.pop(query_id, None)
            self.failures.pop(query_id, None)
            if modification["type"] == "QueryUpdated":
                self.values[query_id] = modification["value"]
            elif modification["type"] == "QueryFailed":
                self.failures[query_id] = modification["errorData"]

    def connect(self, observed: int | None = None, **fields: Any) -> None:
        said = {"connectionCount": 0, "lastCloseReason": "InitialConnect", "clientTs": 0} | fields
        if observed is not None:
            said["maxObservedTimestamp"] = base64.b64encode(observed.to_bytes(8, "little")).decode()
        self.say("Connect", sessionId=self.session_id, **said)

    def modify(self, *modifications: dict[str, Any]) -> None:
        self._query_set += 1
        self.say(
            "ModifyQuerySet", baseVersion=self._query_set - 1, newVersion=self._query_set, modifications=modifications
        )

    def watch(self, query_id: int, path: str, /, *, journal: str | None = None, **arguments: Any) -> Any:
        """Watch a query, and hear its first answer."""
        self.modify(add(query_id, path, journal=journal, **arguments))
        self.shown(self._query_set)
        return self.values.get(query_id, self.failures.get(query_id))

    def shown(self, query_set: int) -> None:
        """Hear until a query set is shown."""
        while self.version["querySet"] < query_set:
            assert self.hear()["type"] == "Transition"

    def ask(self, path: str, request_id: int | None = None, /, **arguments: Any) -> int:
        """Ask for a mutation; its number."""
        request_id = self._requests if request_id is None else request_id
        self._requests = request_id + 1
        self.say("Mutation", requestId=request_id, udfPath=path, args=[arguments])
        return request_id

    def mutate(self, path: str, /, **arguments: Any) -> Any:
        """What a mutation answers, after the transition that shows it."""
        request_id = self.ask(path, **arguments)
        while (heard := self.hear())["type"] != "MutationResponse":
            pass
        assert heard["requestId"] == request_id
        assert heard["success"], heard
        self.wait_for(number(heard["ts"]))
        return heard["result"]

    def wait_for(self, timestamp: int) -> None:
        """Hear until a transition shows what was so then."""
        while number(self.version["ts"]) < timestamp:
            self.hear()

    def quiet(self, seconds: float = 0.2) -> bool:
        """Whether nothing comes for a while."""
        try:
            self.hear(seconds)
        except TimeoutError:
            return True
        return False

    def _hear_on(self) -> None:
        while True:
            self.hear()

    def ending(self) -> tuple[int, str]:
        """Hear until the server ends the connection: with which code and reason."""
        with pytest.raises(ConnectionClosed) as closed:
            self._hear_on()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code, closed.value.rcvd.reason


def add(query_id: int, path: str, /, *, journal: str | None = None, **arguments: Any) -> dict[str, Any]:
    """The modification that adds a query."""
    said = {"type": "Add", "queryId": query_id, "udfPath": path, "args": [arguments]}
    return said if journal is None else said | {"journal": journal}


@contextmanager
def speaking(
    server: Serving, session_id: str | None = None, *, path: str = JAVASCRIPT, **options: Any
) -> Iterator[Speaking]:
    """A connection that has not yet said Connect."""
    address = server.url.replace("http", "ws", 1) + path
    with connect(address, compression=None, max_size=None, proxy=None, **options) as socket:
        yield Speaking(socket, session_id or str(uuid4()))


@contextmanager
def speaks(server: Serving, session_id: str | None = None, **options: Any) -> Iterator[Speaking]:
    """A connection that has said Connect."""
    with speaking(server, session_id, **options) as client:
        client.connect()
        yield client
