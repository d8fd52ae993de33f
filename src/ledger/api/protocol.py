"""uvicorn's HTTP, within limits, in the shape of every other answer and with one write a response."""

import asyncio
import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, ClassVar, Final, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from ledger.api.asgi import LAST_WORDS, Header, Reply, respond_problem
from ledger.api.lane import ExpressLane
from ledger.api.problems import Problem
from ledger.settings import Limits

BYTES_A_SECOND_MIN: Final = 64 * 1024
"""Whoever sends a long request at this pace is not cut off for taking long."""

_logger = logging.getLogger(__name__)


class WholeResponses:
    """A transport that gathers what is written in one turn of the event loop: head and body leave in one system call."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._gathered: list[bytes] = []
        self.is_closing = transport.is_closing  # asked for several times a request: not by way of __getattr__

    def write(self, part: bytes) -> None:
        if not self._gathered:
            self._loop.call_soon(self._flush)
        self._gathered.append(part)

    def write_whole(self, response: bytes) -> None:
        """Write a response that is complete, after all that was written before it."""
        if self._gathered:
            self._gathered.append(response)
            self._flush()
        else:
            self._transport.write(response)

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


class Exchange:
    """A request on the express lane, in the place of the cycle that uvicorn keeps for one on the long way."""

    message_event: ClassVar = asyncio.Event()
    """Set by uvicorn when the caller leaves. Nobody waits for it."""

    def __init__(self, connection: "Protocol") -> None:
        self._connection = connection
        self.response_started = False
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = True

    def answer(self, reply: Reply) -> None:
        self.response_started = self.response_complete = True
        if not self.disconnected:
            self._connection.answer(reply, keep_alive=self.keep_alive)


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP within limits, which refuses in the shape of every other failure, with the express lane beside it.

    Times are looked at by ``end_if_stuck``, every second: a timer for each request would cost more than the rest of this.
    """

    limits: ClassVar[Limits] = Limits()
    lane: ClassVar[ExpressLane | None] = None

    _short: bytearray | None = None
    """As much as has come of the body of a request that may take the express lane; None of any other request."""
    _idle_since: float | None = None
    """Since when nothing is asked any more on this connection; None while something is."""
    _begun: tuple[int, list[Header], bytes] = (0, [], b"")
    """The latest beginning of a response: its status, and the headers of uvicorn's that it was made of."""
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
        self._idle_since = None
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
        elif self._may_take_lane():
            self._short = bytearray()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._short is None:
            super().on_body(body)
        else:
            self._short += body

    def on_message_complete(self) -> None:
        self._arriving_since = None
        self._arrived = 0
        if self._short is not None:
            if self._has_taken_lane(bytes(self._short)):
                self._short = None
                return
            self._take_long_way()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """As uvicorn's, which sets a timer for the connection that idles from here on."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._idle_since = self.loop.time()

    def answer(self, reply: Reply, *, keep_alive: bool) -> None:
        """Send the answer of the request on the express lane."""
        if self.transport.is_closing():
            return
        headers = reply.all_headers()
        if not keep_alive:
            headers.append((b"connection", b"close"))
        whole = b"%b%b\r\n%b" % (self._beginning(reply.status), _lines(headers), reply.body)
        cast("WholeResponses", self.transport).write_whole(whole)
        if not keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _beginning(self, status: int) -> bytes:
        """The status and the headers that every response of this second has: uvicorn has others once a second."""
        common = self.server_state.default_headers
        known_status, known_common, beginning = self._begun
        if known_common is not common or known_status != status:
            beginning = STATUS_LINE[status] + _lines(common)
            self._begun = (status, common, beginning)
        return beginning

    def end_if_stuck(self, now: float) -> None:
        """End the connection where its request does not arrive in time, its answer is not taken, or nothing is asked any more."""
        if self._idle_since is not None and now - self._idle_since > self.timeout_keep_alive:
            self.transport.close()
            return
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
            if self._has_said_why(seconds_max):
                self._unsent_since = now
            else:
                self.transport.abort()
        self._unsent = unsent

    def _has_said_why(self, seconds_max: float) -> bool:
        """Whether the reader of a stream, if it takes the rest after all, will find at the end of that why there is no more."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or self.transport.is_closing() or not getattr(cycle, "chunked_encoding", None):
            return False
        last_words = cycle.scope.get("state", {}).get(LAST_WORDS)
        if last_words is None:
            return False
        cycle.disconnected = True  # whoever still waits to send more finds that the caller has left
        cycle.message_event.set()
        why = f"nothing of what was sent was taken for {seconds_max:g} seconds"
        _logger.warning("a stream's reader is let go: %s", why)
        words = last_words(why)
        self.transport.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(words), words))
        self.transport.close()
        return True

    def send_400_response(self, msg: str) -> None:
        self._end(Problem("invalid", msg, {}), 400)

    def _may_take_lane(self) -> bool:
        """Whether something is asked for in the plainest way, and all before it on the connection is answered."""
        if self.lane is None:
            return False
        parser, cycle = self.parser, cast("RequestResponseCycle | None", self.cycle)
        return (
            self.lane.leads_to(cast("Scope", self.scope), parser.get_method(), self.url)
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and not self.expect_100_continue
            and (cycle is None or cycle.response_complete)
            and not self.flow.write_paused
        )

    def _has_taken_lane(self, body: bytes) -> bool:
        assert self.lane is not None
        exchange = Exchange(self)
        if not self.lane.take(cast("Scope", self.scope), body, exchange.answer):
            return False
        self.cycle = cast("RequestResponseCycle", exchange)
        return True

    def _take_long_way(self) -> None:
        """Hand over what has come of a request that looked as if it could take the express lane."""
        assert self._short is not None
        body, self._short = bytes(self._short), None
        super().on_headers_complete()
        super().on_body(body)

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


def protocol_within(limits: Limits, lane: ExpressLane | None) -> type[Protocol]:
    """The protocol of a server with these limits, and perhaps an express lane: uvicorn makes one of it for each connection."""
    return type("ProtocolWithinLimits", (Protocol,), {"limits": limits, "lane": lane})


def _lines(headers: Iterable[Header]) -> bytes:
    return b"".join([b"%b: %b\r\n" % named for named in headers])


def _refusing(problem: Problem) -> ASGIApp:
    """An application that answers everything with a problem, and ends the connection."""

    async def refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
        await respond_problem(send, problem, [(b"connection", b"close")])

    return refuse
