"""The ledger on PostgreSQL, beside what that server does raw: COPY, statements of many rows, pgbench, and one lock for everybody.

A server of its own is started for it, durable, on the disk of the temporary folder of the system.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from bench.appends import RANKS, Load, measure_load
from bench.grouped import Grouped
from bench.plan import Plan, interleaved
from bench.rawpostgres import RawPostgres, pgbench_rate
from bench.report import Measure
from bench.server import LoadGenerator, free_port, serve_words, serving
from tests.postgres import PostgresServer, programs

SECTION: Final = "appends on PostgreSQL, durable"
DELAY_US: Final = 2_000
WRITERS_DELAYED: Final = 32
IN_PROCESS: Final = {1: 1_000, 8: 4_000, 64: 12_000}
"""How many events so many writers record, in about a second."""
HTTP_LOADS: Final = (Load(1, 1, 1_000), Load(8, 1, 3_000), Load(64, 1, 6_000), Load(4, 1_000, 50_000))
PACE: Final = 300
"""Appends a second, each of them read until it shows."""
PACED: Final = ("acknowledged", "visible")
_SETTINGS: Final = ("shared_buffers=256MB", "max_wal_size=4GB")


def run(plan: Plan) -> list[Measure]:
    found = programs()
    if found is None or not (found / "pgbench").exists():
        plan.tell("there is no PostgreSQL with pgbench here: it is not measured")
        return []
    server = PostgresServer(found, durable=True, settings=_SETTINGS)
    try:
        measures = _beside_raw(plan, server) + _with_a_slow_commit(plan, server)
        return sorted(measures, key=lambda measure: measure.section)
    finally:
        server.remove()


def _beside_raw(plan: Plan, server: PostgresServer) -> list[Measure]:
    url, folder = server.new_database(), plan.folder / "postgres"
    folder.mkdir()
    raw, grouped, other, generator = RawPostgres(url), Grouped(url), Grouped(url), LoadGenerator()
    found = programs()
    assert found is not None

    def one_round() -> dict[str, float]:
        return {
            "pgbench 8": pgbench_rate(found, url, folder, "by itself", clients=8, seconds=plan.pace_seconds / 2),
            **{f"grouped {n}": grouped.append_rate(n, plan.events(events, n)) for n, events in IN_PROCESS.items()},
            **{f"raw {way}": raw.append_rate(way, plan.events(50_000, 1_000), 1_000) for way in ("copy", "values")},
            "raw executemany": raw.append_rate("executemany", plan.events(20_000, 1_000), 1_000),
            "raw single": raw.append_rate("executemany", plan.events(2_000), 1),
            "grouped batches": grouped.append_rate(4, plan.events(50_000, 4_000), 1_000),
            "keyed 64": grouped.append_rate(64, plan.events(6_000, 64), keyed=True),
            "both": _together([grouped, other], 32, plan.events(4_000, 32)),
        }

    plan.tell(f"PostgreSQL, in process and raw: {plan.rounds} rounds and one to warm up")
    taken = interleaved(plan.rounds, one_round)
    port = free_port()
    with serving(folder, serve_words("--database", url, "--port", str(port)), port) as http:
        http.wait_until_caught_up()

        def one_round_over_http() -> dict[str, float]:
            rates: dict[str, float] = {}
            for load in HTTP_LOADS:
                rates |= measure_load(plan, http, generator, load)
            paced = {"session": http.start_session(), "rate": PACE, "events": round(PACE * plan.pace_seconds)}
            run = generator.run(http, "pace", **paced)
            http.wait_until_caught_up()
            return rates | {f"{kind} {rank}": run[kind][f"{rank}_ms"] for kind in PACED for rank in RANKS}

        plan.tell(f"PostgreSQL, over HTTP: {plan.rounds} rounds and one to warm up")
        taken |= interleaved(plan.rounds, one_round_over_http)
    measures = _told(taken) + _once_there(plan, url, raw)
    for running in (grouped, other, generator, raw):
        running.close()
    shutil.rmtree(folder)
    return measures


def _together(processes: Sequence[Grouped], writers: int, events: int) -> float:
    """What several processes with so many writers each come to at the same time."""
    with ThreadPoolExecutor(len(processes)) as asking:
        return sum(asking.map(lambda grouped: grouped.append_rate(writers, events), processes))


def _once_there(plan: Plan, url: str, raw: RawPostgres) -> list[Measure]:
    """Bytes, and in a program of its own the longest session replayed and all views built anew."""
    words = [sys.executable, "-m", "bench.reread", url, str(plan.replays)]
    taken = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)
    ours, theirs, rows = raw.bytes_an_event("ledger.events"), raw.bytes_an_event("raw.events"), raw.read_rate()
    section = "reading on PostgreSQL, in process"
    return [
        Measure(section, "log", ours, "bytes/event", raw=theirs, ratio=ours / theirs, note="two indexes more"),
        Measure(section, "a session read, decoded and folded", taken["replay"], raw=rows, ratio=taken["replay"] / rows),
        Measure(section, "the same by CPU time", taken["replay cpu"]),
        Measure(section, "all views built anew", taken["project"]),
        Measure(section, "the same by CPU time", taken["project cpu"], note="of this process, not of the server"),
    ]


def _told(taken: dict[str, float]) -> list[Measure]:
    single, pgbench = taken["raw single"], taken["pgbench 8"]
    beside = {1: single, 8: pgbench, 64: pgbench}
    floors = {64: 1.2}
    in_process = [
        Measure(
            SECTION,
            f"single, {n} writers in process",
            taken[f"grouped {n}"],
            raw=raw,
            ratio=taken[f"grouped {n}"] / raw,
            floor=floors.get(n),
            note="raw: one connection" if n == 1 else "raw: pgbench -c 8",
        )
        for n, raw in beside.items()
    ]
    in_process += [
        Measure(SECTION, "single, 64 writers in process, a key each", taken["keyed 64"]),
        Measure(SECTION, "single, 2 processes of 32 writers", taken["both"]),
    ]
    batches = [
        Measure(
            SECTION,
            "batches of 1,000, 4 writers in process",
            taken["grouped batches"],
            raw=taken[f"raw {way}"],
            ratio=taken["grouped batches"] / taken[f"raw {way}"],
            floor=2.0 if way == "executemany" else None,
            note=f"raw: {told}",
        )
        for way, told in (("executemany", "executemany"), ("values", "1,000 rows a statement"), ("copy", "COPY"))
    ]
    over_http = [
        Measure(SECTION, f"over HTTP: {load.name}", taken[load.name], note="views built meanwhile")
        for load in HTTP_LOADS
    ]
    over_http += [
        Measure(SECTION, f"at {PACE}/s, each read: {kind}, {rank}", taken[f"{kind} {rank}"], "ms", lower_is_better=True)
        for kind in PACED
        for rank in RANKS
    ]
    return [*in_process, *batches, *over_http]


def _with_a_slow_commit(plan: Plan, server: PostgresServer) -> list[Measure]:
    """Where a commit takes two milliseconds: 32 writers of 32 sessions, beside as many that lock one table."""
    url = server.new_database()
    raw = RawPostgres(url)
    raw.delay_commits(DELAY_US)
    grouped = Grouped(url)
    found = programs()
    assert found is not None

    def one_round() -> dict[str, float]:
        seconds = plan.pace_seconds / 2
        locked = pgbench_rate(found, url, plan.folder, "under one lock", clients=WRITERS_DELAYED, seconds=seconds)
        return {"ours": grouped.append_rate(WRITERS_DELAYED, plan.events(8_000, 32)), "locked": locked}

    plan.tell(f"PostgreSQL with a commit of {DELAY_US / 1_000:g} ms: {plan.rounds} rounds and one to warm up")
    taken = interleaved(plan.rounds, one_round)
    grouped.close()
    raw.close()
    name = f"single, {WRITERS_DELAYED} writers in process, a commit of {DELAY_US // 1_000} ms"
    ours, locked = taken["ours"], taken["locked"]
    return [Measure(SECTION, name, ours, raw=locked, ratio=ours / locked, floor=10, note="raw: one table lock")]
