"""uvicorn's HTTP, within limits, in the shape of every other answer and with one write a response."""

import asyncio
from http import HTTPStatus
from typing import Any, ClassVar, Final, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ledger.api.asgi import respond_problem
from ledger.api.problems import Problem
from ledger.settings import Limits

BYTES_A_SECOND_MIN: Final = 64 * 1024
"""Whoever sends a long request at this pace is not cut off for taking long."""


class WholeResponses:
    """A transport that gathers what is written in one turn of the event loop: head and body leave in one system call."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._gathered: list[bytes] = []

    def write(self, part: bytes) -> None:
        if not self._gathered:
            self._loop.call_soon(self._flush)
        self._gathered.append(part)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._gathered:
            whole = b"".join(self._gathered)
            self._gathered.clear()
            self._transport.write(whole)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP within limits, which refuses in the shape of every other failure.

    Times are looked at by ``end_if_stuck``, every second: a timer for each request would cost more than the rest of this.
    """

    limits: ClassVar[Limits] = Limits()

    _is_one_too_many = False
    _in_head = False
    _arriving_since: float | None = None
    """On the loop's clock; None while no request is arriving."""
    _arrived = 0
    """Bytes of the request that is arriving, perhaps with a few of the one before."""
    _unsent = 0
    """Bytes that the caller had not taken when last looked at, and since when it has taken none."""
    _unsent_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(WholeResponses(transport, self.loop))  # type: ignore[arg-type]
        self._arriving_since = self.loop.time()
        self._is_one_too_many = len(self.connections) > self.limits.connections_max

    def data_received(self, data: bytes) -> None:
        self._arrived += len(data)
        super().data_received(data)
        if self._in_head and self._arrived > self.limits.head_bytes_max and not self.transport.is_closing():
            self._end(self._head_too_large(), 413)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        if self._arriving_since is None:
            self._arriving_since = self.loop.time()

    def on_headers_complete(self) -> None:
        self._in_head = False
        if problem := self._why_not():
            self.app = _refusing(problem)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arriving_since = None
        self._arrived = 0
        super().on_message_complete()

    def end_if_stuck(self, now: float) -> None:
        """End the connection where its request does not arrive in time, or its answer is not taken."""
        seconds_max = self.limits.request_seconds_max
        if self._arriving_since is not None and not self.flow.read_paused:
            allowed = seconds_max + self._arrived / BYTES_A_SECOND_MIN
            if now - self._arriving_since > allowed:
                self._end(Problem("invalid", f"the request did not arrive within {allowed:.0f} seconds", {}), 408)
                return
        unsent = self.transport.get_write_buffer_size()
        if not self._unsent or unsent < self._unsent:
            self._unsent_since = now
        elif now - self._unsent_since > seconds_max:
            self.transport.abort()
        self._unsent = unsent

    def send_400_response(self, msg: str) -> None:
        self._end(Problem("invalid", msg, {}), 400)

    def _why_not(self) -> Problem | None:
        limits = self.limits
        if self._is_one_too_many:
            message = f"{limits.connections_max} callers are connected already; try again in a moment"
            return Problem("unavailable", message, {"connectionsMax": limits.connections_max})
        if len(self.url) > limits.url_bytes_max:
            message = f"the address and its query are longer than {limits.url_bytes_max} bytes"
            return Problem("too_large", message, {"bytesMax": limits.url_bytes_max})
        # What has arrived may be more than the head: it is only added up where it could be too much.
        if self._arrived > limits.head_bytes_max:
            head_bytes = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if head_bytes > limits.head_bytes_max:
                return self._head_too_large()
        return None

    def _head_too_large(self) -> Problem:
        bytes_max = self.limits.head_bytes_max
        return Problem("too_large", f"the request's headers are larger than {bytes_max} bytes", {"bytesMax": bytes_max})

    def _end(self, problem: Problem, status: int) -> None:
        """Close the connection, and say why where a caller can still hear it: something came, and no answer has begun."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if self._arrived and (cycle is None or not cycle.response_started or cycle.response_complete):
            body = problem.to_json()
            head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
            head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode() + body)
        self.transport.close()


def protocol_within(limits: Limits) -> type[Protocol]:
    """The protocol of a server with these limits: uvicorn makes one of it for each connection."""
    return type("ProtocolWithinLimits", (Protocol,), {"limits": limits})


def _refusing(problem: Problem) -> ASGIApp:
    """An application that answers everything with a problem, and ends the connection."""

    async def refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
        await respond_problem(send, problem, [(b"connection", b"close")])

    return refuse
