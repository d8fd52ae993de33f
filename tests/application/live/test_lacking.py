"""A live answer says what it lacks, for as long as it does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.application.live import lacking, rounds
from ledger.application.live.registry import NOTHING, Lack, LiveQuery
from tests.application.asking import Asking
from tests.application.live.test_rounds import Looking, shown
from tests.application.test_parked import parking, replayed, sessions
from tests.unreadable import rename

__all__ = ["parking", "sessions"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits as long as usual."""
    monkeypatch.setattr(rounds, "WAIT_SECONDS_MAX", 0.05)
    monkeypatch.setattr(lacking, "LOOK_SECONDS", 0.05)


@pytest.fixture
def looking(ask: Asking, impatient: None) -> Iterator[Looking]:
    looking = Looking(ask)
    yield looking
    looking.rounds.stop()


def lack_of(query: LiveQuery) -> Lack:
    assert query.answer is not None
    return query.answer.lack


def take_until(looking: Looking, query: LiveQuery, lack: Lack) -> None:
    while lack_of(query) != lack:
        looking.take()


def test_a_first_answer_that_comes_too_early_says_so_until_what_it_lacked_is_shown(looking: Looking):
    session = looking.ask.start()
    looking.ask.read("getProductionSession", sessionId=session)
    with looking.ask.ledger.runner.resting():
        looking.ask.cut(session, 1)
        changed = looking.watch("getProductionTimeline", sessionId=session)
        unchanged = looking.watch("listStillCandidates", sessionId=session)
        looking.take_until_answered(changed, unchanged)
        assert [lack_of(query) for query in (changed, unchanged)] == [Lack(stale=True)] * 2
        assert shown(changed)["directorEvents"] == []
    for query in (changed, unchanged):
        take_until(looking, query, NOTHING)
    assert len(shown(changed)["directorEvents"]) == 1


def test_an_answer_says_when_the_views_have_stopped_showing_what_is_recorded(looking: Looking):
    session, other = looking.ask.start(), looking.ask.start()
    about_one, about_another = (looking.watch("getProductionSession", sessionId=it) for it in (session, other))
    about_all = looking.watch("getActiveProductionSession")
    history = looking.watch("listSessionHistory", sessionId=session)
    looking.take_until_answered(about_one, about_another, about_all, history)
    with looking.ask.ledger.runner.resting():
        looking.ask.cut(session, 1)
        for query in (about_one, about_all, history):
            take_until(looking, query, Lack(stale=True))
        assert lack_of(about_another) == NOTHING, "it shows all that there is of it"
    for query in (about_one, about_all, history):
        take_until(looking, query, NOTHING)


@pytest.mark.parametrize("is_replayed_here", [True, False])
def test_an_answer_that_shows_a_parked_session_says_so_until_it_is_replayed(
    parking: Asking,
    sessions: tuple[str, str],
    is_replayed_here: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(lacking, "LOOK_SECONDS", 60 if is_replayed_here else 0.05)
    broken, _ = sessions
    looking = Looking(parking)
    one, other = (looking.watch("getProductionSession", sessionId=it) for it in sessions)
    every = looking.watch("listProductionSessions", paginationOpts={"numItems": 9, "cursor": None})
    looking.take_until_answered(one, other, every)
    for query, lack in ((one, Lack(parked=(broken,))), (other, NOTHING), (every, Lack(parked=(broken,)))):
        take_until(looking, query, lack)
    rename(tmp_path, broken, "director-event-recorded.1")
    if is_replayed_here:
        assert replayed(parking, sessionId=broken)[0]["applied"] == 2
    else:  # by another process, from which nobody hears
        assert parking.ledger.views.replay(broken, 10) == 2
    for query in (one, every):
        take_until(looking, query, NOTHING)
    assert shown(one)["title"] == "after it", "whoever watches is told, though nothing was recorded"
    looking.rounds.stop()


@pytest.mark.parametrize("shown_before", [1, 2])
def test_an_event_that_nobody_can_read_keeps_no_question_from_being_asked(
    parking: Asking, sessions: tuple[str, str], shown_before: int
):
    looking = Looking(parking)
    query = looking.watch("getProductionSession", sessionId=parking.start())
    looking.take_until_answered(query)
    looking.rounds._shown = (shown_before,)  # as if what nobody can read, at position 3, had come in only now
    parking.write("updateProductionSession", sessionId=query.asked.model_dump()["session_id"], title="later")
    while shown(query).get("title") != "later":
        looking.take()
    looking.rounds.stop()
