"""The cut log of a long session: read, decoded and folded in a program of its own, beside raw rows and the peer."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Final

from sqlalchemy import Connection

from bench.peer import Peer
from bench.plan import Plan
from bench.raw import RawSQLite
from bench.report import Measure
from bench.seed import sessions_of
from ledger.bootstrap import LOG_FILE
from ledger.domain.program import fold
from ledger.log import garbage
from ledger.log.database import open_sqlite
from ledger.log.outline import decode_outline
from ledger.log.program import read_replay

SECTION: Final = "replay of one session, in process"
_ROWS: Final = "SELECT sequence, type, body FROM events WHERE partition = ? AND sequence > 0 ORDER BY sequence"


def run(plan: Plan) -> list[Measure]:
    recorded, folder = sessions_of(plan), plan.folder / "replay"
    folder.mkdir()
    plan.tell(f"replay: a session of {plan.session_events:,} director events and as many music moments")
    words = [sys.executable, "-m", "bench.replay", str(recorded.folder), recorded.long, str(plan.replays)]
    taken = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)
    raw, peer = _rivals(plan, folder)
    words = [sys.executable, "-m", "bench.rebuild", str(recorded.folder)]
    rebuilt = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)
    shutil.rmtree(folder)
    return [
        Measure(
            SECTION, "read, decoded and folded", taken["all"], raw=raw, peer=peer, floor=200_000, note="peer: mapped"
        ),
        Measure(SECTION, "the same by CPU time", taken["cpu"], note="where this is more, the core was shared"),
        *(Measure(SECTION, f"of it {part}", taken[part], "µs/event") for part in ("read", "decode", "fold")),
        Measure(SECTION, "all views built anew", rebuilt["events"] / rebuilt["seconds"]),
    ]


def _rivals(plan: Plan, folder: Path) -> tuple[float, float]:
    """Rows a second of raw SQLite, mapped events a second of the peer, of as many events."""
    raw, peer = RawSQLite(folder / "raw.sqlite"), Peer(folder / "peer.sqlite")
    raw.append_rate(2 * plan.session_events, 1_000)
    peer.append_rate(2 * plan.session_events, 1_000)
    rates = [(raw.read_rate(), peer.read_rate()) for _ in range(plan.replays)]
    raw.close()
    peer.close()
    return median(rate for rate, _ in rates), median(rate for _, rate in rates)


def replay_rates(folder: Path, session: str, rounds: int) -> dict[str, float]:
    """Events a second in all; µs an event of each part."""
    engine = open_sqlite(folder / LOG_FILE, durability="FULL", writing=False)
    with engine.connect() as connection:
        taken = [_in_all(connection, session) | _in_parts(connection, session) for _ in range(rounds + 1)][1:]
    engine.dispose()
    return {part: median(one[part] for one in taken) for part in taken[0]}


def _in_all(connection: Connection, session: str) -> dict[str, float]:
    """As the cut log's own question does it."""
    begun, busy = perf_counter(), thread_time()
    with garbage.paused():
        entries = read_replay(connection, session)
        read = perf_counter()
        fold(entries, session)
        folded, busy = perf_counter(), thread_time() - busy
    count = len(entries)
    return {"all": count / (folded - begun), "cpu": count / busy, "fold": (folded - read) / count * 1e6}


def _in_parts(connection: Connection, session: str) -> dict[str, float]:
    """What of the reading is the database's part, and what the decoding's."""
    driver = connection.connection.driver_connection
    assert driver is not None
    with garbage.paused():
        begun = perf_counter()
        rows = driver.execute(_ROWS, (session,)).fetchall()
        read = perf_counter()
        events = [decode_outline(row[1], row[2]) for row in rows]
        decoded = perf_counter()
    count = len(events)
    return {"read": (read - begun) / count * 1e6, "decode": (decoded - read) / count * 1e6}


def main() -> None:
    folder, session, rounds = sys.argv[1:]
    json.dump(replay_rates(Path(folder), session, int(rounds)), sys.stdout)


if __name__ == "__main__":
    main()
