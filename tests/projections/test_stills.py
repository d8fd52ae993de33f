import json
from typing import Any

import pytest

from ledger.domain.stills import StillFavourited, StillRecorded, StillUnfavourited, StillUpdated
from ledger.projections import stills
from ledger.projections.stills import TIMED, best_question
from tests.log.opened import OpenLog
from tests.projections.histories import STARTED
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "stills_by_score"),
        ({"camera_id": "a"}, "stills_by_camera"),
        ({"favorites_only": True}, "stills_by_favorite"),
    ],
    ids=str,
)
def test_a_read_order_is_an_index(embedded_viewed: Viewed, filters: dict[str, Any], index: str):
    plan = embedded_viewed.plan(best_question("s1", limit=5, **filters))
    assert f"SEARCH stills USING INDEX {index} (session=?" in plan
    assert "TEMP B-TREE" not in plan


def test_two_filters_at_once_need_no_sorting_either(embedded_viewed: Viewed):
    plan = embedded_viewed.plan(best_question("s1", limit=5, camera_id="a", favorites_only=True))
    assert "SEARCH stills USING INDEX" in plan
    assert "TEMP B-TREE" not in plan


def test_stills_in_time_order_are_an_index(embedded_viewed: Viewed):
    for question in (TIMED.newest_question("s1", 5), TIMED.window_question("s1", 1, 2, limit=5)):
        assert "SEARCH stills USING INDEX stills_by_time (session=?" in embedded_viewed.plan(question)
        assert "TEMP B-TREE" not in embedded_viewed.plan(question)


def best(viewed: Viewed, **filters: Any) -> list[str]:
    asked: dict[str, Any] = {"limit": 9, "camera_id": None, "favorites_only": False} | filters
    with viewed.views.snapshot() as snapshot:
        return [json.loads(document)["_id"] for document in stills.best(snapshot.connection, "s1", **asked)]


def still(camera_id: str, at: float, score: float) -> StillRecorded:
    return StillRecorded(camera_id=camera_id, timestamp_ms=at, score=score)


def test_the_best_come_first_then_the_earliest_then_as_they_were_recorded(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, still("a", 9, 1), still("b", 5, 1), still("a", 5, 1), still("a", 1, 0.5), still("a", 0, 2))
    viewed.step(100)
    assert best(viewed) == ["s1-k6", "s1-k3", "s1-k4", "s1-k2", "s1-k5"]
    assert best(viewed, limit=2) == ["s1-k6", "s1-k3"]
    assert best(viewed, camera_id="b") == ["s1-k3"]


def test_favourites_and_scores_are_those_of_now(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, still("a", 1, 1), still("a", 1, 2), StillFavourited(still=2), StillFavourited(still=3))
    viewed.step(100)
    assert best(viewed, favorites_only=True) == ["s1-k3", "s1-k2"]
    opened.append(StillUpdated(still=2, score=3), StillUnfavourited(still=3))
    viewed.step(100)
    assert best(viewed, favorites_only=True) == ["s1-k2"]
    assert best(viewed) == ["s1-k2", "s1-k3"]
