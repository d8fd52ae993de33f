"""A query set: from version to version, with nothing told twice and nothing left out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.api.sync.messages import Add, MessageError, ModifyQuerySet, Remove
from ledger.api.sync.watching import Watching
from ledger.application.functions import Caller
from ledger.application.live.registry import LiveAnswer, Registry, Round
from ledger.application.live.timestamps import Timestamps
from ledger.bootstrap import open_for_writing
from ledger.domain.refusals import Refusal, Unauthorized
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import Asking

LIST = "production:listProductionSessions"


class Nobody:
    def moved(self) -> None: ...

    def keys_changed(self) -> None: ...


class Told:
    """A query set of at most three queries, and the registry that it looks at."""

    def __init__(self, ask: Asking) -> None:
        self.registry = Registry(1, Timestamps())
        self.watching = Watching(ask.ledger, self.registry, Nobody(), queries_max=3, origin="")
        self.refusal: Refusal | None = None
        self._version = 0

    def identify(self) -> Caller:
        if self.refusal:
            raise self.refusal
        return Caller()

    def modify(self, *changes: Add | Remove) -> bool:
        self._version += 1
        return self.watching.modify(ModifyQuerySet(self._version - 1, self._version, list(changes)), self.identify)

    def answer(self, json: str) -> None:
        answers = [(query, LiveAnswer(json)) for query in self.registry.touched(None)]
        self.registry.apply(Round((1,), answers, has_changed_keys=False))

    def change(self, timestamp: int = 1, *, is_owed: bool = False) -> list[str] | None:
        change = self.watching.change(timestamp, is_owed=is_owed)
        return change.modifications if change else None


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        yield Told(Asking(ledger))


def add(query_id: int, path: str = LIST, **arguments: Any) -> Add:
    return Add(query_id, path, [arguments])


def test_nothing_is_told_before_all_that_was_asked_has_an_answer(told: Told):
    assert told.modify(add(0), add(1, limit="x"))
    assert told.change(is_owed=True) is None
    told.answer("[]")
    assert len(told.change() or ()) == 2
    assert told.change() is None
    assert not told.modify(add(2)), "it has an answer already"
    assert len(told.change() or ()) == 1


def test_what_has_not_changed_is_not_told_again(told: Told):
    told.modify(add(0), add(1, projectSlug="x"))
    told.answer("[]")
    told.change()
    told.answer("[]")
    assert told.change() is None
    assert told.change(is_owed=True) == []


def test_one_query_more_than_may_be_watched_is_refused_by_itself(told: Told):
    told.modify(*(add(number) for number in range(4)))
    told.answer("[]")
    told.watching.look_again(told.identify)
    changes = told.change() or []
    assert sum("QueryUpdated" in change for change in changes) == 3
    assert sum("this connection watches 3 queries already" in change for change in changes) == 1


def test_whoever_is_nobody_any_longer_sees_no_more(told: Told):
    told.modify(add(0))
    told.answer("[1]")
    told.change()
    told.refusal = Unauthorized("gone")
    told.watching.look_again(told.identify)
    (change,) = told.change() or []
    assert "QueryFailed" in change
    assert not told.registry.touched(None)
    told.refusal = None
    told.watching.look_again(told.identify)
    told.answer("[1]")
    (change,) = told.change() or []
    assert "QueryUpdated" in change


def test_time_does_not_go_back(told: Told):
    told.modify()
    told.change(9)
    told.modify()
    change = told.watching.change(5, is_owed=False)
    assert change is not None
    assert (change.start.timestamp, change.end.timestamp) == (9, 9)


def test_what_was_let_go_before_it_was_told_is_not_told(told: Told):
    told.modify(add(0))
    told.modify(Remove(0), Remove(7))
    assert told.change() == []
    assert not told.registry.is_in_use


def test_a_query_set_of_another_version_and_a_number_that_is_taken_are_faults(told: Told):
    told.modify(add(0))
    with pytest.raises(MessageError, match="baseVersion: the query set is at 1, not at 5"):
        told.watching.modify(ModifyQuerySet(5, 6, []), told.identify)
    with pytest.raises(MessageError, match="queryId: 0 is watched already"):
        told.modify(add(0))


def test_components_are_unknown(told: Told):
    told.modify(Add(0, LIST, [{}], None, "component"))
    (change,) = told.change() or []
    assert "componentPath" in change
