"""A ledger that holds events of old stored names answers as if they had been recorded today, and shows them as they stand."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.application.verify import verify
from ledger.bootstrap import LOG_FILE, open_for_writing
from ledger.domain.refusals import Invalid
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import Asking
from tests.log.old_events import CUT_OF_OLD, CUT_OF_TODAY, STILL_OF_OLD, teach
from tests.log.opened import record_stored


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A session of today, then a cut and a still as they were once stored, at sequences 2 and 3."""
    teach(monkeypatch)
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        session_id = Asking(ledger).start(status="rolling", timestampMs=1000)
        record_stored(ledger.log, session_id, CUT_OF_OLD, STILL_OF_OLD)
    return session_id


@pytest.fixture
def ask(tmp_path: Path, session: str) -> Iterator[Asking]:
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        yield Asking(ledger)


def test_the_history_shows_them_as_they_stand_and_finds_them_by_their_names(ask: Asking, session: str):
    everything = ask.read("listSessionHistory", sessionId=session)["page"]
    assert [line["type"] for line in everything] == ["session-started.1", "switcher-cut.1", "still-recorded.0"]
    assert everything[1]["body"] == json.loads(CUT_OF_OLD.body)
    assert everything[1]["entityId"] == f"{session}-e2"
    assert f'"body":{CUT_OF_OLD.body}}}' in ask.answered("listSessionHistory", sessionId=session).json
    assert ask.read("listSessionHistory", sessionId=session, type="switcher-cut.1")["page"] == [everything[1]]
    assert ask.read("listSessionHistory", sessionId=session, type="director-event-recorded.1")["page"] == []
    assert ask.read("listSessionHistory", sessionId=session, entityId=f"{session}-k3")["page"] == [everything[2]]
    with pytest.raises(Invalid, match=r"switcher-cut\.1"):
        ask.read("listSessionHistory", sessionId=session, type="switcher-cut.2")


def test_views_show_them_as_events_of_today(ask: Asking, session: str):
    timeline = ask.read("getProductionTimeline", sessionId=session)
    (cut,), (still,) = timeline["directorEvents"], timeline["stillCandidates"]
    assert cut.items() >= json.loads(CUT_OF_TODAY).items()
    assert "seconds" not in cut
    assert cut["_id"] == f"{session}-e2"
    assert (still["cameraId"], still["score"]) == ("é", 0)


def test_the_cut_log_plays_them(ask: Asking, session: str):
    segments = ask.read("getCutLog", sessionId=session)["segments"]
    assert [(segment["cameraId"], segment["inMs"]) for segment in segments] == [(None, 1000), ("é", 1500)]


def test_they_are_changed_and_corrected_like_any_other(ask: Asking, session: str):
    ask.write("correctDirectorEvent", sessionId=session, eventId=f"{session}-e2", changes={"score": 1}, reason="slip")
    ask.write("updateStillCandidate", stillCandidateId=f"{session}-k3", isFavorite=True)
    timeline = ask.read("getProductionTimeline", sessionId=session)
    assert timeline["directorEvents"][0]["score"] == 1
    assert timeline["stillCandidates"][0]["isFavorite"]


def test_as_of_their_sequence_the_session_is_what_the_views_show(ask: Asking, session: str):
    assert ask.read("getSessionAsOf", sessionId=session, atSequence=3) == ask.read(
        "getProductionTimeline", sessionId=session
    )


def test_what_came_between_two_points_is_told_by_its_stored_name(ask: Asking, session: str):
    told = ask.read("compareCutLogs", sessionId=session, fromSequence=1)["entries"]
    assert [line["type"] for line in told] == ["switcher-cut.1", "still-recorded.0"]


def test_they_are_verified_as_they_stand(session: str, tmp_path: Path):
    found = verify(tmp_path / LOG_FILE, processes=1)
    assert found.faults == []
    assert found.entries == 3
