"""A batch that comes again under its key is told by its text, and where that is another, by what was recorded."""

import json
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event
from typing import Any

import pytest

from ledger.application import arguments as module
from ledger.application.arguments import digest_of, former_digest_of
from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Caller, Mutation
from ledger.application.ledger import Answer
from ledger.domain.refusals import KeyReused
from ledger.log.requests import Decision, Outcome, Receipt, Request
from ledger.log.stream import Stream
from tests.application.asking import Asking

KEYED = Caller("ann", "take-1")
ONE = b'{"timestampMs":5.0,"eventType":"cut","score":1.0,"metadata":{"b":[1e16,null],"a":"5.0,"}}'
TWO = b'{"timestampMs":6,"eventType":"hold"}'
SAID_OTHERWISE = (
    b'{"metadata": {"a": "5.0,", "b": [10000000000000000, null]}, "score": 1, "eventType": "c\\u0075t", "timestampMs": 5},\n'
    b'{"timestampMs": 6.0, "eventType": "hold", "cameraId": null}'
)
NOT_SAID = {
    "less": [ONE],
    "more": [ONE, TWO, TWO],
    "nothing": [],
    "another order": [TWO, ONE],
    "another number": [ONE.replace(b"1e16", b"1e17"), TWO],
    "true for one": [ONE.replace(b"1e16", b"true"), TWO],
    "something where there was nothing": [ONE, TWO.replace(b"}", b',"reason":""}')],
}


def submit(ask: Asking, session: str, events: bytes, caller: Caller, outcomes: SimpleQueue[Outcome]) -> None:
    """Ask for a batch that comes as text."""
    function = BY_NAME["production:appendDirectorEventsBatch"]
    assert isinstance(function, Mutation)
    text = b'{"sessionId":"%b","events":[%b]}' % (session.encode(), events)
    ask.ledger.log.submit(ask.ledger.request(function, text, caller, outcomes.put, function.read_text(text)))


def append(ask: Asking, session: str, events: bytes, caller: Caller = KEYED) -> Answer:
    outcomes = SimpleQueue[Outcome]()
    submit(ask, session, events, caller, outcomes)
    return ask.ledger.answer_of(outcomes.get(timeout=60))


def test_a_batch_under_a_key_is_the_same_however_it_is_said(ask: Asking):
    session, said = ask.start(), ONE + b"," + TWO
    first = append(ask, session, said)
    ask.cut(session, 9)
    assert append(ask, session, said) == first
    assert append(ask, session, SAID_OTHERWISE) == first
    given = json.loads(b"[%b]" % SAID_OTHERWISE)
    assert ask.written("appendDirectorEventsBatch", caller=KEYED, sessionId=session, events=given) == first
    assert len(ask.read("exportProductionEventPage", sessionId=session)["page"]) == 3


def test_a_batch_that_says_anything_else_is_refused_under_its_key(ask: Asking):
    session = ask.start()
    append(ask, session, ONE + b"," + TWO)
    for difference, events in NOT_SAID.items():
        given = json.loads(b"[%b]" % b",".join(events))
        with pytest.raises(KeyReused):
            append(ask, session, b",".join(events))
        with pytest.raises(KeyReused):
            ask.written("appendDirectorEventsBatch", caller=KEYED, sessionId=session, events=given)
        append(ask, session, b",".join(events), KEYED._replace(actor=difference))


def test_a_batch_that_comes_twice_before_it_is_recorded_is_the_same_however_it_is_said(ask: Asking):
    session, is_free, outcomes = ask.start(), Event(), SimpleQueue[Outcome]()

    def hold_up(_: Stream) -> Decision:
        is_free.wait(60)
        return Decision([], lambda _: "null")

    ask.ledger.log.submit(Request(session, "nobody", hold_up, lambda _: None))
    for events in (ONE + b"," + TWO, SAID_OTHERWISE, TWO):
        submit(ask, session, events, KEYED, outcomes)
    is_free.set()
    first, again, other = (outcomes.get(timeout=60) for _ in range(3))
    assert isinstance(first, Receipt)
    assert again == first._replace(repeated=True)
    assert isinstance(other, KeyReused)


def test_a_batch_and_its_only_event_are_two_requests(ask: Asking):
    session, caller = ask.start(), KEYED._replace(key="another")
    append(ask, session, TWO)
    with pytest.raises(KeyReused):
        ask.written("appendDirectorEvent", caller=KEYED, sessionId=session, **json.loads(TWO))
    ask.written("appendDirectorEvent", caller=caller, sessionId=session, **json.loads(TWO))
    with pytest.raises(KeyReused):
        append(ask, session, TWO, caller)


@pytest.mark.parametrize("is_text_first", [True, False])
def test_a_null_is_as_good_as_nothing_by_whichever_way_it_comes_first(ask: Asking, is_text_first: bool):
    session, said = ask.start(), {"timestampMs": 6, "eventType": "hold"}

    def by_arguments(**more: Any) -> Answer:
        return ask.written("appendDirectorEventsBatch", caller=KEYED, sessionId=session, events=[said | more])

    first = append(ask, session, TWO) if is_text_first else by_arguments(cameraId=None)
    assert by_arguments(cameraId=None) == by_arguments() == by_arguments(reason=None) == first
    assert append(ask, session, TWO) == append(ask, session, TWO.replace(b"}", b',"cameraId":null}')) == first
    with pytest.raises(KeyReused):
        by_arguments(cameraId="cam-1")


@pytest.mark.parametrize("known_as", [digest_of, former_digest_of])
def test_a_batch_that_was_recorded_before_an_update_is_the_same_after_it(
    ask: Asking, monkeypatch: pytest.MonkeyPatch, known_as: Callable[[str, Any], bytes]
):
    session, said = ask.start(), ONE + b"," + TWO
    with monkeypatch.context() as before:
        before.setattr(module, "digest_of_text", lambda function, text: known_as(function, json.loads(text)))
        first = append(ask, session, said)
    assert append(ask, session, said) == first
    with pytest.raises(KeyReused):
        append(ask, session, TWO)
