"""Sessions are folded anew, and whatever the views show else is found by its name."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Delete, Insert, Update, delete, insert, select, update

from ledger.domain.captures import CaptureRecorded, partition_of
from ledger.domain.keys import KEYS_PARTITION
from ledger.log.requests import Receipt
from ledger.projections.cameras import CAMERAS
from ledger.projections.captures import CAPTURES
from ledger.projections.comparison import tables_of_partitions
from ledger.projections.jobs import JOBS
from ledger.projections.refold import ALL_VIEWS, ENTRIES_A_BATCH, Looked, every_partition, look, sample, strays
from ledger.projections.trees import TILES
from ledger.projections.views import PROJECTIONS
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED, Told, histories
from tests.projections.test_golden import APART, told
from tests.projections.test_rebuild import NEWER
from tests.projections.viewed import Exploding, Viewed

pytestmark = pytest.mark.long_on("postgresql")

__all__ = ["told"]
LONG: Final = "s0long"


def looked(viewed: Viewed, *partitions: str) -> Looked:
    log = viewed.opened.log
    return look(log, viewed.views, partitions or list(every_partition(log)))


def change(viewed: Viewed, *statements: Update | Delete) -> None:
    with viewed._writing.begin() as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount == 1


def put_in(viewed: Viewed, *statements: Insert) -> None:
    with viewed._writing.begin() as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def lived_in(told: OpenLog, viewed: Viewed) -> Viewed:
    """Views of a log in which everything has happened, and of a session that is long enough for trees to be kept of it."""
    told.append(STARTED, *map(fact, range(ENTRIES_A_BATCH)), partition=LONG)
    viewed.reopen()
    viewed.runner.catch_up()
    return viewed


def test_views_that_show_what_the_log_comes_to_are_found_to(lived_in: Viewed):
    found = looked(lived_in)
    assert set(found.partitions) == {*APART, "s0shoot", "s0sparse", LONG, KEYS_PARTITION}
    assert (found.drifts, found.skipped) == ([], None)
    of_shard = sum(tree.startswith("shard:") for tree, *_ in lived_in.rows()["tiles"])
    assert found.rows == sum(len(lived_in.rows()[table.name]) for table in tables_of_partitions()) - of_shard, (
        "no row is left out"
    )
    assert strays(lived_in.opened.log, lived_in.views, ()) == []


def test_a_row_that_was_altered_by_hand_is_found_in_every_view_by_its_name(lived_in: Viewed):
    altered, removed = [], []
    for table in tables_of_partitions():
        column, value = (table.c.root, b"?") if table is TILES else (table.c.document, "{}")
        key = list(table.primary_key)
        first = (
            select(*key).where(key[0] != "shard:0").order_by(*key) if table is TILES else select(*key).order_by(*key)
        )
        with lived_in.views.snapshot() as snapshot:
            place = snapshot.connection.execute(first).first()
        assert place is not None, f"the history has a row of {table.name}"
        here = [part == value for part, value in zip(key, place, strict=True)]
        altered.append(update(table).where(*here).values({column.name: value}))
        removed.append(delete(table).where(*here))
    change(lived_in, *altered)
    found = looked(lived_in).drifts
    assert sorted(it.view for it in found) == sorted(table.name for table in tables_of_partitions())
    assert all(f" differs in {'root' if it.view == 'tiles' else 'document'} (these" in it.difference for it in found)
    still = next(it for it in found if it.view == "stills")
    assert still in looked(lived_in, still.partition).drifts, "in the session that it names"
    change(lived_in, *removed)
    assert sum("is in those views only" in it.difference for it in looked(lived_in).drifts) == len(removed)


def test_a_row_too_many_is_found_whether_its_session_is_known_or_not(lived_in: Viewed):
    with lived_in.views.snapshot() as snapshot:
        camera = snapshot.connection.execute(select(CAMERAS)).first()._asdict()  # type: ignore[union-attr]
        job = snapshot.connection.execute(select(JOBS)).first()._asdict()  # type: ignore[union-attr]
    log, views = lived_in.opened.log, lived_in.views
    put_in(lived_in, insert(CAMERAS).values(camera | {"camera_id": "zz"}))
    assert [(it.view, "is in these views only" in it.difference) for it in looked(lived_in).drifts] == [
        ("cameras", True)
    ]
    assert strays(log, views, ()) == []
    put_in(lived_in, insert(CAMERAS).values(camera | {"session": 999}), insert(JOBS).values(job | {"id": "nobodys-j1"}))
    assert [(it.view, it.partition) for it in strays(log, views, set(every_partition(log)))] == [
        ("cameras", "of the number 999"),
        ("jobs", "nobodys"),
    ]


@settings(max_examples=5)
@given(told=histories(), size=st.integers(1, 7))
def test_no_history_makes_views_drift(told: list[Told], size: int):
    with TemporaryDirectory() as directory:
        opened = OpenLog(Path(directory) / "log.sqlite")
        for session, event in told:
            opened.append(event, partition=session)
        viewed = Viewed(opened, Path(directory) / "views.sqlite")
        viewed.step(size)
        assert looked(viewed).drifts == [], "behind the log or not"
        while viewed.step(size):
            pass
        assert looked(viewed).drifts == []
        assert looked(viewed).rows > 0
        viewed.close()
        opened.close()


def test_what_is_recorded_meanwhile_is_no_drift(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, *map(fact, range(ENTRIES_A_BATCH * 2)))
    viewed.runner.catch_up()
    appended: list[Receipt] = []

    def go_on() -> None:
        appended.append(opened.append(fact(len(appended)), fact(1, reason="late")))
        viewed.runner.catch_up()

    found = look(opened.log, viewed.views, ["s1"], rest=go_on)
    assert (found.drifts, found.skipped) == ([], None)
    assert len(appended) > 2


def test_what_is_parked_is_not_compared_and_stands_where_it_was_recorded_once_it_is_replayed(
    opened: OpenLog, viewed: Viewed
):
    exploding = Exploding()
    viewed.reopen((*PROJECTIONS, exploding), is_parking=True)

    def frame(name: str) -> CaptureRecorded:
        return CaptureRecorded(image_url=name, source="telegram", status="pending")

    opened.append(STARTED, fact(1, reason="poison"))
    for name in "abc":
        opened.append(frame(name), partition=partition_of(name))
        opened.append(fact(2))
    opened.append(frame("poison"), partition=partition_of("poison"))
    opened.append(fact(3))
    opened.append(frame("poison"), partition=partition_of("poison"))
    viewed.runner.catch_up()
    projections = (*PROJECTIONS, exploding)
    found = look(opened.log, viewed.views, list(every_partition(opened.log)), projections)
    assert set(found.partitions) == {partition_of(name) for name in "abc"}
    assert found.drifts == []
    exploding.is_mended = True
    for partition in ("s1", partition_of("poison")):
        assert viewed.runner.replay(partition).error is None
    assert look(opened.log, viewed.views, list(every_partition(opened.log)), projections).drifts == []
    with viewed.views.snapshot() as snapshot:
        places = snapshot.connection.execute(select(CAPTURES.c.position).order_by(CAPTURES.c.position)).scalars()
        assert list(places) == [3, 5, 7, 9, 11]


def test_events_that_the_views_are_past_and_cannot_be_folded_are_named(opened: OpenLog, viewed: Viewed):
    for session in ("s1", "s2"):
        opened.append(STARTED, fact(1), partition=session)
    viewed.runner.catch_up()
    opened.change("UPDATE events SET type = 'director-event-vanished.1' WHERE position = 4")
    found = looked(viewed)
    assert found.partitions == ["s1", "s2"]
    ((view, session, difference),) = found.drifts
    assert (view, session) == (ALL_VIEWS, "s2")
    assert "director-event-vanished.1" in difference


def test_views_of_another_version_are_not_compared(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED)
    viewed.reopen(NEWER)
    viewed.runner.catch_up()
    assert looked(viewed) == Looked((), 0, (), "the views are of another version")
    assert look(opened.log, viewed.views, ["s1"], NEWER).skipped is None


def test_a_sample_has_other_sessions_each_time_and_none_twice(opened: OpenLog):
    assert sample(opened.log, 3, Random(0)) == []
    names = [f"s{number}" for number in range(20)]
    for name in names:
        opened.append(STARTED, partition=name)
    found = [sample(opened.log, 5, Random(seed)) for seed in range(5)]
    assert all(len(set(it)) == 5 and set(it) <= set(names) for it in found)
    assert len(set(map(tuple, found))) > 1
    assert sample(opened.log, 20, Random(1)) == sorted(sample(opened.log, 20, Random(2)))
    assert set(every_partition(opened.log)) == set(names)
