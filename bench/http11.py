"""The least HTTP/1.1 that loads a server: prebuilt requests on kept-alive sockets, answers measured by their length.

No HTTP library: on two cores the one that asks takes its time from the one that answers, and the usual clients spend
more on a request than the server does. Nothing here is fit for anything but a server that is known.
"""

import asyncio
from collections.abc import Callable
from typing import Final

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "


class RequestFailedError(Exception):
    """The server answered with something other than success."""


def post(path: str, body: bytes, headers: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def get(path: str, headers: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()


class Connection(asyncio.Protocol):
    """One socket with at most one request under way."""

    def __init__(self) -> None:
        self.head = b""
        """Status line and headers of the newest answer, as the server wrote them."""
        self.lost: Callable[[Exception], None] = _raise
        """Told where the server hangs up or fails."""
        self._answered: Callable[[Connection], None] = _ignore
        self._missing = 0
        self._rest = b""
        self._told: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def ask(self, request: bytes, answered: Callable[["Connection"], None]) -> None:
        """Send a request; ``answered`` is called with this connection once the whole answer is here."""
        self._answered = answered
        self._transport.write(request)  # type: ignore[attr-defined]  # sockets give a transport that writes

    def data_received(self, received: bytes) -> None:
        if self._missing:
            self._missing -= len(received)
        else:
            if self._rest:
                received, self._rest = self._rest + received, b""
            end = received.find(_END)
            if end < 0:
                self._rest = received
                return
            self.head = head = received[:end]
            start = head.find(_LENGTH) + len(_LENGTH)
            self._missing = int(head[start:].split(b"\r", 1)[0]) + end + len(_END) - len(received)
        if self.status not in (b"200", b"503"):
            self._told.append(received)
        if self._missing:
            return
        if self._told:
            self.lost(RequestFailedError(b"".join(self._told).decode("utf-8", "replace")[:2_000]))
        else:
            self._answered(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost(exc or ConnectionResetError("the server hung up"))

    @property
    def status(self) -> bytes:
        return self.head[9:12]

    @property
    def is_stale(self) -> bool:
        """Whether the answer lacks what was asked for: a 503, or marked as stale."""
        return self.status == b"503" or b"ledger-stale" in self.head

    @property
    def position(self) -> str:
        """The answer's ``Ledger-Position``."""
        return self.head.partition(b"ledger-position: ")[2].partition(b"\r")[0].decode()

    def close(self) -> None:
        self.lost = _ignore
        self._transport.close()


def _ignore(_: object) -> None:
    pass


def _raise(error: Exception) -> None:
    raise error
