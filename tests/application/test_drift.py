"""All views are held against the log, or some sessions of them; whatever differs is a fault with its session's name."""

import pytest
from sqlalchemy import update

from ledger.application import drift
from ledger.application.drift import check_views
from ledger.projections.director import DIRECTOR_EVENTS
from tests.log.conftest import embedded, opened
from tests.log.opened import OpenLog, fact
from tests.projections.conftest import viewed
from tests.projections.histories import STARTED
from tests.projections.test_rebuild import NEWER
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")

__all__ = ["embedded", "opened", "viewed"]


@pytest.fixture
def of_many(opened: OpenLog, viewed: Viewed, monkeypatch: pytest.MonkeyPatch) -> Viewed:
    """The views of more sessions than are looked at together."""
    monkeypatch.setattr(drift, "PARTITIONS_A_LOOK", 2)
    for name in range(5):
        opened.append(STARTED, *map(fact, range(name)), partition=f"s{name}")
    viewed.runner.catch_up()
    return viewed


def test_all_are_compared_and_whoever_waits_is_told_how_far_it_is(of_many: Viewed):
    told: list[tuple[int, int]] = []
    found = check_views(of_many.opened.log, of_many.views, progress=lambda *at: told.append(at))
    assert found == ("views", "15 rows of 5 sessions and the like, folded anew", [])
    assert told == [(3, 15), (10, 15), (15, 15)]


def test_a_row_that_was_altered_is_a_fault_of_its_session(of_many: Viewed):
    with of_many._writing.begin() as connection:
        where = DIRECTOR_EVENTS.c.sequence == 4
        connection.execute(update(DIRECTOR_EVENTS).where(where).values(event_type="hold"))
    found = check_views(of_many.opened.log, of_many.views).faults
    assert [fault.partition for fault in found] == ["s3", "s4"]
    assert "view director_events: the row of session " in found[0].rule
    assert "differs in event_type" in found[0].rule
    assert len(check_views(of_many.opened.log, of_many.views, 5).faults) == 2


def test_a_sample_is_of_so_many(of_many: Viewed):
    assert " rows of 1 session " in check_views(of_many.opened.log, of_many.views, 1).told
    assert " rows of 3 sessions " in check_views(of_many.opened.log, of_many.views, 3).told


def test_what_is_parked_is_told_and_no_fault(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, fact(1))
    opened.append(STARTED, partition="s2")
    opened.change("UPDATE events SET type = 'director-event-vanished.1' WHERE position = 2")
    opened.reopen()
    viewed.reopen(is_parking=True)
    viewed.runner.catch_up()
    found = check_views(opened.log, viewed.views)
    assert found.told.endswith("folded anew; 1 not compared, since events of them are parked")
    assert found.faults == []


def test_views_of_another_version_are_said_to_be_incomparable(of_many: Viewed):
    of_many.reopen(NEWER)
    of_many.runner.catch_up()
    (fault,) = check_views(of_many.opened.log, of_many.views).faults
    assert str(fault) == "the views cannot be compared: the views are of another version"
