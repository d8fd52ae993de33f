"""Views are built beside those that are shown, and shown in their place in one step; reads never fail, and never mix."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import ClassVar

import pytest
from sqlalchemy import Connection, Table, inspect, select, update

from ledger.projections.cameras import CAMERAS, CamerasProjection
from ledger.projections.director import DIRECTOR_EVENTS
from ledger.projections.projection import Batch, Projection
from ledger.projections.rebuild import CannotRebuildError, Rebuilding
from ledger.projections.runner import Runner
from ledger.projections.sessions import SESSIONS, SessionsProjection
from ledger.projections.shelf import DatabaseShelf, FolderShelf, Shelf
from ledger.projections.views import PROJECTIONS, Views
from tests.log.opened import OpenLog, fact
from tests.places import Database
from tests.projections.histories import STARTED
from tests.projections.test_cameras import _camera
from tests.projections.viewed import Exploding

MARK = '"mark":2'


def marking(table: Table, rows: Connection) -> None:
    """Have every document of a view say that the newer version wrote it."""
    rows.execute(
        update(table)
        .where(table.c.document.not_like(f"%{MARK}%"))
        .values(document="{" + MARK + "," + table.c.document.op("||")("}"))
    )


class NewerSessions(SessionsProjection):
    version: ClassVar[int] = SessionsProjection.version + 1

    def apply(self, batch: Batch, rows: Connection) -> None:
        super().apply(batch, rows)
        marking(SESSIONS, rows)


class NewerCameras(CamerasProjection):
    version: ClassVar[int] = CamerasProjection.version + 1

    def apply(self, batch: Batch, rows: Connection) -> None:
        super().apply(batch, rows)
        marking(CAMERAS, rows)


NEWER: Sequence[Projection] = (NewerSessions(), NewerCameras(), *PROJECTIONS[2:])


class Keeper:
    """One that shows and builds the views of a log."""

    def __init__(self, opened: OpenLog, folder: Path, projections: Sequence[Projection] = PROJECTIONS) -> None:
        place = opened.place
        self.shelf: Shelf = (
            DatabaseShelf(place.url, "ledger_views") if isinstance(place, Database) else FolderShelf(folder)
        )
        self.views = Views.open_shown(self.shelf, opened.log, projections, writing=True)
        self.runner = Runner(opened.log, self.views)
        self.rebuilding = Rebuilding(self.shelf, opened.log, self.views, self.runner, projections)

    def close(self) -> None:
        self.rebuilding.stop()
        self.runner.stop()
        self.views.close()
        self.shelf.close()

    def rebuild(self, *, back: bool = False) -> None:
        self.rebuilding.begin(back=back)
        self.rebuilding.wait()
        assert self.rebuilding.standing is not None
        assert self.rebuilding.standing.state == "done", self.rebuilding.standing

    def marks(self, *, at_a_glance: bool = False) -> set[bool]:
        """Of which versions the documents are that one snapshot shows."""
        with self.views.snapshot(at_a_glance=at_a_glance) as snapshot:
            return {
                MARK in document
                for table in (SESSIONS, CAMERAS)
                for document in snapshot.connection.execute(select(table.c.document)).scalars()
            }

    def count(self) -> int:
        with self.views.snapshot() as snapshot:
            return len(snapshot.connection.execute(select(DIRECTOR_EVENTS.c.sequence)).all())


@pytest.fixture
def keeper(opened: OpenLog, tmp_path: Path) -> Iterator[Keeper]:
    opened.append(STARTED, _camera("a"), *(fact(at) for at in range(20)))
    keeper = Keeper(opened, tmp_path)
    keeper.runner.catch_up()
    yield keeper
    keeper.close()


def test_what_is_built_anew_is_shown_and_compared(keeper: Keeper, opened: OpenLog):
    told: list[int] = []
    keeper.views.on_switched(lambda: told.append(keeper.views.number))
    keeper.rebuild()
    standing = keeper.rebuilding.standing
    assert standing is not None
    assert (standing.number, standing.done, standing.total) == (2, 22, 22)
    assert {table.table for table in standing.tables} >= {"sessions", "cameras", "director_events", "edges"}
    assert all(table.difference is None for table in standing.tables)
    assert (told, keeper.shelf.shown(), keeper.count()) == ([2], 2, 20)
    opened.append(fact(99))
    keeper.runner.catch_up()
    assert keeper.count() == 21


@pytest.mark.long_on("postgresql")
def test_a_difference_is_named_and_is_no_longer_shown(keeper: Keeper):
    with keeper.views._writing.begin() as rows:  # type: ignore[union-attr]
        rows.execute(DIRECTOR_EVENTS.delete().where(DIRECTOR_EVENTS.c.sequence == 7))
    keeper.rebuild()
    assert keeper.rebuilding.standing is not None
    differing = {it.table: it.difference for it in keeper.rebuilding.standing.tables if it.difference}
    assert differing.keys() == {"director_events"}
    assert "sequence 7 is in those views only" in differing["director_events"]
    assert keeper.count() == 20


@pytest.mark.long_on("postgresql")
def test_it_can_be_switched_back_and_forth_and_catches_up_each_time(keeper: Keeper, opened: OpenLog):
    with pytest.raises(CannotRebuildError, match="no other build"):
        keeper.rebuilding.begin(back=True)
    keeper.rebuild()
    for number in (1, 2, 1):
        opened.append(fact(number))
        keeper.runner.catch_up()
        keeper.rebuild(back=True)
        assert (keeper.shelf.shown(), keeper.views.number) == (number, number)
    assert keeper.count() == 23
    assert keeper.shelf.numbers() == [1, 2]


@pytest.mark.long_on("postgresql")
def test_of_three_builds_the_oldest_goes(keeper: Keeper):
    for _ in range(3):
        keeper.rebuild()
    assert keeper.shelf.shown() == 4
    if isinstance(keeper.shelf, DatabaseShelf):
        left = inspect(keeper.shelf._reading).get_table_names("ledger_views")
        assert (keeper.shelf.numbers(), left) == ([1, 3, 4], ["shown_build"]), "the first only says which is shown"
    else:
        assert keeper.shelf.numbers() == [3, 4]
    keeper.rebuild(back=True)
    assert (keeper.shelf.shown(), keeper.count()) == (3, 20)
    keeper.rebuild()
    assert (keeper.shelf.shown(), keeper.count()) == (5, 20)


@pytest.mark.long_on("postgresql")
def test_what_another_version_built_is_shown_until_its_own_is_there(keeper: Keeper, opened: OpenLog, tmp_path: Path):
    keeper.close()
    newer = Keeper(opened, tmp_path, NEWER)
    opened.append(fact(99))
    assert newer.views.is_outdated
    newer.runner.start()
    assert (newer.marks(), newer.count()) == ({False}, 20), "it is shown as it is, and brought no further"
    newer.rebuilding.resume()
    newer.rebuilding.wait()
    newer.runner.catch_up()
    assert (newer.marks(), newer.count(), newer.views.is_outdated) == ({True}, 21, False)
    newer.close()
    older = Keeper(opened, tmp_path)
    older.rebuilding.resume()
    older.rebuilding.wait()
    older.runner.catch_up()
    assert (older.views.number, older.marks(), older.count()) == (1, {False}, 21), "what it had built is still there"
    older.close()


@pytest.mark.long_on("postgresql")
def test_reads_never_fail_and_never_mix_while_it_is_switched(keeper: Keeper, opened: OpenLog, tmp_path: Path):
    keeper.close()
    newer = Keeper(opened, tmp_path, NEWER)
    newer.runner.start()
    ended, failures, seen = Signal(), list[str](), [list[bool]() for _ in range(3)]
    glanced = seen[0]

    def read(seen: list[bool]) -> None:
        while not ended.is_set():
            try:
                (mark,) = newer.marks(at_a_glance=seen is glanced)
                if newer.count() < 20:
                    failures.append("something is missing")
                seen.append(mark)
            except Exception as failure:  # noqa: BLE001  # none is foreseen, and any is told
                failures.append(repr(failure))
                return

    reading = [Thread(target=read, args=(own,)) for own in seen]
    for thread in reading:
        thread.start()
    newer.rebuilding.resume()
    while newer.rebuilding.is_under_way:
        opened.append(fact(1))
    newer.rebuild()
    ended.set()
    for thread in reading:
        thread.join()
    assert failures == []
    for own in seen:
        assert own == sorted(own), "first the old views, then the new ones"
    newer.close()


def test_an_event_that_cannot_be_applied_leaves_what_is_shown_as_it_is(keeper: Keeper, opened: OpenLog, tmp_path: Path):
    class Newer(Exploding):
        name: ClassVar[str] = "sessions"
        version: ClassVar[int] = SessionsProjection.version + 1

    opened.append(fact(1, reason="poison"))
    keeper.runner.catch_up()
    keeper.close()
    newer = Keeper(opened, tmp_path, (Newer(), *PROJECTIONS[1:]))
    newer.rebuilding.resume()
    newer.rebuilding.wait()
    standing = newer.rebuilding.standing
    assert standing is not None
    assert (standing.state, standing.error) == ("failed", "ZeroDivisionError: a poison event")
    assert (newer.count(), newer.shelf.shown(), newer.views.is_outdated) == (21, 1, True)
    newer.close()


@pytest.mark.long_on("postgresql")
def test_another_process_shows_what_was_switched_to(opened: OpenLog, keeper: Keeper, tmp_path: Path):
    if not opened.place.is_shared:
        opened.log.is_alone = False  # as a keeper sees it that only looks on
    other = Keeper(opened, tmp_path)
    told: list[int] = []
    other.views.on_switched(lambda: told.append(other.views.number))
    keeper.rebuild()
    other.views._look_again_at = 0
    assert other.count() == 20
    assert (other.views.number, told) == (2, [2])
    other.close()
