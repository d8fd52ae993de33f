"""Whether stored views are of this log and of this version."""

from pathlib import Path

import pytest

from ledger.projections.versions import can_be_asked, misfit
from ledger.projections.views import PROJECTIONS, Views
from tests.log.opened import OpenLog
from tests.projections.histories import STARTED
from tests.projections.test_rebuild import NEWER, Keeper


@pytest.mark.long_on("postgresql")
def test_views_of_another_version_can_be_asked_as_long_as_their_columns_are_the_same(opened: OpenLog, tmp_path: Path):
    opened.append(STARTED)
    keeper = Keeper(opened, tmp_path)
    keeper.runner.catch_up()
    with keeper.views.snapshot() as snapshot:
        assert misfit(snapshot.connection, opened.log, PROJECTIONS) is None
        assert misfit(snapshot.connection, opened.log, NEWER) == "the views are of another version"
        assert can_be_asked(snapshot.connection, NEWER)
        assert not can_be_asked(snapshot.connection, NEWER[1:]), "a view more would be shown as if it were empty"
    with keeper.views._writing.begin() as connection:  # type: ignore[union-attr]
        connection.exec_driver_sql("ALTER TABLE stills ADD COLUMN rating INTEGER")
    assert not Views.fit(keeper.shelf, 1, opened.log)
    keeper.close()
    newer = Keeper(opened, tmp_path, NEWER)
    assert (newer.views.number, newer.views.is_outdated) == (2, False), (
        "it is built in the place of what cannot be asked"
    )
    newer.close()
