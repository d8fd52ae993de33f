"""The memory of each process as a million events go by: what has been written must not stay in it.

A server on SQLite, which builds its views; on PostgreSQL a server that builds none, and a process that only does that.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import linear_regression
from typing import Final

import psutil

from bench.plan import Plan
from bench.report import Measure
from bench.server import LoadGenerator, Server, free_port, serve_words, serving
from tests.postgres import PostgresServer, programs

SECTION: Final = "memory of each process"
GROWTH_MB_MAX: Final = 10
WARM_EVENTS: Final = 100_000
"""After fewer, what every process keeps once (caches, statements, the log's tail) is not all there yet."""
BATCH: Final = 1_000
CLIENTS: Final = 2
_A_SESSION: Final = 2 * BATCH
"""Hundreds of sessions go by as well: what is kept of each would stay, too; and every shard has had some of the first."""
_SETTLE_SECONDS: Final = 1.0
_PATROL: Final = "LEDGER_PATROL_SECONDS"
_WARM_SECONDS: Final = 40.0
"""The patrol looks at a session every second here, for a leak of its to show; its first looks take some 30 MB once."""
_SAMPLES: Final = 10
_LATEST: Final = 6
_PROJECT: Final = (sys.executable, "-c", "from ledger.cli import app; app()", "project", "--database")

Samples = dict[str, list[float]]
"""Megabytes (10^6 bytes) of each process: after the first events, and then as the others go by."""


def run(plan: Plan) -> list[Measure]:
    before = os.environ.get(_PATROL)
    os.environ[_PATROL] = "1"
    try:
        return [*_on_sqlite(plan), *_on_postgres(plan)]
    finally:
        os.environ.pop(_PATROL)
        if before is not None:
            os.environ[_PATROL] = before


def _on_sqlite(plan: Plan) -> list[Measure]:
    folder = plan.folder / "memory"
    with serving(folder) as server:
        empty = server.memory_mb()
        taken = _sampled(plan, "SQLite", server, {"a server, with its views": server.running})
    shutil.rmtree(folder)
    return [Measure(SECTION, "a server, nothing written", empty, "MB"), *_told(plan, "SQLite", taken)]


def _on_postgres(plan: Plan) -> list[Measure]:
    found = programs()
    if found is None:
        plan.tell("there is no PostgreSQL here: the memory of processes on it is not measured")
        return []
    database = PostgresServer(found, durable=False)
    folder, port = plan.folder / "memory-postgres", free_port()
    try:
        url = database.new_database()
        with (
            serving(folder, serve_words("--database", url, "--no-project", "--port", str(port)), port) as server,
            _projecting(url, folder / "project.log") as building,
        ):
            processes = {"a server, without views": server.running, "a process of the views": building}
            return _told(plan, "PostgreSQL", _sampled(plan, "PostgreSQL", server, processes))
    finally:
        database.remove()
        shutil.rmtree(folder)


@contextmanager
def _projecting(url: str, log: Path) -> Iterator[psutil.Process]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with log.open("wb") as said, subprocess.Popen([*_PROJECT, url], env=environment, stderr=said) as started:
        try:
            yield psutil.Process(started.pid)
        finally:
            started.terminate()


def _sampled(plan: Plan, where: str, server: Server, processes: dict[str, psutil.Process]) -> Samples:
    few, many = plan.memory_events
    plan.tell(f"memory on {where}: {many:,} events in batches of {BATCH:,}")
    generator = LoadGenerator()
    taken: Samples = {name: [] for name in processes}
    for events in (few, *[(many - few) // _SAMPLES] * _SAMPLES):
        _append(server, generator, events)
        if few >= WARM_EVENTS and not any(taken.values()):
            time.sleep(_WARM_SECONDS)
        for name, process in processes.items():
            taken[name].append(process.memory_info().rss / 1e6)
    generator.close()
    return taken


def _append(server: Server, generator: LoadGenerator, events: int) -> None:
    for first in range(0, events, _A_SESSION):
        count = min(_A_SESSION, events - first)
        generator.run(server, "append", session=server.start_session(), clients=CLIENTS, batch=BATCH, events=count)
    server.wait_until_caught_up()
    time.sleep(_SETTLE_SECONDS)


def _told(plan: Plan, where: str, taken: Samples) -> list[Measure]:
    few, many = plan.memory_events
    measures = []
    for name, samples in taken.items():
        # A busy hour leaves its mark once, where more had to be in memory at a time; a leak goes on.
        latest = samples[-_LATEST:]
        trend = linear_regression(range(_LATEST), latest).slope * _SAMPLES
        plan.tell(f"{where}, {name}, MB: {' '.join(f'{sample:.0f}' for sample in samples)}")
        measures += [
            Measure(SECTION, f"{where}: {name}, after {few:,} events", samples[0], "MB"),
            Measure(
                SECTION,
                f"{where}: more over {many - few:,} events, by the trend of the last {_LATEST} samples",
                max(0.0, trend),
                "MB",
                floor=GROWTH_MB_MAX if few >= WARM_EVENTS else None,
                lower_is_better=True,
            ),
        ]
    return measures
