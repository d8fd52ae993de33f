"""Cost as work grows: the same appends and the same reads with more and more in the log, told as a table and as a plot.

The log grows in a process of its own, without HTTP; the server that is measured is started anew on each size of it.
"""

import shutil
import time
from pathlib import Path
from typing import Final

from bench.plan import Plan
from bench.report import Measure
from bench.seed import grown
from bench.server import LoadGenerator, Server, serving

SECTION: Final = "as the log grows"
BATCH: Final = 1_000
_A_SESSION: Final = 100_000
_FIRST: Final = 5 * BATCH
"""Events of the session that is read at every size."""
_BYTES_AN_EVENT: Final = 1_250
"""Of log and views, and of what is written before it is moved into them."""
_TELL_SECONDS: Final = 10.0
SINGLES: Final = 2_000
_SIZE: Final = (640, 320)
_MARGIN: Final = 60
_COLOURS: Final = ("#0b6e4f", "#c84630", "#355070", "#b08900")


def run(plan: Plan) -> list[Measure]:
    folder, generator = plan.folder / "growth", LoadGenerator()
    _require_room(plan)
    taken: dict[int, dict[str, float]] = {}
    first, there = "", 0
    for size in plan.growth:
        first, there = _grow(plan, folder, first, there, size)
        with serving(folder) as server:
            server.wait_until_caught_up()
            taken[size] = _measured(plan, server, generator, first)
        there += plan.events(SINGLES) + plan.events(20_000, BATCH)
    generator.close()
    shutil.rmtree(folder)
    plot(plan.plot, taken)
    smallest = taken[plan.growth[0]]
    return [
        Measure(
            SECTION,
            f"{name} at {size:,}",
            value,
            "ms",
            ratio=value / smallest[name],
            floor=1.5 if size != plan.growth[0] else None,
            lower_is_better=True,
            note=f"to that at {plan.growth[0]:,}",
        )
        for name in smallest
        for size, value in ((size, measured[name]) for size, measured in taken.items())
    ]


def _require_room(plan: Plan) -> None:
    wanted, free = max(plan.growth) * _BYTES_AN_EVENT, shutil.disk_usage(plan.folder).free
    if free < wanted:
        raise SystemExit(
            f"{plan.folder}: {max(plan.growth):,} events take {wanted / 1e9:.0f} GB; {free / 1e9:.0f} are free"
        )


def _grow(plan: Plan, folder: Path, first: str, there: int, size: int) -> tuple[str, int]:
    """Have so many events in the log, all in its views: the session to read, and how many there are."""
    wanted = [_FIRST] if not first else []
    left = size - there - sum(wanted)
    wanted += [min(_A_SESSION, left - done) for done in range(0, left, _A_SESSION)]
    began = told_at = time.monotonic()
    before = there
    for events, session in zip(wanted, grown(folder, *wanted) if wanted else (), strict=True):
        first = first or session
        there += events
        if (now := time.monotonic()) - told_at > _TELL_SECONDS:
            told_at = now
            pace = (there - before) / (now - began)
            plan.tell(f"as the log grows: {there:,} of {size:,} events, {pace:,.0f} a second")
    plan.tell(f"as the log grows: {there:,} events, recorded and in the views after {time.monotonic() - began:.0f} s")
    return first, there


def _measured(plan: Plan, server: Server, generator: LoadGenerator, first: str) -> dict[str, float]:
    """Milliseconds at p50, but for batches: a batch's share of the run."""
    session, events = server.start_session(), plan.events(20_000, BATCH)
    single = generator.run(server, "append", session=session, clients=1, batch=1, events=plan.events(SINGLES))
    batches = generator.run(server, "append", session=server.start_session(), clients=1, batch=BATCH, events=events)
    server.wait_until_caught_up()
    about = f"sessionId={first}"
    paths = {
        "the timeline": f"/production/session/timeline?{about}",
        "a page of 50 events": f"/production/events?{about}&numItems=50",
        "the sessions": "/production/sessions?numItems=50",
    }
    asked = generator.run(
        server, "ask", paths=[[name, path] for _ in range(plan.reads) for name, path in paths.items()]
    )
    return {
        "a single append": single["p50_ms"],
        "a batch of 1,000": batches["p50_ms"],
        **{name: asked[name]["p50_ms"] for name in paths},
    }


def plot(path: Path, taken: dict[int, dict[str, float]]) -> None:
    """An SVG of each measure beside its own smallest log: flat lines at 1 are what is wanted."""
    sizes, names = list(taken), list(next(iter(taken.values())))
    width, height = _SIZE
    top = max(2.0, *(taken[size][name] / taken[sizes[0]][name] for size in sizes for name in names))
    step = (width - 2 * _MARGIN) / max(1, len(sizes) - 1)

    def y(ratio: float) -> float:
        return height - _MARGIN - ratio / top * (height - 2 * _MARGIN)

    drawn = [f'<rect width="{width}" height="{height}" fill="white"/>']
    for ratio in range(int(top) + 1):
        drawn.append(
            f'<line x1="{_MARGIN}" x2="{width - _MARGIN}" y1="{y(ratio):.1f}" y2="{y(ratio):.1f}" stroke="#ddd"/>'
        )
        drawn.append(f'<text x="{_MARGIN - 24}" y="{y(ratio) + 4:.1f}">{ratio}x</text>')
    for place, size in enumerate(sizes):
        drawn.append(f'<text x="{_MARGIN + place * step - 20:.1f}" y="{height - _MARGIN + 18}">{size:,}</text>')
    for number, name in enumerate(names):
        colour = _COLOURS[number % len(_COLOURS)]
        dash = ' stroke-dasharray="6 3"' if number >= len(_COLOURS) else ""
        points = " ".join(
            f"{_MARGIN + place * step:.1f},{y(taken[size][name] / taken[sizes[0]][name]):.1f}"
            for place, size in enumerate(sizes)
        )
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        told = f"{name}, {taken[sizes[0]][name]:.2g} ms at {sizes[0]:,}"
        drawn.append(f'<text x="{_MARGIN + 8}" y="{16 + number * 14}" fill="{colour}">{told}</text>')
    drawn.append(f'<text x="{width / 2 - 60:.0f}" y="{height - 12}">events in the log</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *drawn, "</svg>"]) + "\n", "utf-8")
