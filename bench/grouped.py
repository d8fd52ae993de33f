"""Writers without HTTP: a program of its own that opens a database and takes jobs as JSON lines, each of so many writers at once.

A writer has a session of its own and asks again as soon as it is answered, on the thread that answers: what is measured is the
ledger's group commit, and no event loop.
"""

import json
import subprocess
import sys
from functools import partial
from threading import Event
from time import perf_counter
from typing import Any

import msgspec

from bench.events import director_event
from bench.seed import start
from ledger.application.batches import read_batch
from ledger.application.catalogue import FUNCTIONS
from ledger.application.functions import Caller, Mutation
from ledger.application.ledger import Ledger
from ledger.bootstrap import open_database
from ledger.domain.vocabulary import Vocabulary
from ledger.log import garbage
from ledger.log.requests import Outcome, Receipt

_CALLER = Caller("bench")
_BY_NAME = {function.name: function for function in FUNCTIONS if isinstance(function, Mutation)}
_SINGLE, _BATCH = _BY_NAME["production:appendDirectorEvent"], _BY_NAME["production:appendDirectorEventsBatch"]
SHARDS = 16
_encode = msgspec.json.encode


class Grouped:
    """The other process, from here."""

    def __init__(self, url: str) -> None:
        words = [sys.executable, "-m", "bench.grouped", url]
        self._running = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def append_rate(self, writers: int, events: int, batch: int = 1, *, keyed: bool = False) -> float:
        """Events a second, acknowledged; ``keyed``: each request has an idempotency key."""
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        job = {"writers": writers, "events": events, "batch": batch, "keyed": keyed}
        self._running.stdin.write(json.dumps(job) + "\n")
        self._running.stdin.flush()
        return float(self._running.stdout.readline())

    def close(self) -> None:
        self._running.communicate()


def append(ledger: Ledger, writers: int, events: int, batch: int, *, keyed: bool = False) -> float:
    sessions = [start(ledger) for _ in range(writers)]
    facts = [director_event(index) for index in range(max(batch, 100))]
    texts = [_encode({"sessionId": session, "events": facts[:batch]}) for session in sessions]
    left, busy = [events // batch // writers] * writers, [writers]
    done = Event()
    failures: list[Exception] = []

    def ask(writer: int) -> None:
        if not left[writer] or failures:
            busy[0] -= 1
            if not busy[0]:
                done.set()
            return
        left[writer] -= 1
        deliver = partial(answered, writer)
        caller = _CALLER._replace(key=f"{left[writer]}") if keyed else _CALLER
        if batch == 1:
            asked: dict[str, Any] = {"sessionId": sessions[writer], **facts[left[writer] % 100]}
            request = ledger.request(_SINGLE, asked, caller, deliver)
        else:  # as a door reads them: straight from their text
            request = ledger.request(_BATCH, texts[writer], caller, deliver, read_batch(texts[writer]))
        ledger.log.submit(request)

    def answered(writer: int, outcome: Outcome) -> None:
        if not isinstance(outcome, Receipt):
            failures.append(outcome)
        ask(writer)

    count = sum(left) * batch
    begun = perf_counter()
    for writer in range(writers):
        ask(writer)
    done.wait()
    if failures:
        raise failures[0]
    return count / (perf_counter() - begun)


def main() -> None:
    with open_database(sys.argv[1], Vocabulary(), shards=SHARDS, is_building=False) as ledger:
        garbage.begin_to_record()
        for line in sys.stdin:
            sys.stdout.write(f"{append(ledger, **json.loads(line))}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
