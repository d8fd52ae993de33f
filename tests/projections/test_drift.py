"""What was found of a session is kept with the views until it is looked at again, and only of these views."""

import pytest

from ledger.projections.drift import Drift
from ledger.projections.views import PROJECTIONS
from tests.log.opened import OpenLog
from tests.projections.histories import STARTED
from tests.projections.test_rebuild import NEWER
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")

FIRST = Drift("stills", "s1", "the row of …")
SECOND = Drift("cameras", "s1", "another row of …")
OTHER = Drift("stills", "s2", "the row of …")


def test_what_is_found_anew_takes_the_place_of_what_was_known_of_the_session(viewed: Viewed):
    viewed.views.note_drifts(["s1"], [FIRST])
    viewed.opened.now += 1
    viewed.views.note_drifts(["s2"], [OTHER])
    assert viewed.views.list_drifts() == [FIRST, OTHER], "those first that were found first"
    viewed.views.note_drifts(["s1"], [SECOND])
    assert set(viewed.views.list_drifts()) == {SECOND, OTHER}
    viewed.views.note_drifts(["s1", "s2"], [])
    assert viewed.views.list_drifts() == []


def test_views_that_are_built_anew_have_not_drifted(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED)
    viewed.step(1)
    viewed.views.note_drifts(["s1"], [FIRST])
    viewed.reopen(PROJECTIONS)
    assert viewed.views.list_drifts() == [FIRST]
    viewed.reopen(NEWER)
    assert viewed.views.list_drifts() == []


def test_it_names_view_session_and_row():
    assert str(FIRST) == "stills, session s1: the row of …"
