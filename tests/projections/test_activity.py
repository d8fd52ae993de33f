import json

import pytest

from ledger.domain.captures import CaptureRecorded, CaptureReported, CaptureStatusMoved, partition_of
from ledger.projections import activity
from ledger.projections.activity import newest_question
from tests.log.opened import OpenLog
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")


def test_the_newest_are_found_by_an_index(embedded_viewed: Viewed):
    plan = embedded_viewed.plan(newest_question(50))
    assert "USING INDEX activity_by_time" in plan
    assert "TEMP B-TREE" not in plan


def test_what_happened_last_comes_first(opened: OpenLog, viewed: Viewed):
    recorded = CaptureRecorded(image_url="f", source="telegram", status="pending")
    moved = CaptureStatusMoved(capture=1, status="failed")
    opened.append(recorded, moved, CaptureReported(capture=1, said="failed"), partition=partition_of("f"))
    viewed.step(100)
    with viewed.views.snapshot() as snapshot:
        told = [json.loads(line)["message"] for line in activity.newest(snapshot.connection, 50)]
        assert told == ["Capture is failed", "New face captured via telegram"]
        assert len(activity.newest(snapshot.connection, 1)) == 1
