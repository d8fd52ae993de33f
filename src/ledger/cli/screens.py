"""What the terminal shows: results on stdout, everything said beside them on stderr."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

WIDTH_OF_A_FILE: Final = 240
"""How wide a table may be that nobody sees on a screen: nothing in it is cut short."""

_LAG_IN_SECONDS_MS: Final = 600_000


_HARMLESS: Final = {
    code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"
}


class Screen(Console):
    """A console on which recorded text is only ever text: a control character in a title or a reason commands no terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(segment.text.translate(_HARMLESS), segment.style)


def console() -> Console:
    """Results. Made when it is needed, for stdout may be another by then."""
    width = None if sys.stdout.isatty() else WIDTH_OF_A_FILE
    return Screen(file=sys.stdout, width=width, highlight=False, soft_wrap=False)


def aside() -> Console:
    """What is said beside the result: progress, warnings, errors."""
    return Screen(file=sys.stderr, highlight=False, soft_wrap=True)


def warn(message: str) -> None:
    """A warning on stderr; the command goes on."""
    aside().print(Text.assemble(("warning: ", "yellow"), message))


class Warnings:
    """What is to be said beside one answer after another: each warning once, and again only after it was over."""

    def __init__(self) -> None:
        self._standing: list[str] = []

    def of_answer(self, parked: Sequence[str], *, stale: bool) -> None:
        """Say what an answer lacks, where it lacks anything."""
        due = ["the views are behind the log; the answer may lack the newest entries"] if stale else []
        due += [parked_warning(parked)] if parked else []
        for message in due:
            if message not in self._standing:
                warn(message)
        self._standing = due


def parked_warning(session_ids: Iterable[str]) -> str:
    """What is said of an answer that shows sessions of which events are parked."""
    return f"the views lack events of {', '.join(session_ids)}, which are parked: see `ledger parked list`"


def print_json(value: Any) -> None:
    """A value as JSON that both people and programs read."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_json_line(value: Any) -> None:
    """A value as one line of JSON, at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def grid(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), fold: Sequence[str] = ()
) -> Table:
    """A table whose cells are shown as they are, whatever they hold. Columns in ``fold`` are the ones that give way."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column in columns:
        gives_way = column in fold
        table.add_column(
            column,
            justify="right" if column in right else "left",
            no_wrap=not gives_way,
            overflow="fold" if gives_way else "ellipsis",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, where that is a terminal; call what it gives with how much is done."""
    with growing_progress(what) as advance:
        yield lambda done: advance(done, total)


@contextmanager
def growing_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """The same, where how much there is in all turns out on the way; call what it gives with what is done and with that."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    errors = aside()
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def clock(ms: float | None) -> str:
    """A time as a day and a minute, UTC."""
    return "" if ms is None else _utc(ms, "%Y-%m-%d %H:%M")


def time_of_day(ms: float) -> str:
    """A time as hours to milliseconds, UTC."""
    return _utc(ms, "%H:%M:%S.%f", 3)


def moment(ms: float) -> str:
    """A time to its millisecond, with its day and zone."""
    return _utc(ms, "%Y-%m-%d %H:%M:%S.%f", 3) + " UTC"


def lag(ms: float) -> str:
    """A difference of two times, with its sign: ``+0.350 s``, ``-2:10:05``."""
    if abs(ms) < _LAG_IN_SECONDS_MS:
        return f"{ms / 1000:+.3f} s"
    return f"{'-' if ms < 0 else '+'}{timedelta(seconds=round(abs(ms) / 1000))}"


def _utc(ms: float, form: str, less: int = 0) -> str:
    """A time in this form, without its last ``less`` characters; a number of milliseconds where the calendar has no day for it."""
    try:
        written = datetime.fromtimestamp(ms / 1000, UTC).strftime(form)
    except (OverflowError, ValueError):
        return f"{ms} ms"
    return written[: len(written) - less]


def size(byte_count: int) -> str:
    """A file's size as people say it."""
    value, unit = float(byte_count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1_000:
            break
        value, unit = value / 1_000, larger
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
