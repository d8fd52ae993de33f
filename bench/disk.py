"""What an event takes on disk, and how many syncs an acknowledged event costs when eight clients write at a time."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from bench.plan import Plan
from bench.raw import RawSQLite, file_bytes
from bench.report import Measure
from bench.server import LoadGenerator, command, free_port, serving

SECTION: Final = "disk"
EVENTS: Final = 100_000
BATCH: Final = 1_000
SYNC_EVENTS: Final = 4_000
CLIENTS: Final = 8
_SYNCS: Final = re.compile(r"\b(?:fsync|fdatasync)\(")


def run(plan: Plan) -> list[Measure]:
    plan.tell("disk: bytes and syncs an event")
    folder, events = plan.folder / "disk", plan.events(EVENTS, BATCH)
    generator = LoadGenerator()
    with serving(folder) as server:
        generator.run(server, "append", session=server.start_session(), clients=1, batch=BATCH, events=events)
        server.wait_until_caught_up()
    raw = RawSQLite(folder / "raw.sqlite")
    raw.append_rate(events, BATCH)
    raw.close()
    ours, views, theirs = (file_bytes(folder, f"{stem}.sqlite") / events for stem in ("log", "views", "raw"))
    measures = [
        Measure(SECTION, "log", ours, "bytes/event", raw=theirs, ratio=ours / theirs),
        Measure(SECTION, "views", views, "bytes/event", raw=theirs, ratio=views / theirs, note="can be built anew"),
        *_syncs(plan, generator),
    ]
    generator.close()
    shutil.rmtree(folder)
    return measures


def _syncs(plan: Plan, generator: LoadGenerator) -> list[Measure]:
    """Counted by strace, which slows the server: the number says how well commits are shared, not how fast they are."""
    if not can_trace():
        plan.tell("there is no strace here, or it may not trace: syncs are not counted")
        return []
    folder, port, events = plan.folder / "syncs", free_port(), plan.events(SYNC_EVENTS)
    folder.mkdir()
    trace = folder / "trace"
    traced = ["strace", "-f", "--seccomp-bpf", "-y", "-e", "trace=fsync,fdatasync", "-o", str(trace)]
    with serving(folder, [*traced, *command(folder, port)], port) as server:
        session = server.start_session()
        before = _counted(trace)
        generator.run(server, "append", session=session, clients=CLIENTS, batch=1, events=events)
        server.wait_until_caught_up()
        after = _counted(trace)
    shutil.rmtree(folder)
    name = f"syncs an acknowledged event, {CLIENTS} clients"
    return [
        Measure(SECTION, f"{name}, of the {stem}", (after[stem] - before[stem]) / events, "")
        for stem in ("log", "views")
    ]


def _counted(trace: Path) -> dict[str, int]:
    """Syncs so far by database; ``-y`` writes the file beside the descriptor."""
    lines = [line for line in trace.read_text("utf-8", errors="replace").splitlines() if _SYNCS.search(line)]
    return {stem: sum(f"/{stem}.sqlite" in line for line in lines) for stem in ("log", "views")}


def can_trace() -> bool:
    """Whether strace is there and may trace."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-f", "true"], capture_output=True, check=False).returncode == 0
