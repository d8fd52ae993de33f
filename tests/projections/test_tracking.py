"""The library's own test case, met by our tracking."""

import tempfile
from pathlib import Path

import pytest
from eventsourcing.persistence import IntegrityError, Tracking
from eventsourcing.tests.persistence import TrackingRecorderTestCase

from ledger.log.database import open_sqlite
from ledger.projections import tracking
from ledger.projections.tracking import ViewTracking
from tests.projections.viewed import Viewed


class TestViewTracking(TrackingRecorderTestCase):
    def create_recorder(self) -> ViewTracking:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        engine = open_sqlite(Path(folder.name) / "views.sqlite", durability="NORMAL", writing=True)
        self.addCleanup(engine.dispose)
        tracking.METADATA.create_all(engine)
        return ViewTracking(engine)


del TrackingRecorderTestCase  # abstract: pytest must not collect it from here


def test_a_checkpoint_that_does_not_move_forward_undoes_its_transaction(viewed: Viewed):
    recorder = viewed.views.tracking
    recorder.insert_tracking(Tracking("shard-0", 5))
    for position in (5, 4):
        with pytest.raises(IntegrityError, match="already at"):
            recorder.insert_tracking(Tracking("shard-0", position))
    assert recorder.max_tracking_id("shard-0") == 5
