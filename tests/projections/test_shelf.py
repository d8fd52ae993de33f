"""Builds stand side by side, and one of them is shown."""

from pathlib import Path

from sqlalchemy import inspect

from ledger.projections.shelf import FolderShelf
from tests.log.opened import OpenLog
from tests.projections.histories import STARTED
from tests.projections.test_rebuild import Keeper


def test_builds_are_numbered_and_the_one_that_is_shown_is_remembered(opened: OpenLog, tmp_path: Path):
    opened.append(STARTED)
    keeper = Keeper(opened, tmp_path)
    shelf = keeper.shelf
    assert (shelf.numbers(), shelf.shown(), shelf.has_any()) == ([1], 1, True)
    second = shelf.open(2, writing=True)
    with second.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE only_here (n INTEGER)")
    first = shelf.open(1, writing=False)
    assert not inspect(first).has_table("only_here")
    shelf.show(2)
    assert (shelf.numbers(), shelf.shown()) == ([1, 2], 2)
    for engine in (first, second):
        engine.dispose()
    shelf.show(1)
    shelf.remove(2)
    assert (shelf.numbers(), shelf.shown()) == ([1], 1)
    keeper.close()


def test_a_pointer_that_says_nothing_points_to_the_first(tmp_path: Path):
    shelf = FolderShelf(tmp_path)
    assert (shelf.shown(), shelf.has_any()) == (1, False)
    (tmp_path / "views.shown").write_text("", "ascii")
    assert shelf.shown() == 1
