"""Appends over HTTP, acknowledged and visible, beside raw SQLite and the peer, which run while the server is idle."""

import shutil
from contextlib import closing
from typing import Final, NamedTuple

from bench.peer import Peer
from bench.plan import Plan, interleaved
from bench.raw import RawSQLite
from bench.report import THE_SAME, Measure, beside_raw
from bench.server import LoadGenerator, Server, serving

SECTION: Final = "appends over HTTP, durable"
IN_FLIGHT: Final = 4
"""Batches under way at a time, where there may be several: what an importer or a spool keeps in flight."""


class Load(NamedTuple):
    """One way of appending."""

    clients: int
    batch: int
    events: int

    @property
    def name(self) -> str:
        unit = "single" if self.batch == 1 else f"batches of {self.batch:,}"
        return f"{unit}, {self.clients} client{'s' if self.clients > 1 else ''}"


LOADS: Final = (
    Load(1, 1, 2_000),
    Load(8, 1, 6_000),
    Load(64, 1, 12_000),
    Load(1, 100, 50_000),
    Load(IN_FLIGHT, 100, 50_000),
    Load(1, 1_000, 100_000),
    Load(IN_FLIGHT, 1_000, 100_000),
)
RANKS: Final = ("p50", "p99")
VISIBLE_MS_MAX: Final = {"p50": 3.0, "p99": 15.0}
BASELINES: Final = {1: 3_000, 100: 50_000, 1_000: 100_000}
"""How many events raw SQLite and the peer write a round, by events a commit."""


class Rivals:
    """Raw SQLite and the peer, on files that grow from round to round as ours do."""

    def __init__(self, plan: Plan) -> None:
        folder = plan.folder / "rivals"
        folder.mkdir()
        self._plan = plan
        self._raw = RawSQLite(folder / "raw.sqlite")
        self._peer = Peer(folder / "peer.sqlite")

    def measure(self, a_commit: int) -> dict[str, float]:
        events = self._plan.events(BASELINES[a_commit], a_commit)
        return {
            f"raw {a_commit}": self._raw.append_rate(events, a_commit),
            f"peer {a_commit}": self._peer.append_rate(events, a_commit),
        }

    def close(self) -> None:
        self._raw.close()
        self._peer.close()


def measure_load(plan: Plan, server: Server, generator: LoadGenerator, load: Load) -> dict[str, float]:
    """One run of a load in a session of its own, until the server is idle again."""
    session = server.start_session()
    server.wait_until_caught_up()
    events = plan.events(load.events, load.batch)
    busy = server.cpu_seconds()
    run = generator.run(server, "append", session=session, clients=load.clients, batch=load.batch, events=events)
    server.wait_until_caught_up()
    busy = server.cpu_seconds() - busy
    return {
        load.name: events / run["seconds"],
        f"visible {load.name}": events / run["visible_seconds"],
        f"cpu {load.name}": busy / events * 1e6,
        f"p50 {load.name}": run["p50_ms"],
        f"p99 {load.name}": run["p99_ms"],
    }


def run(plan: Plan) -> list[Measure]:
    rivals, generator = Rivals(plan), LoadGenerator()
    with serving(plan.folder / "appends") as server:

        def one_round() -> dict[str, float]:
            taken: dict[str, float] = {}
            for load in LOADS:
                taken |= measure_load(plan, server, generator, load)
                if f"raw {load.batch}" not in taken:
                    taken |= rivals.measure(load.batch)
            return taken

        plan.tell(f"appends: {plan.rounds} rounds and one to warm up")
        taken = interleaved(plan.rounds, one_round)
    measures = _throughput(taken) + _cost(taken)
    measures += _pace(plan, generator)
    generator.close()
    rivals.close()
    for folder in ("rivals", "appends"):
        shutil.rmtree(plan.folder / folder)
    return measures


def _throughput(taken: dict[str, float]) -> list[Measure]:
    measures = []
    for load in LOADS:
        floor, aim = {(64, 1): (1.0, 2.5), (1, 1_000): (0.25, 0.4), (IN_FLIGHT, 1_000): (0.25, 0.4)}.get(
            (load.clients, load.batch), (None, None)
        )
        raw, peer = taken[f"raw {load.batch}"], taken[f"peer {load.batch}"]
        measures.append(beside_raw(SECTION, load.name, taken[load.name], raw, peer, floor=floor, aim=aim))
    for load in LOADS:
        if load.batch > 1:
            visible = taken[f"visible {load.name}"]
            measures.append(
                Measure(
                    "all of it visible in the views, from the first request on",
                    load.name,
                    visible,
                    ratio=visible / taken[load.name],
                    floor=0.5,
                    aim=THE_SAME,
                    note="ratio to the append rate",
                )
            )
    return measures


def _cost(taken: dict[str, float]) -> list[Measure]:
    """What a request takes of the caller's time, and an event of the server's."""
    section = "latency of a single append, CPU of the server"
    singles = [load for load in LOADS if load.batch == 1]
    latencies = [
        Measure(section, f"{load.name}, {rank}", taken[f"{rank} {load.name}"], "ms")
        for load in singles
        for rank in RANKS
    ]
    cpu = [
        Measure(section, f"{load.name}, CPU an event", taken[f"cpu {load.name}"], "µs", note="views included")
        for load in (singles[-1], *(load for load in LOADS if load.batch > 1 and load.clients > 1))
    ]
    return latencies + cpu


def _pace(plan: Plan, generator: LoadGenerator, rate: int = 500) -> list[Measure]:
    """At a shoot's pace rather than as fast as can be, on a server of its own: until acknowledged, and until a read shows it."""
    plan.tell(f"{rate} single appends a second, each of them read: {plan.rounds} rounds and one to warm up")
    folder, events = plan.folder / "pace", int(rate * plan.pace_seconds)
    with serving(folder, None) as server, closing(RawSQLite(folder / "raw.sqlite")) as raw:

        def one_round() -> dict[str, float]:
            session = server.start_session()
            server.wait_until_caught_up()
            busy, commits = server.cpu_seconds(), server.commits()
            run = generator.run(server, "pace", session=session, rate=rate, events=events)
            commits, busy = server.commits() - commits, server.cpu_seconds() - busy
            server.wait_until_caught_up()
            bare = raw.commits_at(rate, events // 3)
            told = {
                f"{kind}, {rank}": run[kind][f"{rank}_ms"] for kind in ("acknowledged", "visible") for rank in RANKS
            }
            told |= {f"raw, {rank}": bare[f"{rank}_ms"] for rank in RANKS}
            return told | {"commits": commits / events, "cpu": busy / events * 1e6}

        taken = interleaved(plan.rounds, one_round)
    shutil.rmtree(folder)
    section = f"single appends at {rate} events/s, each read until it is visible"
    return [
        *(
            Measure(
                section,
                f"{kind}, {rank}",
                taken[f"{kind}, {rank}"],
                "ms",
                raw=taken[f"raw, {rank}"],
                floor=VISIBLE_MS_MAX[rank] if kind == "visible" else None,
                lower_is_better=True,
                note="raw: a bare commit",
            )
            for kind in ("acknowledged", "visible")
            for rank in RANKS
        ),
        Measure(section, "commits an event", taken["commits"], ""),
        Measure(section, "CPU an event, its read included", taken["cpu"], "µs"),
    ]
