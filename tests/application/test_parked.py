"""Answers say which of their sessions lack what is parked, and parked events are taken up on demand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Action, Query
from ledger.application.parked import NothingParked, parked_in
from ledger.bootstrap import VIEWS_FILE, open_for_writing
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import ANN, Asking
from tests.unreadable import rename


@pytest.fixture
def sessions(tmp_path: Path) -> tuple[str, str]:
    """A session with an event that nobody can read, and a sound one."""
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        ask = Asking(ledger)
        broken, sound = ask.start(title="broken"), ask.start()
        for session_id in (broken, sound):
            ask.cut(session_id, 1, cameraId="a")
            ask.write("updateProductionSession", sessionId=session_id, title="after it")
    rename(tmp_path, broken, "vanished.1")
    (tmp_path / VIEWS_FILE).unlink()
    return broken, sound


@pytest.fixture
def parking(sessions: tuple[str, str], tmp_path: Path) -> Iterator[Asking]:
    with open_for_writing(tmp_path, Vocabulary(), is_parking=True) as ledger:
        yield Asking(ledger)


def replayed(ask: Asking, **arguments: Any) -> Any:
    function = BY_NAME["ledger:replayParked"]
    assert isinstance(function, Action)
    return json.loads(ask.ledger.act(function, arguments, ANN).json)


def test_every_answer_that_shows_the_session_is_marked(parking: Asking, sessions: tuple[str, str]):
    broken, sound = sessions
    about_it = parking.answered("getProductionSession", sessionId=broken)
    assert (json.loads(about_it.json)["title"], about_it.parked, about_it.stale) == ("broken", (broken,), False)
    assert parking.answered("getProductionTimeline", sessionId=broken).parked == (broken,)
    assert parking.answered("listProductionSessions", paginationOpts={"numItems": 9, "cursor": None}).parked == (
        broken,
    )
    assert parking.answered("getProductionTimeline", sessionId=sound).parked == ()
    assert parking.answered("getActiveProductionSession").parked == (), "the sound one is the latest"
    assert parking.read("getProductionSession", sessionId=sound)["title"] == "after it"


def test_what_is_parked_is_listed_and_replayed(parking: Asking, sessions: tuple[str, str], tmp_path: Path):
    broken, _ = sessions
    parking.answered("getProductionSession", sessionId=broken)
    (listed,) = parking.read("ledger:listParked")
    assert (listed["sessionId"], listed["sequence"], listed["entries"]) == (broken, 2, 2)
    assert "vanished.1" in listed["error"]
    (still,) = replayed(parking)
    assert (still["applied"], "vanished.1" in still["error"]) == (0, True)
    rename(tmp_path, broken, "director-event-recorded.1")
    assert replayed(parking, sessionId=broken) == [{"sessionId": broken, "applied": 2}]
    assert parking.answered("getProductionSession", sessionId=broken).parked == ()
    assert parking.read("getProductionSession", sessionId=broken)["title"] == "after it"
    assert parking.read("ledger:listParked") == replayed(parking) == []


def test_what_is_not_parked_cannot_be_replayed(parking: Asking, sessions: tuple[str, str]):
    with pytest.raises(NothingParked, match="nothing of"):
        replayed(parking, sessionId=sessions[1])


def test_of_very_many_parked_sessions_that_are_shown_only_some_are_named():
    function = BY_NAME["production:listProductionSessions"]
    assert isinstance(function, Query)
    names = [f"s{number:03}" for number in range(150)]
    asked = function.arguments.model_construct()
    told = parked_in(json.dumps(names[:120]), function, asked, frozenset(names))
    assert told == (*names[:100], "more")
    assert parked_in(json.dumps(names[:100]), function, asked, frozenset(names)) == tuple(names[:100])
