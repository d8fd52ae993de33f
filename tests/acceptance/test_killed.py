"""Servers and projection processes on one database, killed at random under load and started again: as if nothing had happened."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest

from ledger.application.verify import verify
from ledger.bootstrap import now_ms, open_database
from ledger.domain.vocabulary import Vocabulary
from ledger.log.eventlog import EventLog
from ledger.openings import openings
from ledger.projections.comparison import compare
from ledger.projections.runner import Runner
from ledger.projections.views import Views
from tests.acceptance.look import Row, assert_kept, assert_sent
from tests.acceptance.refold import catch_up
from tests.acceptance.wire import Line, request
from tests.acceptance.writers import Writer
from tests.places import Database
from tests.postgres import empty_database
from tests.serving import ROOT

SHARDS = 4
WRITERS = 6


class Fleet:
    """Two servers that build no views, and two processes that do; whoever is killed is started again."""

    def __init__(self, url: str) -> None:
        self._database = ("--database", url)
        self._running: dict[str, subprocess.Popen[str]] = {}
        self.ports: dict[str, int] = {}
        self.killed: dict[str, int] = dict.fromkeys(("server-0", "server-1", "project-0", "project-1"), 0)
        for name in self.killed:
            self._start(name)

    def _start(self, name: str) -> None:
        words = ["serve", "--no-project", "--port", "0"] if name.startswith("server") else ["project"]
        command = [sys.executable, "-m", "ledger.cli", *words, *self._database]
        environment = {**os.environ, "LEDGER_SHARDS": str(SHARDS)}
        self._running[name] = started = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert started.stdout is not None
        line = started.stdout.readline()
        if name.startswith("server"):
            found = re.search(r":(\d+) from", line)
            assert found, line + started.stdout.read()
            self.ports[name] = int(found[1])

    def kill_one(self, chance: Random) -> None:
        name = chance.choice(list(self._running))
        self.ports.pop(name, None)
        self._end(name, signal.SIGKILL)
        self.killed[name] += 1
        self._start(name)

    def _end(self, name: str, number: int) -> None:
        ended = self._running[name]
        ended.send_signal(number)
        ended.wait(60)
        assert ended.stdout is not None
        ended.stdout.close()

    def close(self) -> None:
        for name in self._running:
            self._end(name, signal.SIGTERM)


@contextmanager
def written(writers: list[Writer], fleet: Fleet) -> Iterator[None]:
    """Each writer goes to any server that there is, and to another when that is gone."""
    stop = Event()

    def write(number: int, writer: Writer) -> None:
        while not stop.is_set() and writer.failure is None:
            ports = list(fleet.ports.values())
            if ports:
                writer.write(ports[number % len(ports)], stop)
            sleep(0.05)

    threads = [Thread(target=write, args=each) for each in enumerate(writers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def begun(fleet: Fleet) -> list[Writer]:
    line = Line(fleet.ports["server-0"])
    sessions = [
        line.ask(request("session/start", {"sessionType": "music_demo"})).body["result"] for _ in range(WRITERS)
    ]
    line.close()
    return [Writer(f"writer-{number}", session_id) for number, session_id in enumerate(sessions)]


def assert_nothing_was_lost(url: str, writers: list[Writer]) -> None:
    found = Database(url).rows(
        "SELECT shard, position, partition, sequence, recorded_at, body::json FROM events ORDER BY 1, 2"
    )
    rows = [Row(*row[1:]) for row in found]
    by_shard: dict[int, list[int]] = {}
    by_session: dict[str, list[Row]] = {}
    for (shard, *_), row in zip(found, rows, strict=True):
        by_shard.setdefault(shard, []).append(row.position)
        by_session.setdefault(row.partition, []).append(row)
    assert all(positions == list(range(1, len(positions) + 1)) for positions in by_shard.values())
    assert all([row.sequence for row in own] == list(range(1, len(own) + 1)) for own in by_session.values())
    for writer in writers:
        assert_kept(writer, by_session[writer.session_id])
    assert_sent(writers, rows)
    assert verify(*openings(url)).faults == []


def assert_views_are_the_fold(url: str) -> None:
    """Views that were built anew, beside those that many processes have built by turns."""
    with ExitStack() as closing:
        with open_database(url, Vocabulary(), shards=SHARDS) as ledger:
            catch_up(ledger)
        reading = openings(url)
        log_engine, live = reading.log(), reading.views()
        fresh = [Database(url).views("fresh", writing=writing) for writing in (True, False)]
        for engine in (log_engine, live, *fresh):
            closing.callback(engine.dispose)
        log = EventLog(writing=None, reading=log_engine, clock=now_ms)
        built = Views(writing=fresh[0], reading=fresh[1], log=log)
        closing.callback(built.close)
        Runner(log, built).catch_up()
        theirs = Views(writing=None, reading=live, log=log)
        assert theirs.misfit() is None
        with theirs.snapshot() as these, built.snapshot() as those:
            assert these.position == those.position
            compared: list[Any] = compare(these.connection, those.connection)
        assert [table.difference for table in compared if table.difference] == []


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seconds", [20, 120])
def test_killed_by_turns_under_load_they_lose_and_double_nothing(seconds: int, tmp_path: Path):
    chance = Random(seconds)
    with empty_database() as url:
        fleet = Fleet(url)
        try:
            writers = begun(fleet)
            end = monotonic() + seconds
            with written(writers, fleet):
                while monotonic() < end or not all(fleet.killed.values()):
                    sleep(chance.uniform(0, 1))
                    fleet.kill_one(chance)
        finally:
            fleet.close()
        assert [writer.failure for writer in writers] == [None] * WRITERS
        assert min(len(writer.acknowledged) for writer in writers) > seconds
        assert_nothing_was_lost(url, writers)
        assert_views_are_the_fold(url)
