import json
from typing import Any

import pytest

from ledger.domain.director import DirectorEventChanges, DirectorEventCorrected
from ledger.projections import director
from ledger.projections.director import EventPlace, page_question
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")

AFTER = EventPlace(5.0, 5)


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "director_events_by_time"),
        ({"event_type": "cut"}, "director_events_by_type"),
        ({"camera_id": "a"}, "director_events_by_camera"),
    ],
    ids=str,
)
@pytest.mark.parametrize("paging", [{"up_to": 9}, {"after": AFTER, "up_to": 9}], ids=["first page", "next page"])
def test_a_read_order_is_an_index(embedded_viewed: Viewed, filters: dict[str, Any], index: str, paging: dict[str, Any]):
    plan = embedded_viewed.plan(page_question("s1", limit=5, **filters, **paging))
    assert f"SEARCH director_events USING INDEX {index} (session=?" in plan
    assert "TEMP B-TREE" not in plan
    assert "after" not in paging or "(timestamp_ms,sequence)>(?,?)" in plan


def listed(viewed: Viewed, **filters: Any) -> list[EventPlace]:
    asked: dict[str, Any] = {"limit": 9, "after": None, "up_to": None, "event_type": None, "camera_id": None}
    with viewed.views.snapshot() as snapshot:
        return [place for _, place in director.page(snapshot.connection, "s1", **(asked | filters))]


def correcting(corrects: int, **changes: Any) -> DirectorEventCorrected:
    return DirectorEventCorrected(corrects=corrects, changes=DirectorEventChanges(**changes), reason="slip")


def test_events_are_listed_by_their_time_and_then_as_they_were_recorded(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, fact(5), fact(1.5, camera_id="a"), fact(5, camera_id="a"), fact(1))
    viewed.step(100)
    assert listed(viewed) == [(1, 5), (1.5, 3), (5, 2), (5, 4)]
    assert listed(viewed, camera_id="a") == [(1.5, 3), (5, 4)]
    assert listed(viewed, after=EventPlace(5, 2)) == [(5, 4)]
    assert listed(viewed, up_to=3) == [(1.5, 3), (5, 2)]
    assert listed(viewed, event_type="hold") == []


def test_a_corrected_event_moves_in_time_and_keeps_its_place_among_equals(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, fact(9), fact(5), fact(5))
    viewed.step(100)
    opened.append(correcting(2, timestamp_ms=5, event_type="hold"))
    viewed.step(100)
    assert listed(viewed) == [(5, 2), (5, 3), (5, 4)]
    assert listed(viewed, event_type="hold") == [(5, 2)]


def test_a_voided_event_is_not_listed_until_it_is_revived(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, fact(1), fact(2), correcting(2, void=True))
    viewed.step(100)
    assert listed(viewed) == [(2, 3)]
    opened.append(correcting(2, reason="it was meant"))
    viewed.step(100)
    assert listed(viewed) == [(1, 2), (2, 3)]


def test_several_corrections_in_one_batch_add_up(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, fact(1), correcting(2, camera_id="b"), correcting(2, score=1), correcting(2, camera_id="c"))
    viewed.step(100)
    (document,) = map(json.loads, viewed.documents("director_events"))
    assert (document["cameraId"], document["score"], document["correctedBy"]) == ("c", 1, "s1-e5")
