"""How much is measured: the whole, or a quick look."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from rich.console import Console


@dataclass(frozen=True)
class Plan:
    """Sizes and rounds. ``folder`` is where everything is written."""

    folder: Path
    console: Console
    rounds: int = 5
    share: float = 1.0
    """Of the full number of events an append round writes."""
    reads: int = 300
    """Questions of a kind a round."""
    session_events: int = 100_000
    memory_events: tuple[int, int] = (100_000, 1_100_000)
    pace_seconds: float = 6
    replays: int = 5
    growth: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    """How many events the log holds when the same things are measured again."""
    plot: Path = Path("build/growth.svg")

    def events(self, count: int, multiple: int = 1) -> int:
        """This plan's share of a number of events, in whole batches."""
        return max(int(count * self.share) // multiple, 1) * multiple

    def tell(self, text: str) -> None:
        self.console.print(f"[dim]{text}[/dim]")


QUICK: Final = {
    "rounds": 3,
    "share": 0.3,
    "reads": 150,
    "session_events": 20_000,
    "memory_events": (20_000, 120_000),
    "pace_seconds": 2,
    "replays": 3,
    "growth": (10_000, 50_000),
}


def medians(rounds: Iterable[dict[str, float]]) -> dict[str, float]:
    """The median of each measure over rounds."""
    taken = list(rounds)
    return {name: median(one[name] for one in taken) for name in taken[0]}


def interleaved(rounds: int, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    """The medians of so many rounds after one that only warms up; a round measures everything once, side by side."""
    measure()
    return medians(measure() for _ in range(rounds))
