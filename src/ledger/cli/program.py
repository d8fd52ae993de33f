"""A session's program for the terminal: its cut log as a table with everything that was odd, and as files."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from ledger.cli.door import Door, DoorError
from ledger.cli.screens import grid, warn
from ledger.domain.cutlog import CutLog
from ledger.domain.timecode import Rate
from ledger.exports import Rendered, Settings, edits_of, table

_NARROW: Final = ("shot", "camera", "record in", "frames", "reason", "flags")
_WIDE: Final = (*_NARROW, "transition", "section", "tempo", "score")
_WIDE_FROM: Final = 110
_EVERYTHING_FROM: Final = 170
_NUMBERS: Final = ("shot", "frames", "tempo", "score")
_AUDIT: Final = ("at", "kind", "note")


def fetch(door: Door, session_id: str, **at: float) -> CutLog:
    """The cut log of a session, up to a point of its history if one is named. Raises DoorError."""
    answer = door.ask("production:getCutLog", {"sessionId": session_id, **at})
    return CutLog.model_validate_json(json.dumps(answer))


def settings_of(door: Door, session: dict[str, Any], rate: Rate, start: str | None) -> Settings:
    """What an export says beside the cuts: the session's title, and what the cameras' clips are called."""
    cameras = door.ask("production:listProductionSessionCameras", {"sessionId": session["_id"]})
    return Settings(
        rate=rate,
        start=start,
        title=session.get("title") or session["_id"],
        clip_names={camera["cameraId"]: name for camera in cameras if (name := _clip_name(camera))},
    )


def _clip_name(camera: dict[str, Any]) -> str | None:
    """The camera's own recording, where it is known: that is what an editor looks for. Else its device."""
    metadata = camera.get("metadata")
    file = metadata.get("file") if isinstance(metadata, dict) else None
    if isinstance(file, str) and file:
        return PurePosixPath(PureWindowsPath(file).as_posix()).name
    name: str | None = camera.get("deviceName")
    return name


def show(cut_log: CutLog, settings: Settings, screen: Console) -> None:
    """Draw the cut log: its shots, its holds in a line, its audit list."""
    edits = edits_of(cut_log, settings)
    drawn = table(edits, settings)
    columns = _columns(drawn.columns, drawn.rows, screen.width)
    places = [drawn.columns.index(column) for column in columns]
    rows = [[_brief(drawn.columns[place], row[place]) for place in places] for row in drawn.rows]
    screen.print(grid(columns, rows, right=_NUMBERS, fold=("reason",)))
    screen.print()
    screen.print(_summary(edits.cut_log, len(rows), settings))
    if edits.cut_log.audit:
        screen.print()
        screen.print(grid(_AUDIT, list(_audit(edits.cut_log)), right=("at",), fold=("note",)))
    for warning in drawn.warnings:
        warn(warning)


def _columns(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """As many columns as the screen has room for, less those with nothing in them."""
    wanted = columns if width >= _EVERYTHING_FROM else _WIDE if width >= _WIDE_FROM else _NARROW
    return [name for place, name in enumerate(columns) if name in wanted and any(row[place] for row in rows)]


def _brief(column: str, cell: str) -> str:
    """A flag without its time, which takes half a line and is on the audit list as well."""
    return " ".join(flag.partition("@")[0] for flag in cell.split(" ")) if column == "flags" else cell


def _summary(cut_log: CutLog, shot_count: int, settings: Settings) -> Text:
    statuses = [hold.status.replace("_", " ") for hold in cut_log.holds]
    holds = ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))
    parts = [
        f"{shot_count} shots at {settings.rate.name} frames a second",
        f"history up to sequence {cut_log.sequence}" + (" (provisional)" if cut_log.provisional else ""),
        f"holds: {holds or 'none'}",
        f"audit: {len(cut_log.audit)}",
    ]
    return Text(" · ".join(parts), style="bold")


def _audit(cut_log: CutLog) -> Iterator[tuple[str, str, str]]:
    beginning_ms = cut_log.segments[0].in_ms if cut_log.segments else 0
    for entry in cut_log.audit:
        yield offset(entry.timestamp_ms - beginning_ms), entry.kind, entry.note


def offset(ms: int) -> str:
    """A time since the program's beginning: ``4:10.320``, or ``-0:06.000`` before it."""
    minutes, rest = divmod(abs(ms), 60_000)
    return f"{'-' if ms < 0 else ''}{minutes}:{rest // 1000:02}.{rest % 1000:03}"


def write(rendered: Rendered, output: Path) -> list[Path]:
    """Write an export's files: at the path given or, where it has several parts, beside it. Answers where they are."""
    parts = [output.with_name(output.stem + file.suffix) for file in rendered.files]
    paths = parts if len(parts) > 1 else [output]
    for path, file in zip(paths, rendered.files, strict=True):
        path.write_bytes(file.content)
    return paths


def content_of(rendered: Rendered) -> bytes:
    """The one file of an export, for stdout. Raises DoorError where there are several."""
    if len(rendered.files) > 1:
        message = (
            f"the cut log comes in {len(rendered.files)} parts, which stdout cannot keep apart; name a file with -o"
        )
        raise DoorError("invalid", message)
    return rendered.files[0].content
