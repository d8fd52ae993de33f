"""Writers that keep posting to a server that may die under them, and remember what it acknowledged."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Final

from tests.acceptance.wire import Line, LineClosedError, request

BATCH: Final = 20


@dataclass
class Writer:
    """Posts singles and batches of numbered events to one session, one at a time, each under a key of its own."""

    name: str
    session_id: str
    acknowledged: list[tuple[str, int]] = field(default_factory=list)
    """Ids with the number of the event that each was answered for, in the order of the answers."""
    failure: str | None = None
    _pending: tuple[bytes, list[int]] | None = None
    _sent: int = 0
    _requests: Iterator[int] = field(default_factory=itertools.count)

    def write(self, port: int, stop: Event) -> None:
        """Post until told to stop or until the server is gone. What was not answered then is asked again the next time."""
        try:
            line = Line(port)
        except OSError:
            return
        try:
            while not stop.is_set() and self.failure is None:
                self._pending = self._pending or self._next()
                asked, numbers = self._pending
                answer = line.ask(asked)
                if answer.status != 200:
                    self.failure = f"{self.name}: {answer}"
                    return
                result = answer.body["result"]
                ids = result if isinstance(result, list) else [result]
                self.acknowledged += zip(ids, numbers, strict=True)
                self._pending = None
        except LineClosedError:
            pass
        finally:
            line.close()

    def has_sent(self, session_id: str, body: dict[str, Any]) -> bool:
        """Whether an event was ever posted, so and not otherwise."""
        number = body["metadata"]["number"]
        return session_id == self.session_id and number < self._sent and body == self._event(number)

    def _next(self) -> tuple[bytes, list[int]]:
        count = next(self._requests)
        numbers = list(range(self._sent, self._sent + (BATCH if count % 4 == 3 else 1)))
        self._sent += len(numbers)
        events = [self._event(number) for number in numbers]
        key = f"{self.name}-{count}"
        if len(events) == 1:
            return request("event", {"sessionId": self.session_id, **events[0]}, key=key), numbers
        return request("event/batch", {"sessionId": self.session_id, "events": events}, key=key), numbers

    def _event(self, number: int) -> dict[str, Any]:
        return {
            "timestampMs": 1_000 + number,
            "eventType": "bar_fire",
            "metadata": {"writer": self.name, "number": number},
        }


class Writing:
    """Writers at work, each on a thread of its own."""

    def __init__(self, writers: list[Writer], port: int) -> None:
        self._stop = Event()
        self._threads = [Thread(target=writer.write, args=(port, self._stop)) for writer in writers]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Wait until each writer has stopped, its last request answered or the server gone."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
