"""Rounds ask what has changed, all of it in one snapshot, and hand it over once it is taken."""

import json
from collections.abc import Iterator
from queue import Queue
from time import monotonic
from typing import Any

import pytest

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Query
from ledger.application.live import rounds
from ledger.application.live.registry import LiveQuery, Registry, Round
from ledger.application.live.rounds import Rounds
from ledger.application.live.timestamps import Timestamps
from ledger.domain.refusals import AnswerTooLarge
from ledger.log import answers
from tests.application.asking import Asking


class Looking:
    """Somebody who watches, and takes what rounds hand over, one after another."""

    def __init__(self, ask: Asking) -> None:
        self.ask = ask
        self.applied: list[Round] = []
        self._handed: Queue[Any] = Queue()
        self.registry = Registry(ask.ledger.log.shard_count, Timestamps())
        self._apply = self.registry.apply
        self.registry.apply = self._keep  # type: ignore[method-assign]
        self.rounds = Rounds(ask.ledger, self.registry, self._handed.put)
        self.rounds.start()

    def _keep(self, answered: Round) -> None:
        self.applied.append(answered)
        self._apply(answered)

    def moved(self) -> None:
        pass

    def keys_changed(self) -> None:
        pass

    def watch(self, name: str, **arguments: Any) -> LiveQuery:
        function = BY_NAME[f"production:{name}"]
        assert isinstance(function, Query)
        asked = function.arguments.model_validate(arguments, by_alias=True)
        query = self.registry.watch(function, asked, None, self)
        self.rounds.wake()
        return query

    def take_until_answered(self, *queries: LiveQuery) -> None:
        while any(query.answer is None for query in queries):
            self.take()

    def take(self, seconds: float = 60) -> Round:
        """The next round. Raises queue.Empty where there is none."""
        self._handed.get(timeout=seconds)()
        return self.applied[-1]


@pytest.fixture
def looking(ask: Asking) -> Iterator[Looking]:
    looking = Looking(ask)
    yield looking
    looking.rounds.stop()


def shown(query: LiveQuery) -> Any:
    assert query.answer is not None
    return json.loads(query.answer.json)


def test_a_new_question_is_answered_with_what_there_was_when_it_was_asked(looking: Looking):
    session = looking.ask.start()
    looking.ask.cut(session, 1)
    query = looking.watch("getProductionTimeline", sessionId=session)
    looking.take_until_answered(query)
    assert len(shown(query)["directorEvents"]) == 1


def test_only_what_has_changed_is_asked_again(looking: Looking):
    one, two = looking.ask.start(), looking.ask.start()
    watched = {looking.watch("getProductionTimeline", sessionId=session) for session in (one, two)}
    looking.take_until_answered(*watched)
    looking.ask.cut(two, 1)
    ((query, _),) = looking.take().answers
    assert query.asked.model_dump()["session_id"] == two


def test_all_that_one_commit_changes_is_asked_in_one_round(looking: Looking):
    session = looking.ask.start()
    watched = [looking.watch(name, sessionId=session) for name in ("getProductionTimeline", "listStillCandidates")]
    looking.take_until_answered(*watched)
    looking.ask.write("createStillCandidate", sessionId=session, cameraId="a", timestampMs=1, score=1)
    assert {query for query, _ in looking.take().answers} == set(watched)
    assert shown(watched[0])["stillCandidates"] == shown(watched[1])


def test_a_failure_is_an_answer(looking: Looking):
    query = looking.watch("getProductionTimeline", sessionId="s9")
    looking.take_until_answered(query)
    assert query.answer is not None
    assert type(query.answer.failure).__name__ == "SessionNotFound"


def test_what_comes_in_too_fast_to_be_told_apart_is_all_asked_again(looking: Looking, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rounds, "ENTRIES_TOLD_MAX", 1)
    one, two = looking.ask.start(), looking.ask.start()
    watched = {looking.watch("getProductionTimeline", sessionId=session) for session in (one, two)}
    looking.take_until_answered(*watched)
    events = [{"timestampMs": at, "eventType": "cut"} for at in range(5)]
    looking.ask.write("appendDirectorEventsBatch", sessionId=one, events=events)
    assert {query for query, _ in looking.take().answers} == watched


def test_a_round_that_begins_anew_has_keys_looked_at(looking: Looking):
    """Of what came in meanwhile it is not told whether a key was among it."""
    looking.take_until_answered(looking.watch("listProductionSessions"))
    looking.ask.ledger.views.switch_with(looking.ask.ledger.views)
    while not looking.take().has_changed_keys:
        pass


def test_where_other_views_are_shown_everything_is_asked_again(looking: Looking):
    session = looking.ask.start()
    query = looking.watch("getProductionTimeline", sessionId=session)
    looking.take_until_answered(query)
    looking.ask.ledger.views.switch_with(looking.ask.ledger.views)
    while query not in [asked for asked, _ in looking.take().answers]:
        pass


def test_a_rest_that_is_over_when_something_comes_keeps_nobody_waiting(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
):
    slept: list[float] = []
    monkeypatch.setattr(rounds, "sleep", slept.append)
    resting = Rounds(looking.ask.ledger, looking.registry, lambda _: None)
    resting._rest(0.01, monotonic(), monotonic() + 0.05)
    assert slept == []
    resting.wake()
    resting._rest(0.2, monotonic(), None)
    assert 0.1 < slept[0] <= 0.2, "what comes during it waits until it is over"


def test_an_answer_that_has_become_too_large_is_told_so_and_is_back_when_it_is_not(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
):
    session = looking.ask.start()
    query = looking.watch("getProductionSession", sessionId=session)
    stills = looking.watch("listStillCandidates", sessionId=session)
    looking.take_until_answered(query, stills)
    monkeypatch.setattr(answers, "ANSWER_CHARACTERS_MAX", 100)
    looking.ask.write("createStillCandidate", sessionId=session, cameraId="a", timestampMs=1, score=1)
    looking.take()
    assert stills.answer is not None
    assert isinstance(stills.answer.failure, AnswerTooLarge)
    monkeypatch.undo()
    looking.ask.write("createStillCandidate", sessionId=session, cameraId="a", timestampMs=2, score=1)
    looking.take()
    assert len(shown(stills)) == 2
