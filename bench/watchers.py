"""The other process of the live section: many WebSocket clients that only count, and one writer beside them.

Frames are told apart by their length alone: a library would take more of the two cores for a thousand clients than the server does.
It reads jobs from stdin, a JSON object a line, and answers each with a line.
"""

import asyncio
import json
import sys
import time
from functools import partial
from typing import Any, cast

import uvloop

_HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def frame(text: str) -> bytes:
    """A text frame, masked with zeros: clients must mask."""
    body = text.encode()
    size = len(body)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
    return b"\x81" + length + bytes(4) + body


class Watching(asyncio.Protocol):
    """A WebSocket client that keeps when its last text frame came, and how many came."""

    def __init__(self, watchers: "Watchers", said: bytes) -> None:
        """``said`` is what it says once it is let in."""
        self._watchers = watchers
        self._said = said
        self._arrived = b""
        self._is_open = False
        self.came_at = 0.0
        self.frames = 0
        self.last = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are none by name

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        if not self._is_open:
            head, end, rest = self._arrived.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._is_open, self._arrived = True, rest
            self.transport.write(self._said)
        while (size := self._whole()) is not None:
            begin, end_ = size
            if self._arrived[0] == 0x81:
                self.came_at = time.perf_counter()
                self.frames += 1
                self.last = self._arrived[begin:end_]
                self._watchers.came()
            elif self._arrived[0] == 0x89:  # asked whether it is still there
                payload = self._arrived[begin:end_]
                self.transport.write(bytes([0x8A, 0x80 | len(payload)]) + bytes(4) + payload)
            self._arrived = self._arrived[end_:]

    def _whole(self) -> tuple[int, int] | None:
        """Where the payload of a whole frame begins and ends."""
        if len(self._arrived) < 2:
            return None
        size, begin = self._arrived[1], 2
        if size == 126:
            size, begin = int.from_bytes(self._arrived[2:4], "big"), 4
        elif size == 127:
            size, begin = int.from_bytes(self._arrived[2:10], "big"), 10
        return (begin, begin + size) if len(self._arrived) >= begin + size else None


class Watchers:
    def __init__(self) -> None:
        self.of: dict[str, list[Watching]] = {}
        self._awaited = 0
        self._all = asyncio.Event()

    def came(self) -> None:
        self._awaited -= 1
        if self._awaited == 0:
            self._all.set()

    def expect(self, frames: int) -> None:
        self._awaited = frames
        self._all.clear()

    async def all_came(self) -> None:
        async with asyncio.timeout(60):
            await self._all.wait()

    async def connect(self, job: dict[str, Any]) -> dict[str, Any]:
        """Open a WebSocket for each list of messages, which are said, and wait for one frame of each that says something."""
        loop = asyncio.get_running_loop()
        opened = self.of[job["name"]] = []
        self.expect(sum(map(bool, job["said"])))
        for said in job["said"]:
            client = Watching(self, b"".join(map(frame, said)))
            _, watching = await loop.create_connection(partial(_same, client), "127.0.0.1", job["port"])
            watching.transport.write(_HANDSHAKE.format(path=job["path"]).encode())
            opened.append(watching)
        if self._awaited:
            await self.all_came()
        return {}

    async def push(self, job: dict[str, Any]) -> dict[str, Any]:
        """Post a request, and say how long after its answer the frames of those who must be told came."""
        told = [self.of[job["name"]][index] for index in job["told"]]
        self.expect(len(told))
        reader, writer = await asyncio.open_connection("127.0.0.1", job["port"])
        body = job["body"].encode()
        head = f"POST {job['path']} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        began = time.perf_counter()
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        acknowledged = time.perf_counter()
        length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        await self.all_came()
        writer.close()
        times = sorted(watching.came_at for watching in told)
        return {
            "acknowledged": acknowledged - began,
            "middle": times[len(times) // 2] - acknowledged,
            "last": times[-1] - acknowledged,
            "from_request": times[-1] - began,
            "text": told[0].last.decode() if job.get("tell") else "",
        }


def _same(client: Watching) -> Watching:
    return client


async def main() -> None:
    watchers = Watchers()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        job = json.loads(line)
        told = await (watchers.connect(job) if job["kind"] == "connect" else watchers.push(job))
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
