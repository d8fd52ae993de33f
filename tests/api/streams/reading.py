"""A reader of Server-Sent Events, as a page or ``curl -N`` is one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx2

from tests.serving import Serving


class Told(NamedTuple):
    name: str
    value: Any
    event_id: str | None


class Reader:
    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def next(self) -> Told:
        """The next event; comments and pauses go by."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if not line and "data" in fields:
                return Told(fields["event"], json.loads(fields["data"]), fields.get("id"))
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
        raise EOFError

    def comment(self) -> str:
        """The next comment; events and pauses go by."""
        return next(line for line in self._lines if line.startswith(":")).removeprefix(": ")

    def until(self, name: str) -> list[Told]:
        """The events up to the first of a name, that one too."""
        told = [self.next()]
        while told[-1].name != name:
            told.append(self.next())
        return told


@contextmanager
def reading(serving: Serving, path: str, headers: dict[str, str] | None = None, **asked: Any) -> Iterator[Reader]:
    accepting = {"Accept": "text/event-stream", **(headers or {})}
    with serving.client.stream("GET", path, params=asked, headers=accepting, timeout=60) as response:
        yield Reader(response)
