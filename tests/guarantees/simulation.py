"""One seeded life of a ledger on a fake disk: what was asked of it, what it answered, and what was written when."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from threading import Event as Signal
from typing import Any, Final, NamedTuple

from ledger import bootstrap
from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Caller, Mutation
from ledger.application.ledger import Answer, Ledger
from ledger.domain.vocabulary import Vocabulary
from ledger.log import database
from ledger.log.requests import Outcome
from tests.acceptance.refold import catch_up
from tests.guarantees.disk import FakeDisk, Note, Trouble
from tests.guarantees.interception import FULL, SYNC_FAILED, WRITE_FAILED, intercepting
from tests.log.opened import together

_CAUGHT_UP: Final = "the views have caught up"


class Asked(NamedTuple):
    """A request: so many events in one batch, under a key of its own."""

    number: int
    events: int
    padding: str

    def body(self) -> dict[str, Any]:
        """Each of its events."""
        metadata = {"request": self.number, "padding": self.padding}
        return {"timestampMs": self.number, "eventType": "cut", "metadata": metadata}

    def arguments(self, session_id: str) -> dict[str, Any]:
        return {"sessionId": session_id, "events": [self.body()] * self.events}

    @property
    def caller(self) -> Caller:
        return Caller("simulated", f"key-{self.number}")


class Told(NamedTuple):
    """What its sender was told of a request."""

    request: Asked
    outcome: Outcome


def _function(name: str) -> Mutation:
    function = BY_NAME[f"production:{name}"]
    assert isinstance(function, Mutation)
    return function


def start(ledger: Ledger) -> Answer:
    """Begin the session; asked again, it is the same one."""
    arguments = {"sessionType": "music_demo"}
    return ledger.write(_function("startProductionSession"), arguments, Caller("simulated", "the session"))


def ask(ledger: Ledger, session_id: str, request: Asked) -> Answer:
    """Ask and wait for the answer."""
    return ledger.write(_function("appendDirectorEventsBatch"), request.arguments(session_id), request.caller)


class Life:
    """A ledger that runs in ``folder`` on a fake disk from its beginning to its orderly end.

    The same seed is the same life, but for times and random bytes.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        chance = Random(seed)
        self.asked: list[Asked] = []
        self._disk = FakeDisk(chance)
        checkpoint_pages = chance.choice((8, 60, 4_000))
        with (
            _checkpointing(checkpoint_pages),
            intercepting(self._disk),
            bootstrap.open_for_writing(folder, Vocabulary()) as ledger,
        ):
            self.session_id: str = json.loads(start(ledger).json)
            self._disk.tell(self.session_id)
            self._disk.trouble(_troubles(chance))
            for _ in range(chance.randint(4, 16)):
                self._ask_together(ledger, [self._next(chance) for _ in range(chance.randint(1, 5))])
        self.notes = _in_order(self._disk.notes)

    def moments(self, chance: Random, count: int) -> list[int]:
        """When to cut the power: half of the times right after somebody was told something, bad news if there was any."""
        told = [at for at, note in enumerate(self.notes, 1) if isinstance(note.told, Told)]
        bad_news = [at for at in told if isinstance(self.notes[at - 1].told.outcome, Exception)]
        anywhere = range(len(self.notes) + 1)
        return [
            chance.choice(choices)
            for choices, _ in zip(cycle((anywhere, bad_news or told)), range(count), strict=False)
        ]

    def _next(self, chance: Random) -> Asked:
        events = chance.choice((1, 1, 1, 5, 40))
        self.asked.append(Asked(len(self.asked), events, "x" * chance.choice((0, 0, 3_000))))
        return self.asked[-1]

    def _ask_together(self, ledger: Ledger, requests: list[Asked]) -> None:
        """All are decided, and made durable, as one group."""
        waiting = [Signal() for _ in requests]
        append = _function("appendDirectorEventsBatch")
        with together(ledger.log):
            for request, answered in zip(requests, waiting, strict=True):
                deliver = partial(self._deliver, request, answered)
                ledger.log.submit(ledger.request(append, request.arguments(self.session_id), request.caller, deliver))
        for answered in waiting:
            assert answered.wait(60), "every request is answered"
        catch_up(ledger)
        self._disk.tell(_CAUGHT_UP)

    def _deliver(self, request: Asked, answered: Signal, outcome: Outcome) -> None:
        self._disk.tell(Told(request, outcome))
        answered.set()


@contextmanager
def _checkpointing(pages: int) -> Iterator[None]:
    """SQLite copies its write-ahead log back after so many pages: lives as short as these would not see it otherwise."""
    usual = database.WAL_PAGES_MAX
    vars(database)["WAL_PAGES_MAX"] = pages
    try:
        yield
    finally:
        vars(database)["WAL_PAGES_MAX"] = usual


def _troubles(chance: Random) -> list[Trouble]:
    """Half of all lives have none; the others one, early or late, short or long."""
    code = chance.choice((None, None, None, FULL, WRITE_FAILED, SYNC_FAILED))
    if code is None:
        return []
    file = chance.choice(("log.sqlite-wal", "log.sqlite-wal", "log.sqlite"))
    first = chance.randint(1, 80)
    return [Trouble(file, code, first, first + chance.choice((0, 3, 40)))]


def _in_order(notes: list[Note]) -> list[Note]:
    """Notes as they were taken, but those of the views moved to where these had caught up.

    Another thread makes them, and which of the two comes first is nobody's choice: two lives of one seed would differ.
    """
    ordered: list[Note] = []
    of_views: list[Note] = []
    for note in notes:
        if note.told == _CAUGHT_UP:
            ordered += of_views
            of_views = []
        elif note.file.startswith("views"):
            of_views.append(note)
        else:
            ordered.append(note)
    return ordered + of_views
