import pytest

from ledger.domain.refusals import SessionNotFound, StatusCannotMove
from tests.application.asking import Asking


def test_a_session_is_shown_as_it_stands(ask: Asking):
    session = ask.start(title="One", status="rolling", timestampMs=1.5)
    assert ask.write("updateProductionSession", sessionId=session, notes="n", unset=["title"]) is None
    assert ask.write("completeProductionSession", sessionId=session, timestampMs=9) is None
    shown = ask.read("getProductionSession", sessionId=session)
    assert {"title", "metadata"}.isdisjoint(shown)
    assert (shown["_id"], shown["status"], shown["startedAt"], shown["completedAt"]) == (session, "complete", 1.5, 9)
    assert shown["_creationTime"] == shown["createdAt"] <= shown["updatedAt"]


def test_getting_what_is_not_there_answers_null(ask: Asking):
    assert ask.read("getProductionSession", sessionId="nobody") is None
    assert ask.read("getActiveProductionSession") is None


def test_the_active_one_is_the_latest_to_start_then_the_latest_recorded(ask: Asking):
    early, late = ask.start(timestampMs=100), ask.start(timestampMs=200)
    same = ask.start(timestampMs=200, sessionType="photoshoot_review")
    ask.start(timestampMs=50)
    assert ask.read("getActiveProductionSession")["_id"] == same
    assert ask.read("getActiveProductionSession", sessionType="music_demo")["_id"] == late
    ask.write("completeProductionSession", sessionId=same)
    ask.write("completeProductionSession", sessionId=late, status="cancelled")
    assert ask.read("getActiveProductionSession")["_id"] == early
    ask.write("reopenProductionSession", sessionId=late, reason="encore")
    assert ask.read("getActiveProductionSession")["_id"] == late


def test_sessions_are_listed_by_what_was_asked(ask: Asking):
    one = ask.start(projectSlug="winter", timestampMs=1)
    two = ask.start(sessionType="photoshoot_review", timestampMs=2)
    ask.write("completeProductionSession", sessionId=two)
    for filters, found in (
        ({}, [two, one]),
        ({"status": "complete"}, [two]),
        ({"sessionType": "music_demo"}, [one]),
        ({"projectSlug": "winter", "status": "setup"}, [one]),
        ({"projectSlug": "summer"}, []),
    ):
        assert [session["_id"] for session in ask.read("listProductionSessions", **filters)["page"]] == found


def test_a_refusal_leaves_nothing_behind(ask: Asking):
    session = ask.start()
    ask.write("completeProductionSession", sessionId=session)
    with pytest.raises(StatusCannotMove):
        ask.write("updateProductionSession", sessionId=session, title="x", status="rolling")
    with pytest.raises(SessionNotFound):
        ask.write("completeProductionSession", sessionId="nobody")
    assert "title" not in ask.read("getProductionSession", sessionId=session)
    assert len(ask.read("listSessionHistory", sessionId=session)["page"]) == 2
