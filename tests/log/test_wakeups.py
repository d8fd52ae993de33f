"""Hints between processes: others hear of an append soon, and nobody is woken by his own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from ledger.log.wakeups import Wakeups
from tests.log.opened import OpenLog, fact
from tests.places import place


@contextmanager
def hearing(log: OpenLog) -> Iterator[tuple[Wakeups, Event]]:
    heard = Event()
    wakeups = Wakeups(log.writing, log.log)
    wakeups.start()
    log.log.on_append(heard.set)
    try:
        yield wakeups, heard
    finally:
        wakeups.stop()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[OpenLog, OpenLog]]:
    """Two processes' logs, as far as the database can tell."""
    with place("postgresql", tmp_path) as shared:
        logs = OpenLog(shared), OpenLog(shared)
        yield logs
        for log in logs:
            log.close()


def test_an_append_here_wakes_those_who_follow_there(two: tuple[OpenLog, OpenLog]):
    here, there = two
    with hearing(here), hearing(there) as (_, heard):
        for at in range(3):
            heard.clear()
            here.append(fact(at))
            assert heard.wait(60)
        assert [entry.sequence for entry in there.log.read(0, 0, 10)] == [1, 2, 3]


def test_a_hint_is_not_passed_on(two: tuple[OpenLog, OpenLog]):
    """Or two processes would go on waking each other for ever."""
    here, there = two
    with hearing(here) as (_, echo), hearing(there) as (_, heard):
        here.append(fact())
        assert heard.wait(60)
        echo.clear()
        assert not echo.wait(0.1)


def test_it_goes_on_when_its_connections_are_cut(two: tuple[OpenLog, OpenLog], monkeypatch: pytest.MonkeyPatch):
    here, there = two
    monkeypatch.setattr("ledger.log.wakeups._AGAIN_SECONDS", 0.05)
    with hearing(here), hearing(there) as (_, heard):
        here.append(fact(0))
        assert heard.wait(60)
        here.place.change(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        heard.clear()
        for at in range(1, 40):
            here.append(fact(at))
            if heard.wait(0.1):
                break
        assert heard.is_set()


def test_who_is_to_stop_hears_of_it(two: tuple[OpenLog, OpenLog], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ledger.log.wakeups._LISTEN_SECONDS", 3_600.0)
    here, _ = two
    with hearing(here):
        pass
