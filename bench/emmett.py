"""The other peer: npm's ``@event-driven-io/emmett``, on SQLite and on PostgreSQL, in a Node program of its own (``bench/node``)."""

import json
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Final

from bench.plan import Plan
from bench.report import Measure
from tests.postgres import PostgresServer, programs

SECTION: Final = "Emmett 0.42, in a Node program, on the same disk"
SOURCES: Final = Path(__file__).parent / "node"
NODE: Final = SOURCES.parents[1] / "build" / "emmett"
"""Where it is installed: apart from the sources, and once."""
SINGLES: Final = 2_000
BATCHED: Final = 10_000
_INSTALL_SECONDS_MAX: Final = 600
_DOWNLOAD_SECONDS_MAX: Final = 90
_RUN_SECONDS_MAX: Final = 600
_NATIVE: Final = {"sqlite": "@event-driven-io/emmett-sqlite", "postgresql": "@event-driven-io/emmett-postgresql"}


def run(plan: Plan) -> list[Measure]:
    """What it does here: nothing is judged by it. Skipped with a word where npm is missing, or cannot install it."""
    if missing := _uninstalled():
        plan.tell(f"Emmett is not measured: {missing}")
        return []
    measures: list[Measure] = []
    if _loads("sqlite"):
        rounds = [_run(plan, str(plan.folder / f"emmett-{number}.sqlite")) for number in range(plan.rounds)]
        measures += _told("SQLite", rounds)
    else:
        plan.tell(
            "Emmett on SQLite is not measured: the native part of npm's sqlite3 is missing (`npm rebuild sqlite3`)"
        )
    found = programs()
    if found is None or not _loads("postgresql"):
        plan.tell("Emmett on PostgreSQL is not measured: there is no PostgreSQL here")
        return measures
    server = PostgresServer(found, durable=True, settings=("shared_buffers=256MB", "max_wal_size=4GB"))
    try:
        return measures + _told("PostgreSQL", [_run(plan, server.new_database()) for _ in range(plan.rounds)])
    finally:
        server.remove()


def _uninstalled() -> str | None:
    """Install what the lock file says, once. Why it cannot be, where it cannot."""
    shutil.copytree(SOURCES, NODE, dirs_exist_ok=True)
    if (NODE / "node_modules").exists():
        return None
    if shutil.which("npm") is None:
        return "there is no npm here"
    words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            words, cwd=NODE, check=False, capture_output=True, text=True, timeout=_INSTALL_SECONDS_MAX
        )
    except subprocess.TimeoutExpired:
        return f"npm ci did not end within {_INSTALL_SECONDS_MAX} s"
    if done.returncode:
        return f"npm ci failed: {done.stderr.strip().splitlines()[-1:]}"
    with suppress(subprocess.TimeoutExpired):  # its native part is a download: PostgreSQL is measured without it, too
        subprocess.run(
            ["npm", "rebuild", "sqlite3"], cwd=NODE, check=False, capture_output=True, timeout=_DOWNLOAD_SECONDS_MAX
        )
    return None


def _loads(database: str) -> bool:
    words = ["node", "--input-type=module", "-e", f"await import({_NATIVE[database]!r})"]
    return subprocess.run(words, cwd=NODE, check=False, capture_output=True).returncode == 0


def _run(plan: Plan, place: str) -> dict[str, float]:
    words = ["node", "rival.mjs", place, str(plan.events(SINGLES)), str(plan.events(BATCHED, 1_000))]
    done = subprocess.run(words, cwd=NODE, check=True, stdout=subprocess.PIPE, text=True, timeout=_RUN_SECONDS_MAX)
    taken: dict[str, float] = json.loads(done.stdout)
    return taken


def _told(database: str, rounds: list[dict[str, float]]) -> list[Measure]:
    names = {
        **{f"single {writers}": f"single, {writers} writers" for writers in (1, 8, 64)},
        **{f"batch {size}": f"batches of {size:,}, 1 writer" for size in (100, 1000)},
        "read": "a stream read",
        "project": "a backlog projected into one table",
    }
    return [
        Measure(SECTION, f"{database}: {told}", median(one[name] for one in rounds)) for name, told in names.items()
    ]
