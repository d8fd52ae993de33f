import json

import pytest

from ledger.projections.director import TIMED
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")


@pytest.mark.parametrize("window", [(None, None), (1, None), (None, 2), (1, 2)], ids=str)
def test_a_window_is_a_stretch_of_the_index(embedded_viewed: Viewed, window: tuple[float | None, float | None]):
    plan = embedded_viewed.plan(TIMED.window_question("s1", *window, limit=5))
    assert "SEARCH director_events USING INDEX director_events_by_time (session=?" in plan
    assert "TEMP B-TREE" not in plan
    assert ("timestamp_ms>?" in plan) == (window[0] is not None)
    assert ("timestamp_ms<?" in plan) == (window[1] is not None)


def test_the_newest_are_the_end_of_the_index(embedded_viewed: Viewed):
    plan = embedded_viewed.plan(TIMED.newest_question("s1", 5))
    assert "SEARCH director_events USING INDEX director_events_by_time (session=?" in plan
    assert "TEMP B-TREE" not in plan


def test_a_window_includes_both_its_ends_and_the_newest_are_in_time_order(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, *(fact(at) for at in (4, 1, 2.5, 3, 2)))
    viewed.step(100)
    with viewed.views.snapshot() as snapshot:
        times = [
            [json.loads(document)["timestampMs"] for document in found]
            for found in (
                TIMED.window(snapshot.connection, "s1", 2, 3, 9),
                TIMED.window(snapshot.connection, "s1", 2, None, 3),
                TIMED.newest(snapshot.connection, "s1", 2),
            )
        ]
    assert times == [[2, 2.5, 3], [2, 2.5, 3], [3, 4]]
