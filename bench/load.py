"""The load generator: a program of its own that takes jobs as JSON lines on stdin and answers each with its measures.

``append``: all events of a session as fast as so many clients can, then until they are visible in the views.
``pace``: single appends at a given rate, each until it is visible. ``ask``: a list of GETs, one after another.
"""

import asyncio
import gc
import json
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from statistics import quantiles
from time import perf_counter
from typing import Any, Final

import uvloop

from bench.events import batch_bodies, single_bodies
from bench.http11 import Connection, get, post

Job = dict[str, Any]
PACE_CONNECTIONS: Final = 32


def percentiles(seconds: list[float]) -> dict[str, float]:
    """p50 and p99 in milliseconds."""
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {"p50_ms": cuts[49] * 1_000, "p99_ms": cuts[98] * 1_000}


async def connect(port: int, count: int, failed: asyncio.Future[Any]) -> list[Connection]:
    """So many open connections; where one fails, so does ``failed``."""

    def fail(error: Exception) -> None:
        if not failed.done():
            failed.set_exception(error)

    loop = asyncio.get_running_loop()
    connections = [(await loop.create_connection(Connection, "127.0.0.1", port))[1] for _ in range(count)]
    for connection in connections:
        connection.lost = fail
    return connections


def _requests(job: Job) -> Iterator[bytes]:
    if job["batch"] == 1:
        return (post("/production/event", body) for body in single_bodies(job["session"], job["events"]))
    bodies = batch_bodies(job["session"], job["events"], job["batch"])
    return (post("/production/event/batch", body) for body in bodies)


async def append(job: Job) -> dict[str, Any]:
    requests = list(_requests(job))[::-1]
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    connections = await connect(job["port"], min(job["clients"], len(requests)), done)
    latencies: list[float] = []
    busy = len(connections)

    def ask_next(connection: Connection) -> None:
        nonlocal busy
        if requests:
            connection.ask(requests.pop(), partial(answered, perf_counter()))
        else:
            busy -= 1
            if not busy:
                done.set_result(None)

    def answered(asked_at: float, connection: Connection) -> None:
        latencies.append(perf_counter() - asked_at)
        ask_next(connection)

    begun = perf_counter()
    for connection in connections:
        ask_next(connection)
    await done
    acknowledged = perf_counter()
    await _until_visible(connections[0], job["session"])
    visible = perf_counter()
    for connection in connections:
        connection.close()
    return {"seconds": acknowledged - begun, "visible_seconds": visible - begun, **percentiles(latencies)}


async def _until_visible(connection: Connection, session: str) -> None:
    """A read waits for the head of its session, for a while; one that came too early is asked again."""
    while True:
        seen: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        connection.ask(get(f"/production/session?sessionId={session}"), seen.set_result)
        if not (await seen).is_stale:
            return


async def pace(job: Job) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    requests = list(_requests({**job, "batch": 1}))[::-1]
    missing = len(requests)
    done: asyncio.Future[None] = loop.create_future()
    idle = deque(await connect(job["port"], PACE_CONNECTIONS, done))
    late: deque[float] = deque()
    acknowledged: list[float] = []
    visible: list[float] = []

    def due() -> None:
        late.append(perf_counter())
        send()

    def send() -> None:
        while idle and late:
            idle.popleft().ask(requests.pop(), partial(appended, late.popleft()))

    def appended(due_at: float, connection: Connection) -> None:
        acknowledged.append(perf_counter() - due_at)
        look(due_at, connection)

    def look(due_at: float, connection: Connection) -> None:
        at_least = f"Ledger-At-Least: {connection.position}\r\n"
        connection.ask(get(f"/production/session?sessionId={job['session']}", at_least), partial(seen, due_at))

    def seen(due_at: float, connection: Connection) -> None:
        nonlocal missing
        assert not connection.is_stale, "a single append was not visible within two seconds"
        visible.append(perf_counter() - due_at)
        missing -= 1
        idle.append(connection)
        send()
        if not missing:
            done.set_result(None)

    begun = loop.time()
    for index in range(missing):
        loop.call_at(begun + index / job["rate"], due)
    await done
    for connection in idle:
        connection.close()
    return {"acknowledged": percentiles(acknowledged), "visible": percentiles(visible)}


async def ask(job: Job) -> dict[str, Any]:
    """``paths``: [name, path] in the order to ask in. Answers percentiles by name."""
    loop = asyncio.get_running_loop()
    requests = [(name, get(path)) for name, path in job["paths"]]
    failed: asyncio.Future[Connection] = loop.create_future()
    (connection,) = await connect(job["port"], 1, failed)
    seconds: dict[str, list[float]] = {}
    for name, request in requests:
        answered: asyncio.Future[Connection] = loop.create_future()
        asked_at = perf_counter()
        connection.ask(request, answered.set_result)
        await asyncio.wait((answered, failed), return_when=asyncio.FIRST_COMPLETED)
        took = perf_counter() - asked_at
        if failed.done():
            failed.result()
        seconds.setdefault(name, []).append(took)
    connection.close()
    return {name: percentiles(took) for name, took in seconds.items()}


JOBS: Final[dict[str, Callable[[Job], Awaitable[dict[str, Any]]]]] = {"append": append, "pace": pace, "ask": ask}


async def carry_out(job: Job) -> dict[str, Any]:
    """One job, without the garbage collector: what was prebuilt is not to be walked through while a clock runs."""
    gc.collect()
    gc.disable()
    try:
        return await JOBS[job["kind"]](job)
    finally:
        gc.enable()


def main() -> None:
    for line in sys.stdin:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            answer = runner.run(carry_out(json.loads(line)))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
