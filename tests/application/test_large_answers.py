"""Answers that would hold too much: pages end early and go on, what has no pages is refused in words."""

import pytest

from ledger.domain.entries import EVENT_LENGTH_MAX
from ledger.domain.refusals import AnswerTooLarge, EventTooLarge
from ledger.log import answers
from tests.application.asking import Asking

LONG = {"note": "n" * 1_000}


@pytest.fixture
def session(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> str:
    """Twelve of everything, of which one answer holds four or five."""
    monkeypatch.setattr(answers, "ANSWER_CHARACTERS_MAX", 6_000)
    session = ask.start()
    for at in range(12):
        about = {"sessionId": session, "timestampMs": at, "metadata": LONG}
        ask.write("appendDirectorEvent", **about, eventType="cut")
        ask.write("createStillCandidate", **about, cameraId="c", score=at)
    return session


def test_pages_end_early_and_leave_nothing_out(ask: Asking, session: str):
    events = ask.pages("exportProductionEventPage", 100, sessionId=session)
    assert [event["timestampMs"] for event in events] == list(range(12))
    page = ask.read("exportProductionEventPage", sessionId=session)
    assert 1 < len(page["page"]) < 12
    assert not page["isDone"]
    history = ask.pages("listSessionHistory", 100, sessionId=session)
    assert [entry["sequence"] for entry in history] == list(range(1, 26))
    assert len(ask.pages("exportProductionEventPage", 3, sessionId=session)) == 12


def test_a_pinned_export_leaves_nothing_out_either(ask: Asking, session: str):
    first = ask.read("exportProductionEventPage", sessionId=session, numItems=1)
    for event in ask.pages("exportProductionEventPage", 100, sessionId=session)[1:]:
        about = {"sessionId": session, "eventId": event["_id"], "reason": "shorter"}
        ask.write("correctDirectorEvent", **about, changes={"metadata": {"note": "s" * 900}, "timestampMs": 50})
    found, cursor = first["page"], first["continueCursor"]
    while True:
        page = ask.read("exportProductionEventPage", sessionId=session, numItems=100, cursor=cursor)
        found += page["page"]
        if page["isDone"]:
            break
        assert page["continueCursor"] != cursor, "it goes on"
        cursor = page["continueCursor"]
    assert [(event["timestampMs"], event["metadata"]) for event in found] == [(at, LONG) for at in range(12)]


def test_sessions_come_in_pages_that_fit(ask: Asking, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(answers, "ANSWER_CHARACTERS_MAX", 3_000)
    started = [ask.start(metadata=LONG) for _ in range(5)]
    assert {session["_id"] for session in ask.pages("listProductionSessions", 100)} == set(started)


def test_a_list_that_is_too_long_says_to_ask_for_less(ask: Asking, session: str):
    for name in ("listStillCandidates", "getProductionTimeline"):
        with pytest.raises(AnswerTooLarge, match="ask for less"):
            ask.read(name, sessionId=session)
    assert len(ask.read("listStillCandidates", sessionId=session, limit=3)) == 3
    window = ask.read("getProductionTimeline", sessionId=session, windowStartMs=3, windowEndMs=5)
    assert len(window["directorEvents"]) == 3


def test_an_event_may_be_so_long_and_no_longer(ask: Asking):
    session = ask.start()
    room = EVENT_LENGTH_MAX - len('{"timestampMs":1,"eventType":"cut","metadata":""}')
    ask.cut(session, 1, metadata="n" * room)
    with pytest.raises(EventTooLarge, match="metadata: makes the event 262145 characters long"):
        ask.cut(session, 1, metadata="n" * (room + 1))
    events = [{"timestampMs": 1, "eventType": "cut", "metadata": "n" * length} for length in (1, room + 1)]
    with pytest.raises(EventTooLarge, match=r"events\[1\].metadata"):
        ask.write("appendDirectorEventsBatch", sessionId=session, events=events)
    assert len(ask.read("listSessionHistory", sessionId=session)["page"]) == 2, "all of a batch or none"


def test_a_hundred_of_the_longest_are_answered_without_a_limit():
    assert 100 * (EVENT_LENGTH_MAX + 1_000) < answers.ANSWER_CHARACTERS_MAX
