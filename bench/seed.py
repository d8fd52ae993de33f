"""Sessions to read: written through the application, without a server, as fast as its writer goes."""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Semaphore
from typing import Any, Final

from bench.events import CAMERAS, FIRST_MS, SPACING_MS, director_event, music_moment, still
from bench.plan import Plan
from ledger.application.catalogue import FUNCTIONS
from ledger.application.functions import Caller, Mutation
from ledger.application.ledger import Ledger
from ledger.bootstrap import open_for_writing
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Outcome, Receipt

BATCH: Final = 1_000
STILL_EVERY: Final = 50
SHORT_EVENTS: Final = 1_000
WAITING_MAX: Final = 2_000
BATCHES_WAITING_MAX: Final = 8
LAG_MAX: Final = 50_000
"""How far the views may be behind when the next session begins, so that whoever waits is told how far both are."""
_MUTATIONS: Final = {function.name: function for function in FUNCTIONS if isinstance(function, Mutation)}
_CALLER: Final = Caller("bench")

Call = tuple[str, dict[str, Any]]


def shoot(session: str, events: int) -> Iterator[Call]:
    """The calls that record a shoot: so many director events and as many music moments, a still every STILL_EVERY."""
    for camera in CAMERAS:
        known = {"sessionId": session, "cameraId": camera, "sourceType": "iphone", "role": "hero", "isActive": True}
        yield "upsertProductionCamera", {**known, "priorityWeight": 0.5, "timestampMs": FIRST_MS}
    for first in range(0, events, BATCH):
        span = range(first, min(first + BATCH, events))
        yield "appendDirectorEventsBatch", {"sessionId": session, "events": [director_event(index) for index in span]}
        for index in span:
            yield "appendMusicMoment", {"sessionId": session, **music_moment(index)}
        for index in range(first // STILL_EVERY, span.stop // STILL_EVERY):
            yield "createStillCandidate", {"sessionId": session, **still(index, STILL_EVERY)}
    yield "completeProductionSession", {"sessionId": session, "timestampMs": FIRST_MS + events * SPACING_MS}


def batches(session: str, events: int) -> Iterator[Call]:
    """The calls that record so many director events, and nothing else."""
    for first in range(0, events, BATCH):
        span = range(first, min(first + BATCH, events))
        yield "appendDirectorEventsBatch", {"sessionId": session, "events": [director_event(index) for index in span]}


def record(ledger: Ledger, calls: Iterator[Call], waiting_max: int = WAITING_MAX) -> None:
    """Carry out all calls, many at a time. Raises the first failure."""
    free = Semaphore(waiting_max)
    failures: list[Exception] = []

    def deliver(outcome: Outcome) -> None:
        if not isinstance(outcome, Receipt):
            failures.append(outcome)
        free.release()

    for name, arguments in calls:
        free.acquire()
        ledger.log.submit(ledger.request(_MUTATIONS[f"production:{name}"], arguments, _CALLER, deliver))
        if failures:
            raise failures[0]
    for _ in range(waiting_max):
        free.acquire()


def start(ledger: Ledger) -> str:
    """A new session that rolls from FIRST_MS on."""
    facts = {"sessionType": "photoshoot_performance", "status": "rolling", "timestampMs": FIRST_MS}
    session: str = ledger.write(_MUTATIONS["production:startProductionSession"], facts, _CALLER).json.strip('"')
    return session


@dataclass(frozen=True)
class Sessions:
    """A ledger that two sections read: a short session and a long one."""

    folder: Path
    short: str
    long: str


@cache
def sessions_of(plan: Plan) -> Sessions:
    """Recorded once a run."""
    folder = plan.folder / "seeded"
    plan.tell(f"recording sessions of {SHORT_EVENTS:,} and {plan.session_events:,} director events, with as much music")
    return Sessions(folder, *seeded(folder, SHORT_EVENTS, plan.session_events))


def seeded(folder: Path, *events: int) -> list[str]:
    """The Ids of sessions with so many director events each, and as many music moments, in a new ledger."""
    words = [sys.executable, "-m", "bench.seed", str(folder), *map(str, events)]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.split()


def grown(folder: Path, *events: int) -> Iterator[str]:
    """Sessions with so many director events each, and nothing else, are added to a ledger: the Id of each once it is recorded."""
    words = [sys.executable, "-m", "bench.seed", str(folder), "--director-only", *map(str, events)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as recording:
        assert recording.stdout is not None
        try:
            for line in recording.stdout:
                yield line.strip()
        except BaseException:  # whoever is interrupted waits for no million events
            recording.terminate()
            raise
    if recording.returncode:
        raise subprocess.CalledProcessError(recording.returncode, words)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("events", type=int, nargs="+", help="director events of each session")
    arguments.add_argument("--director-only", action="store_true", help="no cameras, no music, no stills, no end")
    given = arguments.parse_args()
    with open_for_writing(given.folder, Vocabulary()) as ledger:
        for events in given.events:
            session = start(ledger)
            if given.director_only:
                record(ledger, batches(session, events), BATCHES_WAITING_MAX)
            else:
                record(ledger, shoot(session, events))
            while ledger.runner.lag() > LAG_MAX:
                time.sleep(0.05)
            sys.stdout.write(f"{session}\n")
            sys.stdout.flush()
        while ledger.runner.lag():
            time.sleep(0.05)


if __name__ == "__main__":
    main()
