"""Every entry of a ledger checked from its file: in a program of its own, by as many processes as there are cores, and by one."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from bench.plan import Plan
from bench.report import Measure
from bench.seed import sessions_of
from ledger.application.verify import verify
from ledger.bootstrap import LOG_FILE, VIEWS_FILE

SECTION: Final = "ledger verify, straight from the file"
WANTED: Final = 1_000_000 / 15
"""A million events in fifteen seconds on two cores."""


def run(plan: Plan) -> list[Measure]:
    recorded = sessions_of(plan)
    plan.tell(f"verify: {plan.replays} times by all cores and by one")
    words = [sys.executable, "-m", "bench.verify", str(recorded.folder), str(plan.replays)]
    taken = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return [
        Measure(SECTION, "every column of every entry, all cores", taken["all"], floor=WANTED, note="1M in 15 s"),
        Measure(SECTION, "the same, one process", taken["one"]),
    ]


def rate(folder: Path, processes: int | None) -> float:
    """Entries a second, from nothing to the verdict, which must be that nothing was touched."""
    begun = perf_counter()
    found = verify(folder / LOG_FILE, folder / VIEWS_FILE, processes=processes)
    took = perf_counter() - begun
    assert found.is_sound, found.faults[:3]
    return found.entries / took


def main() -> None:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    taken = [(rate(folder, None), rate(folder, 1)) for _ in range(rounds)]
    json.dump({"all": median(it for it, _ in taken), "one": median(it for _, it in taken)}, sys.stdout)


if __name__ == "__main__":
    main()
