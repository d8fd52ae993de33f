"""Where the time goes: CPU by thread, taken from the kernel without slowing anything, then every thread under cProfile.

cProfile charges each call of a Python function with its own cost: read its shares, not its microseconds.
"""

import cProfile
import pstats
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from bench.appends import LOADS, Load, measure_load
from bench.plan import Plan
from bench.rebuild import rebuild
from bench.seed import seeded
from bench.server import LoadGenerator, free_port, launcher, serving
from ledger.bootstrap import LOG_FILE
from ledger.domain.program import fold
from ledger.log import garbage
from ledger.log.database import open_sqlite
from ledger.log.program import read_replay

TOP: Final = 28
_THREADS_SHOWN: Final = ("MainThread", "writer", "projections")
_SEEDED_EVENTS: Final = 20_000


def run(plan: Plan, subject: str) -> None:
    SUBJECTS[subject](plan)


def _server(load: Load) -> Callable[[Plan], None]:
    def profile(plan: Plan) -> None:
        by_thread = _cpu_by_thread(plan, load)
        told = [f"{name} {spent:.1f} µs" for name, spent in sorted(by_thread.items(), key=lambda item: -item[1])]
        plan.console.print(f"[bold]{load.name}[/bold]: CPU an event by thread, unprofiled: {', '.join(told)}")
        folder, port = plan.folder / "profiled", free_port()
        folder.mkdir()
        generator = LoadGenerator()
        with serving(folder, launcher(folder, port, "--profile", str(folder)), port) as server:
            rate = measure_load(plan, server, generator, load)[load.name]
        generator.close()
        plan.console.print(f"under the profiler {rate:,.0f} events/s")
        events = plan.events(load.events, load.batch)
        for name in _THREADS_SHOWN:
            show(plan, name, pstats.Stats(str(folder / f"{name}.prof")), events)

    return profile


def _cpu_by_thread(plan: Plan, load: Load) -> dict[str, float]:
    """CPU in µs an event of each of the server's threads under a load."""
    folder, generator = plan.folder / "threads", LoadGenerator()
    port = free_port()
    with serving(folder, launcher(folder, port), port) as server:
        measure_load(plan, server, generator, load)
        before = server.cpu_by_thread(folder)
        measure_load(plan, server, generator, load)
        after = server.cpu_by_thread(folder)
    generator.close()
    events = plan.events(load.events, load.batch)
    return {name: (after[name] - before.get(name, 0.0)) / events * 1e6 for name in after}


def _replay(plan: Plan) -> None:
    folder = plan.folder / "seeded"
    (session,) = seeded(folder, _SEEDED_EVENTS)
    engine, profile = open_sqlite(folder / LOG_FILE, durability="FULL", writing=False), cProfile.Profile()
    with engine.connect() as connection, garbage.paused():
        entries = profile.runcall(read_replay, connection, session)
        profile.runcall(fold, entries, session)
    engine.dispose()
    show(plan, "read_replay and fold", pstats.Stats(profile), len(entries))


def _projection(plan: Plan) -> None:
    folder = plan.folder / "seeded"
    seeded(folder, _SEEDED_EVENTS)
    events, seconds = rebuild(folder)
    plan.console.print(f"views rebuilt: {events / seconds:,.0f} events/s, {seconds / events * 1e6:.1f} µs an event")
    profile = cProfile.Profile()
    rebuild(folder, profile.runcall)
    show(plan, "views rebuilt", pstats.Stats(profile), events)


def show(plan: Plan, title: str, stats: pstats.Stats, events: int) -> None:
    """The functions that took most by themselves."""
    timings: dict[tuple[str, int, str], Any] = stats.stats  # type: ignore[attr-defined]  # there, but in no stub
    shown = Table(title=title, box=None, title_justify="left", title_style="bold")
    for heading in ("own µs/event", "with callees", "calls/event"):
        shown.add_column(heading, justify="right")
    shown.add_column("function", no_wrap=True)
    for place, (_, calls, own, cumulative, _) in sorted(timings.items(), key=lambda item: -item[1][2])[:TOP]:
        microseconds = (f"{spent / events * 1e6:.2f}" for spent in (own, cumulative))
        shown.add_row(*microseconds, f"{calls / events:.3g}", _where(*place))
    plan.console.print(shown)


def _where(path: str, line: int, name: str) -> str:
    return name if path == "~" else f"{'/'.join(Path(path).parts[-2:])}:{line} {name}"


SUBJECTS: Final[dict[str, Callable[[Plan], None]]] = {
    "singles": _server(LOADS[2]),
    "batches": _server(LOADS[-1]),
    "replay": _replay,
    "projection": _projection,
}
