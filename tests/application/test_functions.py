from typing import Any

import pytest

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import ANYWHERE, LOG, Acting, Action, Caller, Mutation, Query, Reading, array
from ledger.domain.keys import AccessKey
from ledger.domain.refusals import ScopeMissing, SessionNotFound, SessionNotYours
from ledger.domain.values import Frozen, Name
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


def test_an_answer_depends_on_its_views_of_its_session_or_of_all():
    stills, sessions, proof, cut_log = (
        function
        for name in ("listStillCandidates", "listProductionSessions", "getSessionProof", "getCutLog")
        if isinstance(function := BY_NAME[f"production:{name}"], Query)
    )
    about = stills.arguments(sessionId="s1")  # type: ignore[call-arg]  # the question's own field
    assert stills.tags(about) == {("stills", "s1"), ("sessions", "s1")}
    assert sessions.tags(sessions.arguments()) == {("sessions", ANYWHERE)}
    assert proof.tags(about) == {("trees", ANYWHERE)}, "other sessions' entries are in the shard's tree as well"
    assert cut_log.views == LOG
    assert cut_log.tags(about) == {("log", "s1")}


class Begin(Frozen):
    session_type: Name
    titles: tuple[str, ...] = ()


def begin(asked: Begin, acting: Acting) -> str:
    start = BY_NAME["production:startProductionSession"]
    assert isinstance(start, Mutation)
    begun = [acting.write(start, {"sessionType": asked.session_type, "title": title}) for title in asked.titles]
    return array(begun)


BEGIN = Action("test:begin", None, Begin, begin, None, "Begins shoots.", "Ids", scope="write:sessions")


def test_an_action_records_what_its_mutations_record_for_whoever_called_it(ask: Asking):
    arguments = {"sessionType": "music_demo", "titles": ("one", "two")}
    once = [ask.ledger.act(BEGIN, arguments, Caller("ann", "take-1")).json for _ in range(2)]
    assert once[0] == once[1], "sent again under its key, it finds what it had begun"
    again = ask.ledger.act(BEGIN, arguments, Caller("ann")).json
    assert again != once[0]
    found = ask.read("listProductionSessions")["page"]
    assert len(found) == 4
    (line,) = ask.read("listSessionHistory", sessionId=found[0]["_id"])["page"]
    assert line["actor"] == "ann"


@pytest.mark.parametrize(
    ("scopes", "session", "refusal"), [(["read"], None, ScopeMissing), (["write"], "s1", SessionNotYours)]
)
def test_an_action_is_carried_out_for_those_who_may(
    ask: Asking, scopes: list[str], session: str | None, refusal: type[Exception]
):
    held: dict[str, Any] = {"name": "k", "scopes": tuple(scopes), "sha256": "", "session_id": session}
    key = AccessKey(created_at=0, created_by="ann", **held)
    with pytest.raises(refusal):
        ask.ledger.act(BEGIN, {"sessionType": "music_demo"}, Caller("k", access=key))
