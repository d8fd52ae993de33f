"""Somebody looks after the views, unasked and slowly; what is found is written down, and struck out once it is mended."""

import logging
from random import Random
from time import monotonic, sleep

import pytest
from sqlalchemy import update

from ledger.projections.patrol import Patrol
from ledger.projections.sessions import SESSIONS
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.test_refold import change
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")


@pytest.fixture
def patrol(opened: OpenLog, viewed: Viewed) -> Patrol:
    for session in ("s1", "s2"):
        opened.append(STARTED, fact(1), partition=session)
    viewed.runner.catch_up()
    return Patrol(opened.log, viewed.views, 0.01, share=1, chance=Random(0))


def touch(viewed: Viewed, session: str, status: str) -> None:
    change(viewed, update(SESSIONS).where(SESSIONS.c.id == session).values(status=status))


def test_every_session_is_looked_at_in_time_and_what_has_drifted_is_named(
    viewed: Viewed, patrol: Patrol, caplog: pytest.LogCaptureFixture
):
    for _ in range(6):
        patrol.go_round()
    assert (patrol.looked, viewed.views.list_drifts()) == (6, [])
    touch(viewed, "s2", "paused")
    for _ in range(6):
        patrol.go_round()
    ((view, session, difference),) = viewed.runner.standing(0).drifts
    assert (view, session) == ("sessions", "s2")
    assert "differs in status" in difference
    assert [record.levelno for record in caplog.records] == [logging.ERROR], "told once, and not every time"
    touch(viewed, "s2", "setup")
    patrol.go_round()
    assert viewed.views.list_drifts() == [], "what had drifted is looked at again first"


def test_it_goes_by_itself_and_ends_when_it_is_told(viewed: Viewed, patrol: Patrol):
    touch(viewed, "s1", "paused")
    patrol.start()
    deadline = monotonic() + 60
    while not viewed.views.list_drifts():
        assert monotonic() < deadline
        sleep(0.01)
    patrol.stop()
    looked = patrol.looked
    sleep(0.05)
    assert patrol.looked == looked


def test_it_ends_in_the_middle_of_a_long_session(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, *map(fact, range(5_000)))
    viewed.runner.catch_up()
    patrol = Patrol(opened.log, viewed.views, 0.01)
    patrol.start()
    sleep(0.1)
    began = monotonic()
    patrol.stop()
    assert monotonic() - began < 5
    assert viewed.views.list_drifts() == []


def test_without_a_time_between_rounds_it_never_goes(opened: OpenLog, viewed: Viewed):
    patrol = Patrol(opened.log, viewed.views, 0)
    patrol.start()
    patrol.stop()
    assert patrol.looked == 0
