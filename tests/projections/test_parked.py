"""An event that cannot be applied is set aside with what follows in its session, and taken up again in order."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger.domain.director import DirectorEventChanges, DirectorEventCorrected
from ledger.projections.parked import ParkedSession, Replayed, list_parked
from ledger.projections.projection import Batch
from ledger.projections.views import PROJECTIONS
from tests.log.opened import NOW, OpenLog, fact
from tests.projections.histories import STARTED, Told, histories
from tests.projections.viewed import Exploding, Viewed

ERROR = "ZeroDivisionError: a poison event"


@pytest.fixture
def exploding(viewed: Viewed) -> Exploding:
    """What the views that park cannot apply, until it is mended."""
    exploding = Exploding()
    viewed.reopen((*PROJECTIONS, exploding), is_parking=True)
    return exploding


def parked(viewed: Viewed) -> list[ParkedSession]:
    with viewed.views.snapshot() as snapshot:
        assert {it.partition for it in list_parked(snapshot.connection)} == snapshot.parked
        return list_parked(snapshot.connection)


def test_the_rest_goes_on_and_the_session_stops_before_the_event(opened: OpenLog, viewed: Viewed, exploding: Exploding):
    opened.append(STARTED, fact(1), fact(2, reason="poison"), fact(3))
    opened.append(STARTED, fact(4), partition="s2")
    opened.append(fact(5))
    viewed.runner.catch_up()
    assert parked(viewed) == [ParkedSession("s1", 3, ERROR, 3, NOW)]
    assert len(viewed.documents("director_events")) == 2, "one of each session"
    found = viewed.runner.standing(NOW)
    assert (found.lag, found.halted, found.parked) == (0, None, 3), "nothing waits, and nothing is unseen"


def test_what_is_parked_stays_so_and_grows_until_it_can_be_applied(
    opened: OpenLog, viewed: Viewed, exploding: Exploding, tmp_path: Path
):
    opened.append(STARTED, fact(1, reason="poison"), fact(2))
    viewed.runner.catch_up()
    assert viewed.runner.replay("s1") == Replayed("s1", 0, f"session s1, sequence 2, position 2: {ERROR}")
    opened.append(DirectorEventCorrected(corrects=2, changes=DirectorEventChanges(camera_id="b"), reason="slip"))
    viewed.runner.catch_up()
    assert [it.entries for it in parked(viewed)] == [3]
    exploding.is_mended = True
    assert viewed.runner.replay("s1") == Replayed("s1", 3, None)
    assert parked(viewed) == []
    opened.append(fact(3))
    viewed.runner.catch_up()
    at_once = Viewed(opened, tmp_path / "at-once.sqlite")
    at_once.step(100)
    assert viewed.rows() == at_once.rows()
    at_once.close()


@pytest.mark.long_on("postgresql")
def test_a_replay_that_meets_another_such_event_stops_there(opened: OpenLog, viewed: Viewed, exploding: Exploding):
    opened.append(STARTED, fact(1), fact(2))
    opened.change("UPDATE events SET type = 'director-event-vanished.1' WHERE position IN (1, 3)")
    opened.reopen()
    viewed.reopen((*PROJECTIONS, exploding), is_parking=True)
    viewed.runner.catch_up()
    ((session, sequence, error, entries, _),) = parked(viewed)
    assert (session, sequence, entries) == ("s1", 1, 3)
    assert "director-event-vanished.1" in error
    opened.change("UPDATE events SET type = 'session-started.1' WHERE position = 1")
    replayed = viewed.runner.replay("s1")
    assert replayed.applied == 2
    assert replayed.error is not None
    assert "position 3" in replayed.error
    assert [(it.sequence, it.entries) for it in parked(viewed)] == [(3, 1)]


@pytest.mark.long_on("postgresql")
def test_trees_are_of_all_that_stands_in_the_log_parked_or_not(opened: OpenLog, viewed: Viewed, exploding: Exploding):
    opened.append(STARTED, *(fact(at, reason="poison" if at == 3 else None) for at in range(300)))
    viewed.runner.catch_up()
    rows = viewed.rows()
    exploding.is_mended = True
    viewed.runner.replay("s1")
    after = viewed.rows()
    assert (after["tiles"], after["edges"]) == (rows["tiles"], rows["edges"])
    assert len(rows["tiles"]) == 2, "of the session, and of the shard"
    assert len(after["director_events"]) == 300


@settings(max_examples=10)
@given(histories(), st.data())
@pytest.mark.long
def test_replayed_views_are_those_that_never_parked_anything(told: list[Told], data: st.DataObject):
    poisonous = data.draw(st.integers(0, len(told) - 1))
    with TemporaryDirectory() as folder:
        opened = OpenLog(Path(folder) / "log.sqlite")
        for at, (session, event) in enumerate(told):
            opened.append(event, partition=session, actor="poison" if at == poisonous else "ann")

        class Refusing(Exploding):
            def apply(self, batch: Batch, rows: Connection) -> None:
                if not self.is_mended and any(entry.actor == "poison" for entry in batch.entries):
                    raise ZeroDivisionError

        refusing = Refusing()
        viewed = Viewed(opened, Path(folder) / "views.sqlite")
        viewed.reopen((*PROJECTIONS, refusing), is_parking=True)
        viewed.runner.catch_up()
        assert [it.partition for it in parked(viewed)] == [told[poisonous][0]]
        refusing.is_mended = True
        viewed.runner.replay(told[poisonous][0])
        at_once = Viewed(opened, Path(folder) / "at-once.sqlite")
        at_once.step(1_000)
        assert viewed.rows() == at_once.rows()
        for each in (viewed, at_once, opened):
            each.close()
