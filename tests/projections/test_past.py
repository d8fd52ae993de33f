import pytest

from ledger.domain.stills import StillFavourited, StillRecorded
from ledger.projections import stills
from ledger.projections.past import views_of
from ledger.projections.projection import METADATA
from ledger.projections.views import PROJECTIONS
from tests.log.opened import OpenLog
from tests.projections.histories import STARTED

pytestmark = pytest.mark.long_on("postgresql")


def test_the_views_of_a_sessions_first_entries_show_no_more_than_those(opened: OpenLog):
    recorded = StillRecorded(camera_id="a", timestamp_ms=1, score=1)
    for event in (STARTED, recorded, StillFavourited(still=2)):
        opened.append(event, partition="s1")
    found = []
    for up_to in (2, 3):
        entries = opened.log.read_stream("s1", up_to=up_to)
        with views_of(entries, opened.log, PROJECTIONS) as connection:
            found.append(len(stills.best(connection, "s1", limit=9, camera_id=None, favorites_only=True)))
    assert found == [0, 1]


def test_before_its_first_entry_there_is_nothing(opened: OpenLog):
    with views_of([], opened.log, PROJECTIONS) as connection:
        assert [connection.execute(table.select()).all() for table in METADATA.sorted_tables].count([]) == len(
            METADATA.tables
        )
