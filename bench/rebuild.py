"""The views of a folder built anew from its log, on the caller's thread: a projection with nothing beside it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from ledger.bootstrap import LOG_FILE, VIEWS_FILE, now_ms
from ledger.log.database import open_sqlite
from ledger.log.eventlog import EventLog
from ledger.projections.runner import Runner
from ledger.projections.views import Views


def rebuild(folder: Path, carry_out: Callable[[Callable[[], None]], Any] = lambda work: work()) -> tuple[int, float]:
    """How many events, in how many seconds; ``carry_out`` is given the work, to profile it."""
    for path in folder.glob(f"{VIEWS_FILE}*"):
        path.unlink()
    engines = [
        open_sqlite(folder / LOG_FILE, durability="FULL", writing=False),
        open_sqlite(folder / VIEWS_FILE, durability="NORMAL", writing=True),
        open_sqlite(folder / VIEWS_FILE, durability="NORMAL", writing=False),
    ]
    log = EventLog(writing=None, reading=engines[0], clock=now_ms)
    runner = Runner(log, Views(writing=engines[1], reading=engines[2], log=log))
    begun = perf_counter()
    carry_out(runner.catch_up)
    took = perf_counter() - begun
    for engine in engines:
        engine.dispose()
    return sum(log.heads()), took


def main() -> None:
    events, seconds = rebuild(Path(sys.argv[1]))
    json.dump({"events": events, "seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
