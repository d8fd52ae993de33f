import json

import pytest
from sqlalchemy import select

from ledger.domain.music import MusicMomentRecorded
from ledger.projections import music
from ledger.projections.music import MUSIC_MOMENTS, TIMED
from tests.log.opened import OpenLog
from tests.projections.histories import STARTED
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")


def test_the_read_orders_are_indexes(embedded_viewed: Viewed):
    c = MUSIC_MOMENTS.c
    by_section = select(c.document).where(c.session == 1, c.section == "drop").order_by(c.timestamp_ms, c.sequence)
    by_time = TIMED.window_question("s1", limit=5)
    for asked, index in ((by_time, "music_moments_by_time"), (by_section, "music_moments_by_section")):
        assert f"SEARCH music_moments USING INDEX {index} (session=?" in embedded_viewed.plan(asked)
        assert "TEMP B-TREE" not in embedded_viewed.plan(asked)


def test_moments_are_listed_by_their_time_and_then_as_they_were_recorded(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, *(MusicMomentRecorded(timestamp_ms=at) for at in (5, 1.5, 5, 0)))
    viewed.step(100)
    with viewed.views.snapshot() as snapshot:
        listed = [json.loads(document)["_id"] for document in music.list_first(snapshot.connection, "s1", 3)]
    assert listed == ["s1-m5", "s1-m3", "s1-m2"]
