"""HTTP by hand, on lines that stay open: fast enough to be no bottleneck, plain enough to see every byte."""

import json
import selectors
import socket
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """A whole response."""

    status: int
    body: Any
    """Its JSON."""


class LineClosedError(Exception):
    """The server has ended the connection: whether it carried out the request is not known."""


def request(route: str, arguments: Any, *, key: str | None = None) -> bytes:
    """A mutation as the bytes of its request."""
    body = json.dumps(arguments).encode()
    header = f"Idempotency-Key: {key}\r\n" if key else ""
    head = f"POST /production/{route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{header}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Line:
    """One connection: a request, its answer, the next."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def send(self, asked: bytes) -> None:
        try:
            self.socket.sendall(asked)
        except OSError as error:
            raise LineClosedError from error

    def receive(self) -> Answer:
        """The answer to what was sent. Raises LineClosedError."""
        while (answer := self._whole()) is None:
            try:
                part = self.socket.recv(65_536)
            except OSError as error:
                raise LineClosedError from error
            if not part:
                raise LineClosedError
            self._received += part
        return answer

    def ask(self, asked: bytes) -> Answer:
        self.send(asked)
        return self.receive()

    def close(self) -> None:
        self.socket.close()

    def _whole(self) -> Answer | None:
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return None
        self._received = rest[length:]
        return Answer(int(head.split(b" ", 2)[1]), json.loads(rest[:length]))


def closed_loop(port: int, writers: Sequence[Callable[[int], bytes]], rounds: int) -> list[Answer]:
    """Writers at once, each with a line of its own on which it asks again as soon as it is answered."""
    chosen = selectors.DefaultSelector()
    lines = [Line(port) for _ in writers]
    left = dict.fromkeys(lines, rounds)
    answers: list[Answer] = []
    try:
        for line, writer in zip(lines, writers, strict=True):
            chosen.register(line.socket, selectors.EVENT_READ, (line, writer))
            line.send(writer(rounds))
        while any(left.values()):
            for ready, _ in chosen.select():
                line, writer = ready.data
                answers.append(line.receive())
                left[line] -= 1
                if left[line]:
                    line.send(writer(left[line]))
    finally:
        chosen.close()
        for line in lines:
            line.close()
    return answers
