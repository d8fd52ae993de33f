"""A ledger in a database read again, in a program of its own: its longest session replayed, and all its views built anew."""

import json
import sys
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import func, select

from ledger.bootstrap import now_ms
from ledger.domain.program import fold
from ledger.log import garbage
from ledger.log.database import open_postgres
from ledger.log.eventlog import EventLog
from ledger.log.program import read_replay
from ledger.log.tables import EVENTS
from ledger.openings import openings
from ledger.projections.runner import Runner
from ledger.projections.views import Views

_LONGEST = select(EVENTS.c.partition).group_by(EVENTS.c.partition).order_by(func.max(EVENTS.c.sequence).desc()).limit(1)
_SCHEMA = "bench_views"


def replay(url: str) -> dict[str, float]:
    engine = openings(url).log()
    with engine.begin() as connection, garbage.paused():
        session: str = connection.execute(_LONGEST).scalar_one()
        begun, busy = perf_counter(), process_time()
        entries = read_replay(connection, session)
        fold(entries, session)
        took, busy = perf_counter() - begun, process_time() - busy
    engine.dispose()
    return {"replay": len(entries) / took, "replay cpu": len(entries) / busy}


def project(url: str) -> dict[str, float]:
    """All views in a schema of their own, which nobody reads."""
    reading = openings(url).log()
    views = [open_postgres(url, schema=_SCHEMA, durability="NORMAL", writing=writing) for writing in (True, False)]
    log = EventLog(writing=None, reading=reading, clock=now_ms)
    built = Views(writing=views[0], reading=views[1], log=log)
    begun, busy = perf_counter(), process_time()
    Runner(log, built).catch_up()
    took, busy = perf_counter() - begun, process_time() - busy
    events = sum(log.heads())
    built.close()
    with views[0].begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {_SCHEMA} CASCADE")
    for engine in (reading, *views):
        engine.dispose()
    return {"project": events / took, "project cpu": events / busy}


def main() -> None:
    url, rounds = sys.argv[1], int(sys.argv[2])
    replays = [replay(url) for _ in range(rounds)]
    told = {name: median(one[name] for one in replays) for name in replays[0]}
    json.dump(told | project(url), sys.stdout)


if __name__ == "__main__":
    main()
