"""The cut log of a long session: read, decoded and folded in a program of its own, beside raw rows and the peer."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from bench.peer import Peer
from bench.plan import Plan
from bench.raw import RawSQLite
from bench.report import Measure
from bench.seed import sessions_of
from ledger.bootstrap import open_for_reading
from ledger.domain.program import fold
from ledger.domain.vocabulary import Vocabulary
from ledger.log.codec import decode
from ledger.log.database import open_sqlite
from ledger.log.eventlog import EventLog

SECTION: Final = "replay of one session, in process"
_ROWS: Final = (
    "SELECT partition, sequence, recorded_at, actor, key, entity, type, body FROM events"
    " WHERE partition = ? AND sequence > 0 ORDER BY sequence"
)


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
    """Events a second in all; µs an event of each part, each taken alone."""
    with open_for_reading(folder, Vocabulary()) as ledger:
        log = ledger.log
        taken = [_once(log, session, folder) for _ in range(rounds + 1)][1:]
    return {part: median(one[part] for one in taken) for part in taken[0]}


def _once(log: EventLog, session: str, folder: Path) -> dict[str, float]:
    begun = perf_counter()
    entries = log.read_stream(session)
    read = perf_counter()
    fold(entries, session)
    folded = perf_counter()
    count = len(entries)
    del entries
    row_seconds, decode_seconds = _read_then_decode(folder, session)
    a_microsecond = 1e6 / count
    return {
        "all": count / (folded - begun),
        "read": row_seconds * a_microsecond,
        "decode": decode_seconds * a_microsecond,
        "fold": (folded - read) * a_microsecond,
    }


def _read_then_decode(folder: Path, session: str) -> tuple[float, float]:
    engine = open_sqlite(folder / "log.sqlite", durability="FULL", writing=False)
    with engine.connect() as connection:
        begun = perf_counter()
        driver = connection.connection.driver_connection
        assert driver is not None
        rows = driver.execute(_ROWS, (session,)).fetchall()
        read = perf_counter()
        events = [decode(row[6], row[7]) for row in rows]
        decoded = perf_counter()
    engine.dispose()
    assert events
    return read - begun, decoded - read


def main() -> None:
    folder, session, rounds = sys.argv[1:]
    json.dump(replay_rates(Path(folder), session, int(rounds)), sys.stdout)


if __name__ == "__main__":
    main()
