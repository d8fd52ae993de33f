"""``python -m bench``: everything in one run, or a part of it."""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from bench import (
    appends,
    disk,
    emmett,
    files,
    growth,
    live,
    machine,
    memory,
    postgres,
    profiles,
    projecting,
    reads,
    replay,
    report,
    spool,
    verify,
)
from bench.plan import QUICK, Plan
from bench.report import Measure
from bench.server import has_serve_command

SECTIONS: Final[dict[str, Callable[[Plan], list[Measure]]]] = {
    "appends": appends.run,
    "reads": reads.run,
    "replay": replay.run,
    "verify": verify.run,
    "memory": memory.run,
    "disk": disk.run,
    "spool": spool.run,
    "files": files.run,
    "projecting": projecting.run,
    "postgres": postgres.run,
    "emmett": emmett.run,
    "growth": growth.run,
    "live": live.run,
}
_EXAMPLES: Final = """\
examples:
  python -m bench                              everything, some six minutes
  python -m bench --quick                      a look at everything within a minute; nothing to quote
  python -m bench --only replay,reads          two sections
  python -m bench --profile batches            where the server's time goes, thread by thread
  python -m bench --dir /mnt/ssd --keep        on another disk, and leave the files there

Only ratios travel from machine to machine: each is taken between runs that took turns. Close what else is running.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="How fast the ledger is on this machine, beside raw SQLite and a peer, and whether that is enough.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", metavar="SECTIONS", help=f"comma-separated, of: {', '.join(SECTIONS)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds of fewer events")
    parser.add_argument("--rounds", type=int, help="rounds to take medians of (5, or 3 with --quick)")
    parser.add_argument("--dir", type=Path, default=Path("build"), help="where a temporary folder is made (build)")
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder behind")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="kept there (build/bench.json)")
    parser.add_argument(
        "--growth", metavar="SIZES", help="how many events the log holds in the section growth (10000,100000,1000000)"
    )
    parser.add_argument("--profile", choices=sorted(profiles.SUBJECTS), help="profile one thing instead of measuring")
    return parser


def _sections(parser: argparse.ArgumentParser, only: str | None) -> list[str]:
    wanted = only.split(",") if only else list(SECTIONS)
    if unknown := sorted(set(wanted) - SECTIONS.keys()):
        parser.error(f"--only: no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    return [name for name in SECTIONS if name in wanted]


def _describe(facts: dict[str, object], console: Console) -> None:
    console.print(
        f"{facts['cores']} cores, load {facts['load']:.2f}, {facts['idle']:.0%} idle, Python {facts['python']}, "
        f"SQLite {facts['sqlite']}, {facts['filesystem']}, {facts['syncs_per_second']:,.0f} syncs/s"
    )
    if not has_serve_command():
        console.print("[dim]there is no `ledger serve` yet: the server is started by bench.launcher[/dim]")


def main() -> int:
    parser = _parser()
    given = parser.parse_args()
    sections = _sections(parser, given.only)
    console = Console(width=None if sys.stdout.isatty() else 140)
    given.dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=given.dir)).resolve()
    options = dict(QUICK) if given.quick else {}
    if given.rounds:
        options["rounds"] = options["replays"] = given.rounds
    if given.growth:
        options["growth"] = tuple(int(size) for size in given.growth.split(","))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # what was written is removed then, too
    plan = Plan(folder, console, **options)  # type: ignore[arg-type]  # QUICK holds what the fields take
    try:
        if given.profile:
            profiles.run(plan, given.profile)
            return 0
        facts = machine.facts(folder)
        _describe(facts, console)
        for warning in machine.warnings(facts):
            console.print(f"[yellow]{warning}[/yellow]")
        measures = [measure for name in sections for measure in SECTIONS[name](plan)]
    finally:
        if given.keep:
            console.print(f"the files are in {folder}")
        else:
            shutil.rmtree(folder)
    report.show(measures, console)
    report.keep(given.json, {**facts, "quick": given.quick}, measures)
    console.print(f"[dim]kept in {given.json}[/dim]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
