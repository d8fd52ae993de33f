"""The domain alone bears witness to what views should show, whoever has built them and however wrongly."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from sqlalchemy import Connection, insert, update

from ledger.domain.entries import Event
from ledger.projections import witness
from ledger.projections.cameras import CAMERAS
from ledger.projections.drift import Drift
from ledger.projections.sessions import SESSIONS
from ledger.projections.stills import STILLS
from ledger.projections.views import PROJECTIONS
from ledger.projections.witness import Witness
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.test_cameras import _camera
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")

CAMERA: Event = _camera("a")
STILL: Final[dict[str, Any]] = {
    "session": 1,
    "sequence": 9,
    "timestamp_ms": 1,
    "score": 1,
    "camera_id": "a",
    "is_favorite": False,
    "document": "{}",
}


def complaints(viewed: Viewed, *, after: Callable[[Connection], Any] | None = None) -> list[Drift]:
    """What the witness says of the views of the one session, once somebody has been at them."""
    viewed.runner.catch_up()
    if after is not None:
        with viewed._writing.begin() as rows:
            after(rows)
    bearing = Witness()
    bearing.carry(viewed.opened.log.read(0, 0, 1_000))
    with viewed.views.snapshot() as snapshot:
        return list(bearing.drifts(snapshot.connection, {"s1": 1}, lambda: None))


def test_it_agrees_with_views_that_are_right(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, CAMERA, *map(fact, range(5)))
    assert complaints(viewed) == []


def test_it_sees_what_a_projection_has_never_taken_up(opened: OpenLog, viewed: Viewed):
    viewed.reopen([it for it in PROJECTIONS if it.name != "cameras"])
    opened.append(STARTED, CAMERA)
    (drift,) = complaints(viewed)
    assert (drift.view, drift.partition) == ("cameras", "s1")
    assert drift.difference == "the row of camera_id 'a' is missing (by the domain's own fold of its events)"


@pytest.mark.parametrize(
    ("touch", "view", "how"),
    [
        (lambda rows: rows.execute(update(SESSIONS).values(document='{"status":"paused"}')), "sessions", "differs in "),
        (lambda rows: rows.execute(update(CAMERAS).values(document="not json")), "cameras", "holds no document"),
        (lambda rows: rows.execute(update(CAMERAS).values(document="[]")), "cameras", "holds no document"),
        (lambda rows: rows.execute(insert(STILLS).values(STILL)), "stills", "should not be there"),
    ],
    ids=range(4),
)
def test_it_sees_what_somebody_has_touched(
    opened: OpenLog, viewed: Viewed, touch: Callable[[Connection], Any], view: str, how: str
):
    opened.append(STARTED, CAMERA)
    (drift,) = complaints(viewed, after=touch)
    assert (drift.view, how in drift.difference) == (view, True)


def test_of_a_very_long_session_it_says_nothing(opened: OpenLog, viewed: Viewed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(witness, "ENTRIES_MAX", 3)
    opened.append(STARTED, CAMERA, fact(1), fact(2))
    assert complaints(viewed, after=lambda rows: rows.execute(update(CAMERAS).values(document="{}"))) == []
