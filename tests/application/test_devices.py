"""A device's numbers, as the ledger has seen them come in."""

from typing import Any

import pytest

from ledger.application.functions import Caller
from ledger.domain.devices import partition_of
from ledger.domain.refusals import Invalid, ScopeMissing, SessionNotFound
from tests.application.asking import Asking
from tests.application.test_access import holding


def sent(ask: Asking, session: str, first: int, last: int | None = None, spool: str = "7f3k") -> None:
    key = f"device:cam-2:{spool}:{first}" + (f"-{last}" if last else "")
    cut = {"timestampMs": 0, "eventType": "cut"}
    if last is None:
        ask.write("appendDirectorEvent", sessionId=session, **cut, caller=Caller("cam-2", key))
    else:
        events = [cut] * (last - first + 1)
        ask.write("appendDirectorEventsBatch", sessionId=session, events=events, caller=Caller("cam-2", key))


def test_gaps_are_shown_and_cleared_when_the_facts_arrive(ask: Asking):
    session, other = ask.start(), ask.start()
    sent(ask, session, 1, 4)
    sent(ask, other, 5)
    sent(ask, session, 9)
    (told,) = ask.read("ledger:listWriterGaps")
    assert (told["device"], told["spool"], told["actors"]) == ("cam-2", "7f3k", ["cam-2"])
    assert (told["factCount"], told["last"]) == (6, 9)
    assert (told["missing"], told["late"]) == ([{"first": 6, "last": 8}], [])
    sent(ask, session, 6, 8)
    (told,) = ask.read("ledger:listWriterGaps", device="cam-2")
    assert (told["missing"], told["late"]) == ([], [{"first": 6, "last": 8, "after": 9}])
    assert ask.read("ledger:listWriterGaps", device="cam") == []


def test_a_fact_that_changed_nothing_has_arrived_and_is_not_late(ask: Asking):
    session = ask.start()
    title: dict[str, Any] = {"sessionId": session, "title": "t"}
    for number in (1, 2):
        ask.write("updateProductionSession", **title, caller=Caller("cam-2", f"device:cam-2:s:{number}"))
    sent(ask, session, 3, spool="s")
    ask.write("updateProductionSession", **title, caller=Caller("cam-2", "device:cam-2:s:4"))
    (told,) = ask.read("ledger:listWriterGaps")
    assert (told["factCount"], told["missing"], told["late"]) == (4, [], [])


def test_what_a_device_says_it_has_lost_is_told_as_lost(ask: Asking):
    session = ask.start()
    sent(ask, session, 1)
    report = {"device": "cam-2", "spool": "7f3k", "numbers": [{"first": 2, "last": 3}], "why": "dropped"}
    ask.write("ledger:recordLoss", **report, caller=Caller("cam-2", "device:cam-2:7f3k:4"))
    (told,) = ask.read("ledger:listWriterGaps")
    (lost,) = told["lost"]
    assert (lost["first"], lost["last"], lost["why"]) == (2, 3, "dropped")
    assert (told["missing"], told["factCount"]) == ([], 2)


def test_whoever_may_write_anything_may_say_what_it_lost_and_nobody_else(ask: Asking):
    session = ask.start()
    report = {"device": "cam-2", "spool": "s", "numbers": [{"first": 1, "last": 1}], "why": "dropped"}
    bound = holding("write:music", session_id=session)
    for caller in (holding("write:music"), holding("write"), holding("admin"), bound):
        ask.write("ledger:recordLoss", **report, caller=caller)
    with pytest.raises(ScopeMissing):
        ask.write("ledger:recordLoss", **report, caller=holding("read"))


def test_what_is_wrong_is_told_by_its_field(ask: Asking):
    wrong = {"device": "cam 2", "spool": "s", "numbers": [{"first": 1, "last": 1}], "why": "dropped"}
    with pytest.raises(Invalid, match="device"):
        ask.write("ledger:recordLoss", **wrong)
    with pytest.raises(Invalid, match="why"):
        ask.write("ledger:recordLoss", **wrong | {"device": "cam-2", "why": "mislaid"})


def test_a_devices_losses_are_no_session(ask: Asking):
    report = {"device": "cam-2", "spool": "s", "numbers": [{"first": 1, "last": 1}], "why": "dropped"}
    ask.write("ledger:recordLoss", **report)
    with pytest.raises(SessionNotFound):
        ask.read("listSessionHistory", sessionId=partition_of("cam-2"))
