"""The registry keeps each question once, and knows what concerns it."""

from typing import Any

import pytest

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import ANYWHERE, Query
from ledger.application.live.registry import LiveAnswer, LiveQuery, Registry, Round
from ledger.application.live.timestamps import Timestamps
from ledger.domain.arguments import parse_arguments


class Watching:
    def __init__(self) -> None:
        self.moves = 0
        self.looks = 0

    def moved(self) -> None:
        self.moves += 1

    def keys_changed(self) -> None:
        self.looks += 1


@pytest.fixture
def registry() -> Registry:
    return Registry(1, Timestamps())


def watch(registry: Registry, name: str, watcher: Watching, journal: str | None = None, **arguments: Any) -> LiveQuery:
    function = BY_NAME[f"production:{name}"]
    assert isinstance(function, Query)
    asked = parse_arguments(function.arguments, arguments)
    return registry.watch(function, asked, journal, watcher)


def answer(registry: Registry, query: LiveQuery, json: str, position: int = 1, journal: str | None = None) -> None:
    registry.apply(Round((position,), [(query, LiveAnswer(json, journal))], has_changed_keys=False))


def test_the_same_question_is_kept_once_however_it_is_written(registry: Registry):
    ann, bob = Watching(), Watching()
    first = watch(registry, "listStillCandidates", ann, sessionId="s1", limit=5)
    again = watch(registry, "listStillCandidates", bob, limit=5.0, sessionId="s1", cameraId=None)
    other = watch(registry, "listStillCandidates", bob, sessionId="s1", limit=6)
    assert first is again
    assert first is not other
    assert set(registry.unanswered()) == {first, other}
    answer(registry, first, "[]")
    assert (ann.moves, bob.moves) == (1, 1)
    assert registry.unanswered() == [other]


def test_an_answer_that_is_the_same_is_told_to_nobody(registry: Registry):
    ann = Watching()
    query = watch(registry, "listStillCandidates", ann, sessionId="s1")
    for json in ("[]", "[]", "[1]", "[1]"):
        answer(registry, query, json)
    assert ann.moves == 2


def test_tags_lead_to_what_they_concern_and_to_nothing_else(registry: Registry):
    ann = Watching()
    stills = watch(registry, "listStillCandidates", ann, sessionId="s1")
    of_others = watch(registry, "listStillCandidates", ann, sessionId="s2")
    sessions = watch(registry, "listProductionSessions", ann)
    assert registry.touched([("stills", "s1"), ("stills", ANYWHERE)]) == {stills}
    assert registry.touched([("sessions", "s2"), ("sessions", ANYWHERE)]) == {of_others, sessions}
    assert registry.touched([("cameras", "s1")]) == set()
    assert registry.touched(None) == {stills, of_others, sessions}


def test_what_nobody_watches_any_longer_is_forgotten(registry: Registry):
    ann, bob = Watching(), Watching()
    query = watch(registry, "listStillCandidates", ann, sessionId="s1")
    watch(registry, "listStillCandidates", bob, sessionId="s1")
    registry.unwatch(query, ann)
    assert registry.touched(None) == {query}
    registry.unwatch(query, bob)
    assert registry.touched(None) == set()
    assert registry.unanswered() == []
    assert not registry.is_in_use
    answer(registry, query, "[]")  # a round that was under way
    assert (ann.moves, bob.moves) == (0, 0)


def test_whoever_waits_for_a_position_is_told_of_every_round(registry: Registry):
    ann = Watching()
    assert registry.await_place(ann)
    assert not registry.await_place(ann)
    registry.apply(Round((3,), [], has_changed_keys=False))
    assert (ann.moves, registry.shows(0, 3), registry.shows(0, 4)) == (1, True, False)
    registry.has_seen(ann)
    registry.apply(Round((4,), [], has_changed_keys=False))
    assert ann.moves == 1


def test_changed_keys_are_told_to_everybody(registry: Registry):
    ann = Watching()
    registry.join(ann)
    assert registry.is_in_use
    registry.apply(Round((1,), [], has_changed_keys=True))
    registry.leave(ann)
    registry.apply(Round((2,), [], has_changed_keys=True))
    assert ann.looks == 1


def test_where_a_first_page_ended_is_for_those_who_were_there(registry: Registry):
    ann, bob, eve = Watching(), Watching(), Watching()
    first = watch(registry, "listProductionSessions", ann)
    answer(registry, first, '"a"', journal="end")
    assert first.journal == "end"
    anew = watch(registry, "listProductionSessions", bob)
    assert anew is not first, "whoever asks for a first page is given one of its own"
    assert watch(registry, "listProductionSessions", eve, "end") is first, "whoever comes back finds its page again"
    answer(registry, anew, '"a"', journal="end")
    for query, watcher in ((first, ann), (first, eve), (anew, bob)):
        registry.unwatch(query, watcher)
    assert not registry.is_in_use
