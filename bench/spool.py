"""A device's spool: what a call costs beside the bare sync of the same bytes, and how fast a backlog reaches the ledger."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

from bench.events import director_event, music_moment
from bench.plan import Plan, interleaved
from bench.report import Measure
from bench.server import LoadGenerator, Server, serving
from ledger.client import Writer
from ledger.client.functions import Call, call_of
from ledger.client.spool import Spool

SECTION: Final = "a device's spool"
CALLS: Final = 1_000
THREADS: Final = 8
BACKLOG: Final = 50_000
BATCH: Final = 1_000
MIXED: Final = 10_000
MOMENT_EVERY: Final = 4
"""One fact in so many of a mixed backlog is a music moment: no batch of it is longer than three."""
NOBODY: Final = "http://127.0.0.1:9"
SESSION: Final = "s06fy7gq0k5m8z1b9d4w2x3cv"


def run(plan: Plan) -> list[Measure]:
    plan.tell("spool: calls beside bare syncs, and a backlog that is caught up with")
    folder = plan.folder / "spool"
    folder.mkdir()
    generator = LoadGenerator()
    calls = interleaved(plan.rounds, lambda: _calls(plan, folder))
    with serving(folder / "ledger") as server:
        catching_up = interleaved(plan.rounds, lambda: _catching_up(plan, folder, server, generator))
    generator.close()
    shutil.rmtree(folder)
    call, bare = calls["call"], calls["bare"]
    overhead = call - bare
    return [
        Measure(
            SECTION, "a call, p50", call, "µs", raw=bare, ratio=call / bare, lower_is_better=True, note="raw: bare sync"
        ),
        Measure(SECTION, "of it beside the sync", overhead, "µs", floor=200, aim=100, lower_is_better=True),
        Measure(SECTION, f"calls, {THREADS} threads", calls["grouped"], "calls/s", note="grouped: they share a sync"),
        Measure(
            SECTION,
            "catching up",
            catching_up["caught up"],
            ratio=catching_up["caught up"] / catching_up["batches"],
            floor=0.5,
            aim=1.0,
            note="ratio to batches of 1,000 by one client",
        ),
        Measure(
            SECTION, "catching up, all kinds of facts", catching_up["mixed"], "facts/s", note="a music moment in four"
        ),
    ]


def _stated(index: int) -> dict[str, Any]:
    return {"sessionId": SESSION, **director_event(index)}


def _calls(plan: Plan, folder: Path) -> dict[str, float]:
    """A call and a bare write and sync of its bytes take turns; then many threads call at once."""
    count = plan.events(CALLS)
    took: list[float] = []
    bare: list[float] = []
    descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with Writer(NOBODY, spool=folder / "device", retry_seconds_max=60) as writer:
        for index in range(count):
            stated = _stated(index)
            content = str(stated).encode()
            began = perf_counter()
            writer.call("appendDirectorEvent", stated)
            between = perf_counter()
            os.write(descriptor, content)
            os.fdatasync(descriptor)
            bare.append(perf_counter() - between)
            took.append(between - began)
        began = perf_counter()
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(lambda index: writer.call("appendDirectorEvent", _stated(index)), range(count)))
        grouped = count / (perf_counter() - began)
        writer.close(timeout=0)
    os.close(descriptor)
    shutil.rmtree(folder / "device")
    return {"call": median(took) * 1e6, "bare": median(bare) * 1e6, "grouped": grouped}


def _catching_up(plan: Plan, folder: Path, server: Server, generator: LoadGenerator) -> dict[str, float]:
    """Two backlogs from a spool, and as many events as in the first in batches from the load generator."""
    events, mixed = plan.events(BACKLOG, BATCH), plan.events(MIXED, BATCH)
    caught_up = _caught_up(server, folder / "backlog", events, moment_every=0)
    caught_up_mixed = _caught_up(server, folder / "mixed", mixed, moment_every=MOMENT_EVERY)
    asked = {"session": server.start_session(), "clients": 1, "batch": BATCH, "events": events}
    batches = events / generator.run(server, "append", **asked)["seconds"]
    return {"caught up": caught_up, "mixed": caught_up_mixed, "batches": batches}


def _caught_up(server: Server, spool: Path, facts: int, *, moment_every: int) -> float:
    """How many facts a second reach the ledger from a spool that holds so many, once that is open: so it is in an outage."""
    session = server.start_session()

    def stated(index: int) -> Call:
        is_moment = moment_every and index % moment_every == moment_every - 1
        function, told = ("appendMusicMoment", music_moment) if is_moment else ("appendDirectorEvent", director_event)
        return call_of(function, {"sessionId": session, **told(index)}, lambda: 0)

    with closing(Spool(spool, spool.name)) as filling:
        for first in range(0, facts, BATCH):
            filling.append([stated(index) for index in range(first, first + BATCH)])
    server.wait_until_caught_up()
    with Writer(f"http://127.0.0.1:{server.port}", spool=spool) as writer:
        began = perf_counter()
        writer.flush()
        seconds = perf_counter() - began
    shutil.rmtree(spool)
    server.wait_until_caught_up()
    return facts / seconds
