import pytest

from ledger.application.functions import Caller
from ledger.domain.refusals import Invalid, SessionNotFound
from tests.application.asking import Asking


def test_every_writer_of_timed_facts_is_told_with_its_offset(ask: Asking):
    session = ask.start()
    cut = {"sessionId": session, "eventType": "cut"}
    for _ in range(3):
        ask.write("appendDirectorEvent", **cut, timestampMs=0, caller=Caller("epoch"))
    recorded_at = [line["recordedAt"] for line in ask.read("listSessionHistory", sessionId=session)["page"]]
    (told,) = ask.read("listWriterClocks", sessionId=session, jumpMs=5_000)
    assert (told["actor"], told["factCount"], told["jumps"]) == ("epoch", 3, [])
    assert (told["minMs"], told["latestMs"]) == (recorded_at[1], recorded_at[-1])


def test_what_makes_no_sense_is_refused(ask: Asking):
    session = ask.start()
    with pytest.raises(Invalid, match="jumpMs"):
        ask.read("listWriterClocks", sessionId=session, jumpMs=0)
    with pytest.raises(SessionNotFound):
        ask.read("listWriterClocks", sessionId="nobody")
