"""One stream to one caller, as Server-Sent Events. It has no queue: what is not sent yet is still in the log, or is out of date."""

import asyncio
import json
from contextlib import suppress
from typing import Final

from starlette.types import Receive, Send

from ledger.api.problems import problem_of
from ledger.application.live.registry import Lack

QUIET_SECONDS_MAX: Final = 15.0
"""After so long without an event a comment goes out: a line that is silent for longer is given up by what is in between."""
RETRY_MS: Final = 1_000
_ONE_LINE: Final = {10: " ", 13: " "}
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def event(name: str, text: str, event_id: str | None = None) -> str:
    """One event. ``text`` is JSON: a line break in it means nothing, and would end the event's data."""
    named = f"id: {event_id}\n" if event_id is not None else ""
    return f"{named}event: {name}\ndata: {text.translate(_ONE_LINE)}\n\n"


def lacking(lack: Lack) -> str:
    """What is said of the answers that follow, where they lack something, and again once they do not."""
    return event("lacking", json.dumps(lack._asdict()))


def last_words(message: str) -> bytes:
    """What is said where the server ends a stream whose reader is too slow."""
    return event("problem", json.dumps({"code": "unavailable", "message": message})).encode()


class Stream:
    """What goes to one caller, until it leaves or the server stops."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._begun = False
        self.woken = asyncio.Event()
        """Set where there may be something to send."""
        self.is_stopping = False
        self.has_left = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be sent, but why."""
        return self.is_stopping or self.has_left

    def stop(self) -> None:
        """The server stops: the caller is told, and comes back to whoever serves next."""
        self.is_stopping = True
        self.woken.set()

    def wake(self) -> None:
        self.woken.set()

    async def send(self, text: str) -> None:
        """Waits for a caller that is slow to take what was sent before."""
        if not self._begun:
            self._begun = True
            await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            text = f"retry: {RETRY_MS}\n\n{text}"
        await self._send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def wait(self) -> bool:
        """Until woken; meanwhile the line is kept alive. Whether the stream goes on."""
        while not (self.woken.is_set() or self.has_left):
            with suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), QUIET_SECONDS_MAX)
            if not self.woken.is_set():
                await self.send(": still here\n\n")
                return True
        self.woken.clear()
        return not self.is_over

    async def watch_caller(self) -> None:
        """Notice that the caller has left."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.has_left = True
        self.woken.set()

    async def end(self, failure: Exception | None = None) -> None:
        """Say why it ends, and end it. Before anything was sent a failure is raised: it still has a status of its own."""
        if failure is not None and not self._begun:
            raise failure
        if self.has_left:
            return
        if failure is not None:
            problem = problem_of(failure)
            told = {"code": problem.code, "message": problem.message}
            await self.send(event("problem", json.dumps(told, ensure_ascii=False)))
        else:
            await self.send(event("goodbye", '{"reason":"the server is stopping"}'))
        await self._send({"type": "http.response.body", "body": b""})
