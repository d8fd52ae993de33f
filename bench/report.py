"""What was measured, beside what, and whether it is what was asked for: as a table, and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

THE_SAME: Final = 0.95
"""An aim of "the same" is met within 5 %: what is visible comes after what is acknowledged, however soon."""


@dataclass(frozen=True)
class Measure:
    """One line. Judged is ``ratio`` where there is one, else ``ours``."""

    section: str
    name: str
    ours: float
    unit: str = "events/s"
    raw: float | None = None
    peer: float | None = None
    ratio: float | None = None
    floor: float | None = None
    aim: float | None = None
    lower_is_better: bool = False
    note: str = ""

    @property
    def judged(self) -> float:
        return self.ours if self.ratio is None else self.ratio

    def attains(self, wanted: float | None) -> bool:
        if wanted is None:
            return False
        return self.judged <= wanted if self.lower_is_better else self.judged >= wanted

    @property
    def verdict(self) -> str:
        if self.floor is None:
            return ""
        if self.attains(self.aim):
            return "aim reached"
        if self.attains(self.floor):
            return "reached"
        share = self.floor / self.judged if self.lower_is_better else self.judged / self.floor
        return f"not reached: {share:.0%}"


def beside_raw(section: str, name: str, ours: float, raw: float, peer: float | None = None, **more: Any) -> Measure:
    """A rate whose ratio is that to raw SQLite's."""
    return Measure(section, name, ours, raw=raw, peer=peer, ratio=ours / raw, **more)


def number(value: float | None) -> str:
    """Three digits that count, more where they are whole."""
    if value is None:
        return ""
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _wanted(measure: Measure, wanted: float | None) -> str:
    if wanted is None:
        return ""
    return f"{'≤' if measure.lower_is_better else '≥'} {number(wanted)}"


def table(measures: Sequence[Measure]) -> Table:
    shown = Table(box=None, pad_edge=False, title_justify="left")
    shown.add_column("measure")
    for heading in ("ours", "raw", "peer", "ratio", "floor", "aim"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("verdict", no_wrap=True)
    section = ""
    for measure in measures:
        if measure.section != section:
            section = measure.section
            shown.add_row(f"[bold]{section}[/bold]")
        verdict = measure.verdict
        colour = "red" if verdict.startswith("not") else "green"
        shown.add_row(
            f"  {measure.name}" + (f" [dim]({measure.note})[/dim]" if measure.note else ""),
            f"{number(measure.ours)} {measure.unit}",
            number(measure.raw),
            number(measure.peer),
            number(measure.ratio),
            _wanted(measure, measure.floor),
            _wanted(measure, measure.aim),
            f"[{colour}]{verdict}[/{colour}]" if verdict else "",
        )
    return shown


def show(measures: Sequence[Measure], console: Console) -> None:
    console.print(table(measures))
    console.print(
        "\n[dim]raw: sqlite3 executemany of rows of our columns, WAL, synchronous=FULL; peer: eventsourcing's SQLite "
        "application recorder; ratio: ours to raw unless the line says to what[/dim]"
    )


def keep(path: Path, machine: dict[str, Any], measures: Sequence[Measure]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [{**asdict(measure), "verdict": measure.verdict} for measure in measures]
    path.write_text(json.dumps({"machine": machine, "measures": lines}, indent=2) + "\n", encoding="utf-8")
