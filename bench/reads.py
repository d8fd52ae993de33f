"""Reads of a short session and of a long one over HTTP: what an answer costs must not grow with the history behind it."""

import random
from typing import Any, Final
from urllib.parse import quote

from bench.events import FIRST_MS, SPACING_MS
from bench.plan import Plan, interleaved
from bench.report import Measure
from bench.seed import SHORT_EVENTS, STILL_EVERY, sessions_of
from bench.server import LoadGenerator, Server, serving

SECTION: Final = "reads over HTTP, one after another"
WINDOW_MS: Final = 10_000
"""Holds as many events in either session."""
PAGE: Final = 50
QUESTIONS: Final = ("timeline window", "best stills", "first event page", "middle event page")
TIMES_AS_LONG_MAX: Final = 1.5


def run(plan: Plan) -> list[Measure]:
    recorded, chance = sessions_of(plan), random.Random(1)
    sizes = {"short": SHORT_EVENTS, "long": plan.session_events}
    sessions = {"short": recorded.short, "long": recorded.long}
    plan.tell(f"reads: {plan.rounds} rounds and one to warm up, {plan.reads} of each question")
    generator = LoadGenerator()
    with serving(recorded.folder) as server:
        cursors = {size: middle_cursor(server, sessions[size], events) for size, events in sizes.items()}

        def one_round() -> dict[str, float]:
            paths = [
                (f"{question} {size}", path)
                for _ in range(plan.reads)
                for size, events in sizes.items()
                for question, path in _paths(sessions[size], events, cursors[size], chance).items()
            ]
            answered = generator.run(server, "ask", paths=paths)
            return {f"{name} {rank}": value for name, ranks in answered.items() for rank, value in ranks.items()}

        taken = interleaved(plan.rounds, one_round)
    generator.close()
    return [_measure(taken, question, rank, sizes) for question in QUESTIONS for rank in ("p50", "p99")]


def _measure(taken: dict[str, float], question: str, rank: str, sizes: dict[str, int]) -> Measure:
    short, long = (taken[f"{question} {size} {rank}_ms"] for size in sizes)
    return Measure(
        SECTION,
        f"{question}, {rank}",
        long,
        "ms",
        ratio=long / short,
        floor=TIMES_AS_LONG_MAX,
        lower_is_better=True,
        note=f"short session: {short:.3g} ms",
    )


def _paths(session: str, events: int, cursor: str, chance: random.Random) -> dict[str, str]:
    """One of each question; the windows lie anywhere in the session."""
    start = FIRST_MS + chance.randrange(events - WINDOW_MS // SPACING_MS) * SPACING_MS
    of_session = f"sessionId={session}"
    page = f"/production/events?{of_session}&numItems={PAGE}"
    return dict(
        zip(
            QUESTIONS,
            (
                f"/production/session/timeline?{of_session}&windowStartMs={start}&windowEndMs={start + WINDOW_MS - 1}",
                f"/production/stills?{of_session}&limit={SHORT_EVENTS // STILL_EVERY}",
                page,
                f"{page}&cursor={quote(cursor)}",
            ),
            strict=True,
        )
    )


def middle_cursor(server: Server, session: str, events: int) -> str:
    """Where an export stands when it is half through."""
    cursor, left = "", events // 2
    while left:
        items = min(left, 5_000)
        query = f"sessionId={session}&numItems={items}" + (f"&cursor={quote(cursor)}" if cursor else "")
        result: dict[str, Any] = server.call("GET", f"/production/events?{query}")["result"]
        cursor, left = result["continueCursor"], left - items
    return cursor
