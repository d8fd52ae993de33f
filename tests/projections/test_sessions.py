"""The sessions view answers each read order of the contract from an index."""

import json
from typing import Any

import pytest

from ledger.domain.sessions import SessionEnded, SessionReopened, SessionStarted, SessionUpdated
from ledger.projections import sessions
from ledger.projections.sessions import active_question, newest_question
from tests.log.opened import NOW, OpenLog
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")

PLACE = (5.0, 5, 5)
QUESTIONS = {
    "sessions_by_start": newest_question(limit=5, before=PLACE),
    "sessions_by_status": newest_question(limit=5, before=PLACE, status="setup"),
    "sessions_by_type": newest_question(limit=5, before=PLACE, session_type="music_demo"),
    "sessions_by_project": newest_question(limit=5, before=PLACE, project_slug="winter"),
    "sessions_open": active_question(None),
    "sessions_open_by_type": active_question("music_demo"),
}


@pytest.mark.parametrize("index", QUESTIONS)
def test_a_read_order_is_an_index(embedded_viewed: Viewed, index: str):
    plan = embedded_viewed.plan(QUESTIONS[index])
    assert f"SEARCH sessions USING INDEX {index} (" in plan
    assert "TEMP B-TREE" not in plan


def test_the_first_page_needs_no_sorting_either(embedded_viewed: Viewed):
    assert embedded_viewed.plan(newest_question(limit=5)) == "SCAN sessions USING INDEX sessions_by_start"


def start(opened: OpenLog, session_id: str, at: float, **details: str) -> None:
    started = SessionStarted(session_type="music_demo", status="setup", timestamp_ms=at)
    opened.append(started.model_copy(update=details), partition=session_id)


def newest(viewed: Viewed, **filters: Any) -> list[str]:
    with viewed.views.snapshot() as snapshot:
        found = sessions.list_newest(snapshot.connection, limit=10, before=None, **filters)
    return [json.loads(document)["_id"] for document, _ in found]


def active(viewed: Viewed, session_type: str | None = None) -> str | None:
    with viewed.views.snapshot() as snapshot:
        found = sessions.get_active(snapshot.connection, session_type)
    return json.loads(found)["_id"] if found else None


def test_sessions_are_listed_newest_start_first_then_by_when_they_were_recorded(opened: OpenLog, viewed: Viewed):
    for session_id, at, now in (("s1", 5, 1), ("s2", 9.5, 1), ("s3", 5, 2), ("s4", 5, 2), ("s5", 0, 3)):
        opened.now = NOW + now
        start(opened, session_id, at)
    viewed.step(100)
    assert newest(viewed) == ["s2", "s4", "s3", "s1", "s5"]


def test_sessions_are_listed_by_what_they_are_now(opened: OpenLog, viewed: Viewed):
    start(opened, "s1", 1, project_slug="winter")
    start(opened, "s2", 2, session_type="photoshoot_review")
    opened.append(SessionEnded(status="cancelled"), SessionUpdated(project_slug="winter"), partition="s2")
    viewed.step(100)
    assert newest(viewed, status="setup") == ["s1"]
    assert newest(viewed, status="cancelled", session_type="photoshoot_review") == ["s2"]
    assert newest(viewed, project_slug="winter") == ["s2", "s1"]
    assert newest(viewed, project_slug="summer") == []


def test_the_active_session_is_the_latest_that_has_not_ended(opened: OpenLog, viewed: Viewed):
    assert active(viewed) is None
    start(opened, "s1", 9)
    start(opened, "s2", 10, session_type="photoshoot_review")
    start(opened, "s3", 10)
    viewed.step(100)
    assert active(viewed) == "s3"
    opened.append(SessionEnded(status="complete"), partition="s3")
    viewed.step(100)
    assert (active(viewed), active(viewed, "music_demo"), active(viewed, "other")) == ("s2", "s1", None)
    opened.append(SessionReopened(reason="x"), partition="s3")
    viewed.step(100)
    assert active(viewed) == "s3"
