"""Two builds of the views: the same, or told apart by the first row that differs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.projections.comparison import ComparedTable, compare, compare_moved
from ledger.projections.projection import METADATA
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")


@pytest.fixture
def other(opened: OpenLog, viewed: Viewed, tmp_path: Path) -> Iterator[Viewed]:
    """The views of the same entries, built in other batches."""
    opened.append(STARTED, fact(1), fact(2, reason="r"), fact(3))
    viewed.step(100)
    other = Viewed(opened, tmp_path / "other.sqlite")
    while other.step(1):
        pass
    yield other
    other.close()


def compared(viewed: Viewed, other: Viewed) -> dict[str, ComparedTable]:
    with viewed.views.snapshot() as these, other.views.snapshot() as those:
        return {table.table: table for table in compare(these.connection, those.connection)}


def change(viewed: Viewed, statement: str) -> None:
    with viewed.views._writing.begin() as connection:  # type: ignore[union-attr]
        assert connection.exec_driver_sql(statement).rowcount == 1


def test_every_table_of_the_views_is_compared(viewed: Viewed, other: Viewed):
    found = compared(viewed, other)
    assert set(found) == set(METADATA.tables)
    assert all(table.difference is None for table in found.values())
    assert found["director_events"].rows == 3
    assert found == compared(other, viewed), "the same rows have the same digests"


def test_a_changed_row_is_found_by_its_key_and_its_column(viewed: Viewed, other: Viewed):
    before = compared(viewed, other)["sessions"].sha256
    change(viewed, "UPDATE sessions SET status = 'paused', document = '{}'")
    found = compared(viewed, other)["sessions"]
    assert found.difference is not None
    assert found.difference.startswith("the row of number ")
    assert found.difference.endswith(" differs in status, document")
    assert found.sha256 != before
    assert compared(other, viewed)["sessions"].sha256 == before


@pytest.mark.long_on("postgresql")
@pytest.mark.parametrize("sequence", [2, 3, 4])
def test_a_missing_row_is_found_on_either_side(viewed: Viewed, other: Viewed, sequence: int):
    change(other, f"DELETE FROM director_events WHERE sequence = {sequence}")
    for first, second, where in ((viewed, other, "these"), (other, viewed, "those")):
        found = compared(first, second)["director_events"].difference
        assert found is not None
        assert f"sequence {sequence} is in {where} views only" in found


@pytest.mark.long_on("postgresql")
def test_views_of_the_same_sessions_at_other_places_are_the_same(opened: OpenLog, tmp_path: Path):
    """The number that a session goes by in the views says where it begins: elsewhere it is another."""
    logs = [opened, OpenLog(tmp_path / "moved.sqlite")]
    built: list[Viewed] = []
    for log, sessions in zip(logs, (("s1", "s2"), ("s2", "s1")), strict=True):
        for session in sessions:
            log.append(STARTED, fact(1), fact(2, reason=session), partition=session)
        built.append(Viewed(log, tmp_path / f"{len(built)}.sqlite"))
        built[-1].step(100)
    with built[0].views.snapshot() as these, built[1].views.snapshot() as those:
        found = {table.table: table for table in compare_moved(these.connection, those.connection)}
        as_stored = {table.table: table for table in compare(these.connection, those.connection)}
    assert set(found) == set(METADATA.tables) - {"edges"}
    assert {table.difference for table in found.values()} == {None}
    assert found["director_events"].rows == 4
    assert as_stored["director_events"].difference is not None
    change(built[1], "UPDATE director_events SET timestamp_ms = 7 WHERE sequence = 3 AND session = 4")
    with built[0].views.snapshot() as these, built[1].views.snapshot() as those:
        found = {table.table: table for table in compare_moved(these.connection, those.connection)}
    assert found["director_events"].difference == "the row of id 's1', sequence 3 differs in timestamp_ms"
    for view in built:
        view.close()
    logs[1].close()
