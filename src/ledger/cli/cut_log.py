"""``ledger cut-log``: the program of a session, rebuilt from its history."""

import io
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.console import Console

from ledger.cli.choice import chosen
from ledger.cli.door import open_door
from ledger.cli.options import AtLeast, Data, Database, Key, Session, Url, place
from ledger.cli.points import At, point
from ledger.cli.screens import WIDTH_OF_A_FILE, aside, console, warn
from ledger.domain.refusals import Invalid
from ledger.domain.timecode import RATES, Rate, parse_rate

Format = Literal["table", "json", "csv", "edl", "otio", "fcp7xml"]
_BY_SUFFIX: Final[dict[str, Format]] = {
    ".json": "json",
    ".csv": "csv",
    ".edl": "edl",
    ".otio": "otio",
    ".xml": "fcp7xml",
}
_RATES: Final = ", ".join(rate.name for rate in RATES)


RateName = Annotated[str, typer.Option("--rate", metavar="RATE", help=f"Frames a second: {_RATES}.")]
Start = Annotated[
    str, typer.Option(metavar="TIMECODE", help="Timecode of the program's first frame, or `time of day`.")
]
FormatName = Annotated[
    Format | None,
    typer.Option(
        "--format", help="How to write it. Without it, what -o ends with says; else a table.", show_default=False
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write here instead of stdout.", dir_okay=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="The same as --format json.")]


def cut_log(
    session: Session,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    at: At = None,
    rate: RateName = "25",
    start: Start = "01:00:00:00",
    format_name: FormatName = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Rebuild a session's program: every shot, why it was cut to, and a list of everything that was odd.

    edl, otio and fcp7xml are what editing systems read; csv is for spreadsheets.

    Example: `ledger cut-log latest --rate 29.97df -o show.edl`
    """
    exact = _rate(rate)
    wanted = _format(format_name, output, as_json=as_json)
    # Imported here: with the exports come the editing formats' own libraries, which no other command needs.
    from ledger.cli.program import content_of, fetch, settings_of, show, write  # noqa: PLC0415
    from ledger.exports import render  # noqa: PLC0415

    with open_door(place(data, database, url, key, at_least)) as door:
        found = chosen(door, session)
        log = fetch(door, found["_id"], **point(at))
        settings = settings_of(door, found, exact, start)
    if wanted == "table":
        if output is None:
            show(log, settings, console())
        else:
            text = io.StringIO()
            show(log, settings, Console(file=text, width=WIDTH_OF_A_FILE))
            output.write_text(text.getvalue(), "utf-8")
            aside().print(f"wrote {output}")
        return
    rendered = render(log, wanted, settings)
    for warning in rendered.warnings:
        warn(warning)
    if output is None:
        sys.stdout.buffer.write(content_of(rendered))
        return
    for path in write(rendered, output):
        aside().print(f"wrote {path}")


def _format(named: Format | None, output: Path | None, *, as_json: bool) -> Format:
    if as_json and named not in (None, "json"):
        raise typer.BadParameter(f"--json and --format {named} exclude each other")
    by_suffix = _BY_SUFFIX.get(output.suffix.lower(), "table") if output else "table"
    return named or ("json" if as_json else by_suffix)


def _rate(text: str) -> Rate:
    try:
        return parse_rate(text, "--rate")
    except Invalid as refusal:
        raise typer.BadParameter(refusal.message) from refusal
