"""The server's memory after many events beside that after few: what has been written must not stay in it."""

import shutil
import time
from typing import Final

from bench.plan import Plan
from bench.report import Measure
from bench.server import LoadGenerator, Server, serving

SECTION: Final = "memory of the server"
GROWTH_MB_MAX: Final = 10
WARM_EVENTS: Final = 100_000
"""After fewer, what every server keeps once (caches, statements, the log's tail) is not all there yet."""
BATCH: Final = 1_000
CLIENTS: Final = 4
_A_SESSION: Final = 100_000
_SETTLE_SECONDS: Final = 1.0


def run(plan: Plan) -> list[Measure]:
    few, many = plan.memory_events
    plan.tell(f"memory: {many:,} events in batches of {BATCH:,}")
    folder, generator = plan.folder / "memory", LoadGenerator()
    with serving(folder) as server:
        empty = server.memory_mb()
        after_few = _memory_after(server, generator, few)
        after_many = _memory_after(server, generator, many - few)
    generator.close()
    shutil.rmtree(folder)
    return [
        Measure(SECTION, "idle, nothing written", empty, "MB"),
        Measure(SECTION, f"after {few:,} events", after_few, "MB"),
        Measure(
            SECTION,
            f"more after {many:,}",
            after_many - after_few,
            "MB",
            floor=GROWTH_MB_MAX if few >= WARM_EVENTS else None,
            lower_is_better=True,
        ),
    ]


def _memory_after(server: Server, generator: LoadGenerator, events: int) -> float:
    while events > 0:
        batch = min(events, _A_SESSION)
        generator.run(server, "append", session=server.start_session(), clients=CLIENTS, batch=BATCH, events=batch)
        server.wait_until_caught_up()
        events -= batch
    time.sleep(_SETTLE_SECONDS)
    return server.memory_mb()
