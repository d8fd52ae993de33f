"""Where the views stand is one question, and it tells whether there is more to ask."""

from ledger.projections.checkpoints import Checkpoints, stored_checkpoints
from ledger.projections.views import PROJECTIONS
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.viewed import Exploding, Viewed


def stored(viewed: Viewed) -> Checkpoints:
    with viewed.views.snapshot() as snapshot:
        return stored_checkpoints(snapshot.connection, 2)


def test_they_are_where_the_views_stand_and_zero_where_nothing_is_known(opened: OpenLog, viewed: Viewed):
    assert stored(viewed) == Checkpoints([0, 0], is_any_parked=False, is_any_halted=False)
    opened.append(STARTED, fact(1))
    viewed.runner.catch_up()
    assert stored(viewed) == Checkpoints([2, 0], is_any_parked=False, is_any_halted=False)


def test_they_tell_that_something_is_parked_or_stands_still(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, fact(1, reason="poison"), fact(2))
    viewed.reopen((*PROJECTIONS, Exploding()))
    viewed.views.advance(0, 1)
    viewed.views.halt(0, ZeroDivisionError())
    assert stored(viewed) == Checkpoints([1, 0], is_any_parked=False, is_any_halted=True)
    viewed.reopen((*PROJECTIONS, Exploding()), is_parking=True)
    viewed.runner.catch_up()
    assert stored(viewed)[:2] == ([3, 0], True)
