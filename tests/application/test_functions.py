import pytest

from ledger.application.functions import Caller, Reading, array
from ledger.domain.refusals import SessionNotFound
from tests.application.asking import Asking


def test_documents_become_one_array():
    assert (array([]), array(["{}", "[1]"])) == ("[]", "[{},[1]]")


def test_a_caller_needs_no_name_and_no_key():
    assert Caller() == Caller("anonymous", None)


def test_what_the_views_show_of_a_session_may_be_less_than_the_log_has(ask: Asking):
    session = ask.start()
    ask.read("getProductionSession", sessionId=session)
    ask.ledger.runner.stop()
    ask.cut(ask.start(), 1)
    ask.cut(session, 1)
    with ask.ledger.views.snapshot() as snapshot:
        reading = Reading(snapshot.connection, ask.ledger.log, snapshot.position)
        assert (reading.shown_of(session), ask.ledger.log.head_of(session).sequence) == (1, 2)
        assert reading.shown_of("nobody") == 0
        reading.require_session(session)
        with pytest.raises(SessionNotFound):
            reading.require_session("nobody")
