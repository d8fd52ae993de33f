"""One build of the views; what it comes to is in ``test_views.py``, here is what it keeps in hand."""

from ledger.projections.build import NUMBERS_KEPT_MAX
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.viewed import Viewed


def test_a_session_keeps_its_number_where_too_many_are_known(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED)
    viewed.step(1)
    before = viewed.rows()["sessions"][0][0]
    viewed.views._known_numbers |= {f"s{number}": number for number in range(NUMBERS_KEPT_MAX + 1)}
    opened.append(fact(1))
    viewed.step(1)
    ((number, *_),) = viewed.rows()["director_events"]
    assert number == before
