"""One build of the views; what it comes to is in ``test_views.py``, here is what it keeps in hand."""

from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from ledger.projections import build
from ledger.projections.build import NUMBERS_KEPT_MAX
from ledger.projections.director import DIRECTOR_EVENTS
from ledger.projections.shelf import FIRST, FolderShelf
from ledger.projections.views import PROJECTIONS, Views
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.viewed import Exploding, Viewed


def test_a_session_keeps_its_number_where_too_many_are_known(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED)
    viewed.step(1)
    before = viewed.rows()["sessions"][0][0]
    viewed.views._known_numbers |= {f"s{number}": number for number in range(NUMBERS_KEPT_MAX + 1)}
    opened.append(fact(1))
    viewed.step(1)
    ((number, *_),) = viewed.rows()["director_events"]
    assert number == before


def test_a_glance_shows_one_moment_and_the_next_one_the_next(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED)
    viewed.step(1)
    with viewed.views.snapshot(at_a_glance=True) as snapshot:
        before = snapshot.position.shards
        opened.append(fact(1))
        viewed.step(1)
        assert snapshot.connection.execute(select(func.count()).select_from(DIRECTOR_EVENTS)).scalar() == 0
    with viewed.views.snapshot(at_a_glance=True) as snapshot:
        assert snapshot.connection.execute(select(func.count()).select_from(DIRECTOR_EVENTS)).scalar() == 1
        assert snapshot.position.shards != before


def test_a_glance_waits_for_none_of_those_who_read(embedded: OpenLog, tmp_path: Path):
    views = Views.open(FolderShelf(tmp_path), FIRST, embedded.log)
    with closing(views), ExitStack() as reading:
        for _ in range(8):
            reading.enter_context(views.snapshot())
        with views.snapshot(at_a_glance=True) as snapshot:
            assert snapshot.position.shards == ((0, 0),)


def test_a_glance_that_begins_as_the_views_are_let_go_of_is_answered_and_lets_go_as_well(
    embedded: OpenLog, tmp_path: Path
):
    views: Any = Views.open(FolderShelf(tmp_path), FIRST, embedded.log)
    kept = views._glancing

    def closed_first() -> AbstractContextManager[Connection]:
        views.close()
        transaction: AbstractContextManager[Connection] = kept.transaction()
        return transaction

    views._glancing = SimpleNamespace(transaction=closed_first, close=kept.close)
    with views.snapshot(at_a_glance=True) as snapshot:
        assert snapshot.position.shards == ((0, 0),)
        assert kept._kept.connection is not None
    assert kept._kept.connection is None


class TestATransactionOfSeveralReads:
    """What is carried at a time may be more than what is held in memory at a time."""

    @pytest.fixture(autouse=True)
    def reading_two_at_a_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(build, "ENTRIES_READ_MAX", 2)

    @pytest.mark.long_on("postgresql")
    @pytest.mark.parametrize("entries", [1, 2, 5, 6])
    def test_its_rows_are_those_of_one_read(self, opened: OpenLog, viewed: Viewed, tmp_path: Path, entries: int):
        opened.append(STARTED, *map(fact, range(entries - 1)))
        split = Viewed(opened, tmp_path / "split.sqlite")
        while split.step(1):
            pass
        assert viewed.views.advance(0, 100) == entries
        assert viewed.rows() == split.rows()
        assert viewed.shown() == entries
        split.close()

    def test_it_goes_no_further_than_it_was_asked_to(self, opened: OpenLog, viewed: Viewed):
        opened.append(*map(fact, range(9)))
        assert [viewed.views.advance(0, 5) for _ in range(3)] == [5, 4, 0]

    def test_all_of_it_is_carried_or_none(self, opened: OpenLog, viewed: Viewed):
        viewed.reopen((*PROJECTIONS, Exploding()))
        opened.append(STARTED, fact(1), fact(2), fact(3, reason="poison"))
        with pytest.raises(ZeroDivisionError):
            viewed.step(100)
        assert viewed.shown() == viewed.views.checkpoints[0] == 0
        assert viewed.rows()["director_events"] == []
