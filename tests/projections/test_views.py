"""The views are what the log says, however they came about."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.domain.entries import Event
from ledger.projections.sessions import SessionsProjection
from ledger.projections.views import PROJECTIONS
from tests.log.opened import OpenLog, fact, recording
from tests.projections.histories import STARTED, Told, folded, histories
from tests.projections.viewed import Exploding, Viewed

EVERYTHING: list[Event] = [
    STARTED,
    CameraRegistered(camera_id="a", source_type="iphone", role="hero", priority_weight=1, is_active=True),
    fact(1),
    CameraUpdated(camera_id="a", role="wide"),
    fact(2),
]


@settings(max_examples=10)
@given(histories(), st.lists(st.integers(1, 6), max_size=12))
def test_views_are_the_same_however_the_entries_were_split_and_the_same_as_a_fold_in_memory(
    told: list[Told], sizes: list[int]
):
    with TemporaryDirectory() as folder:
        opened = OpenLog(Path(folder) / "log.sqlite")
        with opened.together():
            for session, event in told:
                opened.submit(recording(event), session)
        at_once, split = (Viewed(opened, Path(folder) / f"{name}.sqlite") for name in ("at-once", "split"))
        at_once.step(1_000)
        for size in sizes:
            split.step(size)
        while split.step(7):
            pass
        assert split.rows() == at_once.rows()
        expected = folded(opened.log.read(0, 0, 1_000))
        shown = {table: sorted(map(_parsed, split.documents(table))) for table in expected}
        assert shown == {table: sorted(map(_parsed, documents)) for table, documents in expected.items()}
        for each in (at_once, split, opened):
            each.close()


def _parsed(document: str) -> str:
    """A document apart from the order of its fields."""
    return json.dumps(json.loads(document), sort_keys=True)


def test_views_that_are_closed_between_batches_go_on_where_they_were(opened: OpenLog, viewed: Viewed, tmp_path: Path):
    opened.append(*EVERYTHING)
    while viewed.step(2):
        viewed.reopen()
        assert viewed.views.discarded is None
    at_once = Viewed(opened, tmp_path / "at-once.sqlite")
    at_once.step(100)
    assert viewed.rows() == at_once.rows()
    assert viewed.shown() == 5
    at_once.close()


def test_rows_and_checkpoint_stand_together_or_not_at_all(opened: OpenLog, viewed: Viewed):
    viewed.reopen((*PROJECTIONS, Exploding()))
    opened.append(*EVERYTHING[:3])
    viewed.step(100)
    before = viewed.rows()
    opened.append(fact(3), fact(4, reason="poison"))
    with pytest.raises(ZeroDivisionError):
        viewed.step(100)
    assert viewed.rows() == before
    assert (viewed.shown(), viewed.views.checkpoints) == (3, [3])
    assert viewed.step(1), "what comes before the poison is still taken"
    assert viewed.shown() == 4


def built(opened: OpenLog, viewed: Viewed) -> dict[str, list[Any]]:
    opened.append(*EVERYTHING)
    viewed.step(100)
    return viewed.rows()


def rebuilt(viewed: Viewed) -> dict[str, list[Any]]:
    assert viewed.shown() == 0
    assert not any(viewed.rows().values())
    viewed.step(100)
    return viewed.rows()


def test_views_that_fit_are_kept(opened: OpenLog, viewed: Viewed):
    rows = built(opened, viewed)
    viewed.reopen()
    assert viewed.views.discarded is None
    assert viewed.rows() == rows


@pytest.mark.long_on("postgresql")
def test_views_of_another_version_are_built_anew(opened: OpenLog, viewed: Viewed):
    class Newer(SessionsProjection):
        version = SessionsProjection.version + 1

    rows = built(opened, viewed)
    viewed.reopen((Newer(), *PROJECTIONS[1:]))
    assert viewed.views.discarded == "the views are of another version"
    assert rebuilt(viewed) == rows
    viewed.reopen((Newer(), *PROJECTIONS[1:]))
    assert viewed.views.discarded is None


@pytest.mark.long_on("postgresql")
def test_views_with_one_more_or_less_are_built_anew(opened: OpenLog, viewed: Viewed):
    rows = built(opened, viewed)
    viewed.reopen((*PROJECTIONS, Exploding()))
    assert viewed.views.discarded == "the views are of another version"
    assert rebuilt(viewed) == rows


@pytest.mark.long_on("postgresql")
def test_views_of_another_epoch_are_built_anew(opened: OpenLog, viewed: Viewed):
    rows = built(opened, viewed)
    opened.change("INSERT INTO epochs VALUES (2, 'restored', 1, 0)")
    opened.reopen()
    viewed.reopen()
    assert viewed.views.discarded == "the views are of another epoch of the log"
    assert rebuilt(viewed) == rows


@pytest.mark.long_on("postgresql")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET leaf = (SELECT leaf FROM events WHERE position = 4) WHERE position = 5",
        "DELETE FROM events WHERE position = 5; UPDATE shards SET position = 4",
    ],
    ids=["another", "missing"],
)
def test_views_whose_last_event_is_not_the_logs_are_built_anew(opened: OpenLog, viewed: Viewed, change: str):
    built(opened, viewed)
    opened.change(change)
    opened.reopen()
    viewed.reopen()
    assert viewed.views.discarded == "the views were built from other events than the log holds"
    rebuilt(viewed)
    assert viewed.shown() == opened.log.heads()[0]


def test_views_that_nobody_has_built_yet_are_not_discarded(opened: OpenLog, viewed: Viewed):
    assert viewed.views.discarded is None
    assert viewed.shown() == 0


def test_a_snapshot_shows_one_position_while_the_views_move_on(opened: OpenLog, viewed: Viewed):
    opened.append(*EVERYTHING)
    viewed.step(1)
    with viewed.views.snapshot() as snapshot:
        viewed.step(4)
        assert snapshot.position.shards == ((0, 1),)
        assert snapshot.connection.exec_driver_sql("SELECT count(*) FROM cameras").scalar() == 0
    assert viewed.shown() == 5


@pytest.mark.long_on("postgresql")
def test_thousands_of_things_are_changed_in_one_batch(opened: OpenLog, viewed: Viewed):
    camera_ids = [f"cam-{number}" for number in range(5_001)]
    opened.append(STARTED, *(EVERYTHING[1].model_copy(update={"camera_id": camera_id}) for camera_id in camera_ids))
    viewed.step(10_000)
    opened.append(*(CameraUpdated(camera_id=camera_id, role="wide") for camera_id in camera_ids))
    viewed.step(10_000)
    assert all('"role":"wide"' in document for document in viewed.documents("cameras"))
