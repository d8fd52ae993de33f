"""A backlog projected into all views on one core, beside raw batched upserts of the very rows that come of it."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, Final

from bench.plan import Plan
from bench.rebuild import rebuild
from bench.report import Measure
from bench.seed import sessions_of
from ledger.bootstrap import VIEWS_FILE
from ledger.log.database import WAL_PAGES_MAX
from ledger.projections.projection import METADATA
from ledger.projections.runner import BATCH_ENTRIES_MAX

SECTION: Final = "projecting a backlog into all views, one core"


def run(plan: Plan) -> list[Measure]:
    recorded = sessions_of(plan)
    folder = plan.folder / "projecting"
    shutil.copytree(recorded.folder, folder)
    plan.tell(f"projecting: {plan.replays} times, with raw upserts of the same rows between")
    words = [sys.executable, "-m", "bench.projecting", str(folder), str(plan.replays)]
    taken = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)
    shutil.rmtree(folder)
    return [
        Measure(SECTION, "events, by the clock", taken["ours"], floor=60_000, note="the floor"),
        Measure(SECTION, "events, by CPU time", taken["cpu"], note="where this is more, the core was shared"),
        Measure(
            SECTION,
            "the rows that come of them, beside raw upserts",
            taken["rows"],
            "rows/s",
            raw=taken["raw"],
            ratio=taken["rows"] / taken["raw"],
            floor=0.4,
            note=f"raw: upserts in transactions of {BATCH_ENTRIES_MAX:,}",
        ),
        Measure(SECTION, "a million events", 1_000_000 / taken["ours"], "s", floor=20, lower_is_better=True),
    ]


def measure(folder: Path) -> dict[str, float]:
    busy = process_time()
    events, seconds = rebuild(folder)
    busy = process_time() - busy
    rows, raw_seconds = _raw(folder)
    return {"ours": events / seconds, "cpu": events / busy, "rows": rows / seconds, "raw": rows / raw_seconds}


def _raw(folder: Path) -> tuple[int, float]:
    """Upsert the views' rows into the same tables of an empty file, with their indexes and our settings."""
    source, target = folder / VIEWS_FILE, folder / "raw.sqlite"
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as views, closing(sqlite3.connect(target, isolation_level=None)) as raw:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", f"wal_autocheckpoint = {WAL_PAGES_MAX}"):
            raw.execute(f"PRAGMA {pragma}")
        work: list[tuple[str, list[Any]]] = []
        for table in METADATA.sorted_tables:
            made = views.execute("SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL", (table.name,))
            for (statement,) in made.fetchall():
                raw.execute(statement)
            columns = table.c.keys()
            upsert = f"INSERT OR REPLACE INTO {table.name} VALUES ({', '.join('?' * len(columns))})"
            work.append((upsert, views.execute(f"SELECT * FROM {table.name}").fetchall()))
        begun = perf_counter()
        for upsert, rows in work:
            for first in range(0, len(rows), BATCH_ENTRIES_MAX):
                raw.execute("BEGIN IMMEDIATE")
                raw.executemany(upsert, rows[first : first + BATCH_ENTRIES_MAX])
                raw.execute("COMMIT")
        return sum(len(rows) for _, rows in work), perf_counter() - begun


def main() -> None:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    taken = [measure(folder) for _ in range(rounds + 1)][1:]
    json.dump({name: median(one[name] for one in taken) for name in taken[0]}, sys.stdout)


if __name__ == "__main__":
    main()
