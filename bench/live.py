"""Live queries: a thousand clients of two each, told of a write to one of them and of a write to all, beside a bare broadcast."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any, Final
from uuid import uuid4

from bench.plan import Plan
from bench.report import Measure
from bench.server import Server, ServerFailedError, free_port, serving

SECTION: Final = "live"
CLIENTS: Final = 1_000
ONE_FLOORS_MAX: Final = 2.0
ALL_FLOORS_MAX: Final = 3.0
CONNECTION_KB_MAX: Final = 60
_SETTLE_SECONDS: Final = 1.0
LIMITS: Final = {"LEDGER_CONNECTIONS_MAX": "5000", "LEDGER_LIVE_CONNECTIONS_MAX": "5000"}


class Watchers:
    """The process of the clients; see ``bench.watchers``."""

    def __init__(self, server: Server) -> None:
        self._port = server.port
        self._running = subprocess.Popen(
            [sys.executable, "-m", "bench.watchers"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, kind: str, **details: Any) -> dict[str, Any]:
        """Raises ServerFailedError where it gave up; it has said why on stderr."""
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        self._running.stdin.write(json.dumps({"kind": kind, "port": self._port, **details}) + "\n")
        self._running.stdin.flush()
        if not (line := self._running.stdout.readline()):
            raise ServerFailedError(f"the watchers gave up on {kind}")
        told: dict[str, Any] = json.loads(line)
        return told

    def close(self) -> None:
        assert self._running.stdin is not None
        self._running.stdin.close()
        self._running.wait(10)


@contextmanager
def _watched(plan: Plan) -> Iterator[tuple[Server, Watchers]]:
    folder, port = plan.folder / "live", free_port()
    os.environ.update(LIMITS)
    with serving(folder, [sys.executable, "-m", "bench.bare", str(folder), str(port)], port) as server:
        watchers = Watchers(server)
        yield server, watchers
        watchers.close()
    shutil.rmtree(folder)


def run(plan: Plan) -> list[Measure]:
    plan.tell(f"live: {CLIENTS:,} clients of two queries each")
    with _watched(plan) as (server, watchers):
        sessions = [server.start_session() for _ in range(CLIENTS)]
        common = server.start_session()
        server.wait_until_caught_up()
        time.sleep(_SETTLE_SECONDS)
        before = server.memory_mb()
        watchers.run("connect", name="live", path="/api/1.48.0/sync", said=[_said(own, common) for own in sessions])
        time.sleep(_SETTLE_SECONDS)
        connection_kb = (server.memory_mb() - before) * 1_000 / CLIENTS
        watchers.run("connect", name="bare", path="/bare", said=[[] for _ in sessions])
        one = _told_one(server, watchers, sessions, plan.rounds * 40)
        everybody = _told_all(watchers, common, plan.rounds * 4)
    return [
        Measure(
            SECTION, "memory of an idle connection", connection_kb, "KB", floor=CONNECTION_KB_MAX, lower_is_better=True
        ),
        *_measures("one watcher", one, "last", None),
        *_measures("one watcher, from the request on", one, "from_request", ONE_FLOORS_MAX),
        *_measures(f"the last of {CLIENTS:,}", everybody, "last", ALL_FLOORS_MAX),
        *_measures(f"the median of {CLIENTS:,}", everybody, "middle", None),
        Measure(SECTION, "server's CPU for a write to one", one["cpu"][0] * 1_000, "ms"),
    ]


def _said(own: str, common: str) -> list[str]:
    """What a client says that watches a session of its own, and one that all of them watch."""
    connect = {
        "type": "Connect",
        "sessionId": str(uuid4()),
        "connectionCount": 0,
        "lastCloseReason": None,
        "clientTs": 0,
    }
    adds = [
        {"type": "Add", "queryId": number, "udfPath": path, "args": [{"sessionId": session}]}
        for number, (path, session) in enumerate(
            (("production:getProductionTimeline", own), ("production:listStillCandidates", common))
        )
    ]
    modify = {"type": "ModifyQuerySet", "baseVersion": 0, "newVersion": 1, "modifications": adds}
    return [json.dumps(connect), json.dumps(modify)]


def _told_one(server: Server, watchers: Watchers, sessions: list[str], rounds: int) -> dict[str, list[float]]:
    """Each round a write to another session, then the same text as a bare broadcast to one."""
    cpu = server.cpu_seconds()
    pairs = []
    for number in range(rounds):
        index = number * 7 % len(sessions)
        event = {"sessionId": sessions[index], "timestampMs": number, "eventType": "cut", "cameraId": "cam-1"}
        told = watchers.run(
            "push", name="live", path="/production/event", body=json.dumps(event), told=[index], tell=True
        )
        pairs.append(told)
    spent = (server.cpu_seconds() - cpu) / rounds
    bare = [watchers.run("push", name="bare", path="/bare?to=1", body=pair["text"], told=[0]) for pair in pairs]
    took: dict[str, list[float]] = {"cpu": [spent]}
    for name in ("last", "middle", "from_request"):
        took[name] = [pair[name] for pair in pairs]
        took[f"bare {name}"] = [pair[name] for pair in bare]
    return took


def _told_all(watchers: Watchers, common: str, rounds: int) -> dict[str, list[float]]:
    """Each round a write that all see, then the same text as a bare broadcast to all."""
    everybody = list(range(CLIENTS))
    took: dict[str, list[float]] = {}
    for number in range(rounds):
        still = {"sessionId": common, "cameraId": "cam-1", "timestampMs": number, "score": number / rounds}
        path = "/production/still-candidate"
        ours = watchers.run("push", name="live", path=path, body=json.dumps(still), told=everybody, tell=True)
        bare = watchers.run("push", name="bare", path=f"/bare?to={CLIENTS}", body=ours["text"], told=everybody)
        for name in ("last", "middle"):
            took.setdefault(name, []).append(ours[name])
            took.setdefault(f"bare {name}", []).append(bare[name])
    return took


def _measures(who: str, took: dict[str, list[float]], name: str, floors_max: float | None) -> list[Measure]:
    """From the write's acknowledgement to the frame, p50 and p99, and beside the bare broadcast at p50."""
    ours, bare = took[name], took[f"bare {name}"]
    measures = [
        Measure(SECTION, f"{who}, p50", median(ours) * 1_000, "ms"),
        Measure(SECTION, f"{who}, p99", quantiles(ours, n=100)[98] * 1_000, "ms"),
        Measure(SECTION, f"{who}, bare, p50", median(bare) * 1_000, "ms"),
    ]
    if median(bare) > 0:  # a bare frame to one can overtake the answer to its own request: then there is no ratio
        ratio = median(ours) / median(bare)
        said = f"{who} beside the bare broadcast, p50"
        measures.append(Measure(SECTION, said, ratio, "times", floor=floors_max, lower_is_better=True))
    return measures
