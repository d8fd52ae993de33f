"""A database begins a new life at what it holds, once nobody else has it open."""

from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from ledger.log.eventlog import create_log
from ledger.log.others import DatabaseInUseError
from ledger.log.restored import begin_restored, lives_of
from tests.log.opened import NOW, OpenLog, fact
from tests.places import Place, place


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Place]:
    with place("postgresql", tmp_path) as empty:
        yield empty


def test_a_new_life_begins_where_the_log_stands(database: Place):
    log = OpenLog(database)
    log.append(fact(1), fact(2))
    before = log.log.epoch
    log.close()
    engine = database.log(writing=True)
    begun = begin_restored(engine, NOW + 5)
    assert (begun.epoch.started_at, begun.epoch.origin, begun.sessions) == (NOW + 5, (before, (2,)), 0)
    assert [epoch.name for epoch in lives_of(engine)] == [before, begun.epoch.name]
    engine.dispose()


@pytest.mark.long
def test_nothing_begins_while_others_have_it_open(database: Place):
    engine, other = database.log(writing=True), database.log(writing=False)
    create_log(engine, shards=2, now_ms=NOW)
    with other.connect(), pytest.raises(DatabaseInUseError, match="1 connection open"):
        begin_restored(engine, NOW)
    other.dispose()
    assert len(list(lives_of(engine))) == 1
    engine.dispose()


def test_whoever_is_just_leaving_is_waited_for(database: Place):
    engine, other = database.log(writing=True), database.log(writing=False)
    create_log(engine, shards=1, now_ms=NOW)
    leaving = other.connect()

    def leave() -> None:
        leaving.close()
        other.dispose()

    timer = Timer(0.2, leave)
    timer.start()
    assert begin_restored(engine, NOW).sessions == 0
    timer.join()
    engine.dispose()
