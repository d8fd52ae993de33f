"""The runner keeps the views up to the log, tells those who wait, and stands still rather than skip."""

from pathlib import Path
from sqlite3 import OperationalError
from threading import Event as Signal
from time import monotonic, sleep

import pytest

from ledger.log.eventlog import EventLog
from ledger.projections import runner
from ledger.projections.runner import Runner
from ledger.projections.views import PROJECTIONS
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.viewed import Exploding, Viewed


def test_it_follows_every_append(opened: OpenLog, viewed: Viewed):
    viewed.runner.start()
    for at in range(5):
        position = opened.append(STARTED if at == 0 else fact(at)).position
        reached = Signal()
        viewed.runner.when_reached(0, position, reached.set)
        assert reached.wait(60)
        assert viewed.shown() >= position
    assert (viewed.runner.lag(), viewed.runner.halted) == (0, None)


def test_who_comes_to_wait_does_not_wait_for_its_pace(opened: OpenLog, viewed: Viewed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ledger.projections.runner.PACE_SECONDS", 60)
    viewed.runner.start()
    for at in range(3):
        position = opened.append(STARTED if at == 0 else fact(at)).position
        sleep(0.01)  # it has carried this, or will when the next one comes to wait
        reached = Signal()
        viewed.runner.when_reached(0, position, reached.set)
        assert reached.wait(60)


def test_a_quiet_moment_in_which_the_database_has_gone_does_not_end_it(embedded: OpenLog, embedded_viewed: Viewed):
    def gone() -> None:
        del vars(views)["settle"]
        raise OperationalError("the database has gone")

    views, runner = embedded_viewed.views, embedded_viewed.runner
    vars(views)["settle"] = gone
    runner.start()
    for event in (STARTED, fact(1)):
        reached = Signal()
        runner.when_reached(0, embedded.append(event).position, reached.set)
        assert reached.wait(60)
    assert "settle" not in vars(views)


@pytest.mark.long_on("postgresql")
def test_it_begins_with_what_was_there_before_it(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, fact(1))
    viewed.runner.start()
    reached = Signal()
    viewed.runner.when_reached(0, 2, reached.set)
    assert reached.wait(60)


def test_those_who_wait_are_told_once_and_those_who_gave_up_are_not(opened: OpenLog, viewed: Viewed):
    told: list[str] = []
    first, second, gone = (lambda name=name: told.append(name) for name in ("first", "second", "gone"))
    viewed.runner.when_reached(0, 1, first)
    viewed.runner.when_reached(0, 2, second)
    viewed.runner.when_reached(0, 1, gone)
    viewed.runner.forget(gone)
    opened.append(STARTED)
    viewed.runner.catch_up()
    assert told == ["first"]
    opened.append(fact(1), fact(2))
    viewed.runner.catch_up()
    assert told == ["first", "second"]
    viewed.runner.when_reached(0, 3, first)
    assert told == ["first", "second", "first"]


@pytest.mark.long_on("postgresql")
def test_catching_up_tells_how_far_it_has_come(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, fact(1))
    told: list[tuple[int, int]] = []
    viewed.runner.catch_up(lambda done, total: told.append((done, total)))
    assert told == [(2, 2)]
    assert viewed.runner.lag() == 0


def halted(viewed: Viewed) -> str:
    """Why the running runner stands still, once it does."""
    deadline = monotonic() + 60
    while viewed.runner.halted is None:
        assert monotonic() < deadline, "it goes on"
        sleep(0.002)
    return viewed.runner.halted


@pytest.mark.long_on("postgresql")
def test_a_poison_event_halts_it_loudly_and_is_never_skipped(
    opened: OpenLog, viewed: Viewed, caplog: pytest.LogCaptureFixture
):
    viewed.reopen((*PROJECTIONS, Exploding()))
    opened.append(STARTED, fact(1), fact(2, reason="poison"))
    viewed.runner.start()
    assert halted(viewed) == "session s1, sequence 3, position 3: ZeroDivisionError: a poison event"
    opened.append(fact(2))
    assert "the views are halted" in caplog.text
    assert (viewed.shown(), viewed.runner.lag()) == (2, 2), "what stands before it is shown"
    with pytest.raises(ZeroDivisionError):
        viewed.runner.catch_up()


@pytest.mark.long_on("postgresql")
def test_an_event_that_cannot_be_read_halts_it_too(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, fact(1))
    opened.change("UPDATE events SET type = 'session-vanished.1' WHERE position = 2")
    opened.reopen()
    viewed.reopen()
    viewed.runner.start()
    assert "session-vanished.1" in halted(viewed)
    assert viewed.shown() == 1


def test_where_one_process_halts_the_others_see_it_and_it_is_over_once_that_is_passed(opened: OpenLog, viewed: Viewed):
    viewed.reopen((*PROJECTIONS, Exploding()))
    opened.append(STARTED, fact(1, reason="poison"))
    viewed.runner.start()
    told = halted(viewed)
    viewed.reopen((*PROJECTIONS, mended := Exploding()))
    assert viewed.runner.halted == told, "it is written down"
    mended.is_mended = True
    viewed.runner.catch_up()
    assert viewed.runner.standing(opened.now).halted is None
    assert viewed.shown() == 2


@pytest.mark.long_on("postgresql")
def test_it_says_how_far_and_how_long_the_views_are_behind(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED)
    viewed.runner.catch_up()
    opened.append(fact(1))
    opened.now += 250
    opened.append(fact(2))
    assert viewed.runner.standing(opened.now + 50)[:2] == ((2,), 300)
    opened.reopen()
    viewed.reopen()
    found = viewed.runner.standing(opened.now + 50)
    assert (found.backlog, found.lag, found.lag_ms, found.halted) == ((2,), 2, 300, None)
    viewed.runner.catch_up()
    assert viewed.runner.standing(opened.now + 50)[:2] == ((0,), 0)


def test_stopping_one_that_never_ran_is_harmless(viewed: Viewed):
    viewed.runner.stop()


def test_catching_up_beside_the_running_runner_applies_nothing_twice(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED)
    viewed.runner.start()
    for at in range(1, 60):
        opened.append(*(fact(at) for _ in range(40)))
        viewed.runner.catch_up()
    assert (viewed.runner.lag(), viewed.runner.halted) == (0, None)


@pytest.mark.long_on("postgresql")
def test_views_can_be_brought_exactly_to_a_position(opened: OpenLog, viewed: Viewed):
    opened.append(*(fact(at) for at in range(5)))
    for position in (0, 3, 3, 4):
        viewed.runner.catch_up(up_to=[position])
        assert viewed.shown() == position
    viewed.runner.catch_up()
    assert viewed.shown() == 5


@pytest.mark.parametrize("opened", ["postgresql"], indirect=True)
def test_where_others_build_the_views_it_looks_at_them_for_those_who_wait(
    opened: OpenLog, viewed: Viewed, monkeypatch: pytest.MonkeyPatch
):
    looks: list[bool] = []
    refresh, reached = viewed.views.refresh, Signal()

    def counted() -> None:
        looks.append(True)
        refresh()

    monkeypatch.setattr(viewed.views, "refresh", counted)
    onlooker = Runner(opened.log, viewed.views, is_building=False)
    onlooker.start()
    for at in range(50):
        opened.append(STARTED if at == 0 else fact(at))
    assert len(looks) < 10, "nobody waits, and it looks once a second"
    onlooker.when_reached(0, 50, reached.set)
    viewed.runner.catch_up()
    assert reached.wait(60)
    onlooker.stop()


@pytest.mark.parametrize("sharded", ["postgresql"], indirect=True)
def test_who_always_has_something_of_its_own_to_carry_sees_what_others_record_all_the_same(
    sharded: OpenLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    viewed, other, reached = Viewed(sharded, tmp_path / "views"), OpenLog(sharded.place, shards=4), Signal()
    step = viewed.runner._step_or_halt
    monkeypatch.setattr(EventLog, "heads_known", property(lambda _: [1_000, 0, 0, 0]))
    monkeypatch.setattr(viewed.runner, "_step_or_halt", lambda shard: step(shard) or 1)
    viewed.runner.start()
    assert other.append(STARTED, partition="s8").shard == 1
    viewed.runner.when_reached(1, 1, reached.set)
    assert reached.wait(60)
    viewed.close()
    other.close()


@pytest.mark.parametrize("opened", ["postgresql"], indirect=True)
def test_what_has_been_missing_for_long_is_not_looked_for_all_the_time(
    opened: OpenLog, viewed: Viewed, monkeypatch: pytest.MonkeyPatch
):
    now, other = 100.0, OpenLog(opened.place)
    monkeypatch.setattr(runner, "monotonic", lambda: now)
    onlooker = Runner(opened.log, viewed.views, is_building=False)
    onlooker.on_advance(lambda: None)
    other.append(STARTED)
    onlooker._carry()
    assert onlooker._is_nearly_there(), "others are likely to be about it"
    now += 2 * runner.POLL_SECONDS
    onlooker._carry()
    assert not onlooker._is_nearly_there()
    viewed.runner.catch_up()
    onlooker._carry()
    other.append(fact(1))
    onlooker._carry()
    assert onlooker._is_nearly_there(), "what came since has not been missing for long"
    other.close()
