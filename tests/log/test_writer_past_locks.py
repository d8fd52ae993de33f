"""On a database that others may write, a writer goes past the locks as long as nobody does, and is right where somebody did."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any, Final
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from ledger.domain.refusals import SessionNotFound
from ledger.log.optimistic import Optimistic
from ledger.log.requests import Decision, LogUnavailableError, OutcomeUnknownError, Receipt
from ledger.log.stream import Stream
from tests.log.opened import OpenLog, fact, recording
from tests.log.test_writer import CUT_AT_COMMIT
from tests.log.test_writer_of_shards import PARTITIONS, heads, locked
from tests.places import OURS

MANY: Final = 40
"""So many that one half is decided while the other is under way."""


@pytest.fixture
def other(shared: OpenLog) -> Iterator[OpenLog]:
    """Another process's view of the same log."""
    other = OpenLog(shared.place, shards=4)
    yield other
    other.close()


@pytest.fixture
def came_of(shared: OpenLog, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What came of all that was sent past the locks since every shard was this process's own."""
    told: list[bool] = []
    came_through = Optimistic.came_through

    def listened_to(self: Optimistic) -> bool:
        told.append(came_through(self))
        return told[-1]

    for _ in range(2):
        with shared.together():
            own = [shared.submit(recording(fact(0)), partition) for partition in PARTITIONS]
        assert all(outcome.result(60) for outcome in own)
    monkeypatch.setattr(Optimistic, "came_through", listened_to)
    return told


def existing(stream: Stream) -> Decision:
    """Refused where nothing is there yet."""
    if not stream.sequence:
        raise SessionNotFound(stream.partition)
    return Decision([fact(1)], str)


def sequences(outcomes: Sequence[Future[Receipt]]) -> list[int]:
    return [outcome.result(60).sequence for outcome in outcomes]


def test_what_one_process_alone_writes_goes_past_them(shared: OpenLog, came_of: list[bool]):
    receipts = [shared.append(fact(at), partition=partition, key="k") for at in (1, 2) for partition in PARTITIONS[at:]]
    assert receipts[0] == Receipt("3", 1, 3, 3)
    assert came_of[:3] == [True] * 3
    assert [(receipt.sequence, receipt.repeated) for receipt in receipts[3:]] == [(3, True)] * 2, "their keys were used"
    assert shared.append(fact(9), partition="s3").sequence == 3
    assert came_of[-1]


def test_of_many_one_half_is_decided_while_the_other_is_under_way(shared: OpenLog, came_of: list[bool]):
    with shared.together():
        asked = [shared.submit(recording(fact(at)), PARTITIONS[at % 2]) for at in range(MANY)]
    assert sequences(asked) == [3 + at // 2 for at in range(MANY)]
    assert all(came_of)
    assert 2 <= len(came_of) <= 5
    stored = shared.rows("SELECT sequence FROM events WHERE partition = 's3' ORDER BY position")
    assert stored == [(sequence,) for sequence in range(1, MANY // 2 + 3)]


def test_where_another_has_added_meanwhile_all_is_decided_anew_and_in_order(
    shared: OpenLog, other: OpenLog, came_of: list[bool]
):
    def overtaken(_stream: Stream) -> Decision:
        if not is_overtaken:
            is_overtaken.append(True)
            other.append(fact(9), partition="s8")
        return Decision([fact(0)], str)

    is_overtaken: list[bool] = []
    with shared.together():
        first = [shared.submit(overtaken, "s8") for _ in range(3)]
        then = [shared.submit(recording(fact(1)), "s3") for _ in range(2 * MANY)]
    assert sequences(first) == [4, 5, 6]
    assert sequences(then) == list(range(3, 2 * MANY + 3))
    assert heads(shared) == [(0, 2 * MANY + 2), (1, 6), (2, 2), (3, 2)]
    assert not all(came_of)


def test_nobody_is_refused_by_what_is_only_remembered(shared: OpenLog, other: OpenLog, came_of: list[bool]):
    with pytest.raises(SessionNotFound):
        shared.submit(existing, "s4").result(60)
    other.append(fact(1), partition="s4")
    assert shared.submit(existing, "s4").result(60).sequence == 2
    shared.append(fact(1), partition="s4")
    assert shared.submit(existing, "s4").result(60).sequence == 4


def test_a_refused_one_among_many_harms_nobody(shared: OpenLog, came_of: list[bool]):
    with shared.together():
        asked = [shared.submit(existing if at % 9 else recording(fact(1)), f"n{at % 3}") for at in range(MANY)]
    refused = [at for at, outcome in enumerate(asked) if isinstance(outcome.exception(10), SessionNotFound)]
    assert refused == [at for at in range(MANY) if at % 3 and at]
    stored = shared.rows("SELECT count(*), max(sequence) FROM events WHERE partition = 'n0'")
    assert stored == [(MANY - len(refused),) * 2]


def test_who_brings_nothing_is_answered_though_nobody_else_comes(shared: OpenLog, came_of: list[bool]):
    assert shared.submit(recording(), "s3", weight=0).result(10).sequence == 2
    assert came_of == [True]


RAISED_AT_COMMIT = """
CREATE FUNCTION raise_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;
CREATE CONSTRAINT TRIGGER raised AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.body LIKE '%poison%') EXECUTE FUNCTION raise_it()
"""


def test_a_commit_that_the_database_refuses_is_told_as_under_locks(shared: OpenLog, came_of: list[bool]):
    shared.change(RAISED_AT_COMMIT)
    with pytest.raises(LogUnavailableError, match="nothing was recorded: no room"):
        shared.append(fact(reason="poison"), partition="s3")
    assert came_of == [False]
    assert shared.append(fact(1), partition="s3").sequence == 3


def test_a_database_that_restarts_between_two_groups_costs_nobody_his(shared: OpenLog, came_of: list[bool]):
    for is_ours in (True, False):
        shared.change(f"SELECT pg_terminate_backend(pid, 10000) {OURS}")
        shared.append(fact(1), partition="s3" if is_ours else "s4")
        assert shared.log.head_of("s3").sequence == 3
    assert shared.append(fact(1), partition="s3").sequence == 4


def test_a_key_that_comes_again_behind_what_is_under_way_is_answered_once(
    shared: OpenLog, other: OpenLog, came_of: list[bool]
):
    assert other.append(fact(1), partition="s3", key="others").sequence == 3
    assert shared.append(fact(2), partition="s3").sequence == 4
    assert shared.append(fact(2), partition="s3").sequence == 5
    keys = ["first", *(f"{at}" for at in range(MANY)), "first", "others"]
    with shared.together():
        asked = [shared.submit(recording(fact(1)), "s3", key=key) for key in keys]
    receipts = [outcome.result(60) for outcome in asked]
    assert receipts[-2:] == [receipts[0]._replace(repeated=True), Receipt("3", 0, 3, 3, repeated=True)]
    assert sequences(asked[:-2]) == list(range(6, MANY + 7))
    assert shared.rows("SELECT count(*) FROM requests WHERE partition = 's3'") == [(MANY + 2,)]


def test_a_head_that_is_locked_is_not_tried_again_and_again(shared: OpenLog, came_of: list[bool]):
    with locked(shared, 1):
        left = [shared.submit(recording(fact(at)), "s8") for at in (1, 2)]
        for at in range(10):
            shared.append(fact(at), partition="s3")
        assert came_of.count(False) == 1
    assert sequences(left) == [3, 4]


def test_only_those_whose_outcome_is_not_known_are_told_so(shared: OpenLog, came_of: list[bool]):
    shared.change(CUT_AT_COMMIT)
    with shared.together():
        lost = shared.submit(recording(fact(reason="poison")), "s3", key="k")
        others = [shared.submit(recording(fact(1)), partition) for partition in PARTITIONS[1:] for _ in range(MANY)]
    assert isinstance(lost.exception(10), OutcomeUnknownError)
    unknown = [outcome.exception(10) is not None for outcome in others]
    assert any(unknown)
    assert unknown == sorted(unknown, reverse=True), "those of its group, and nobody behind"
    again = [shared.append(fact(1), partition=partition).sequence for partition in PARTITIONS[1:]]
    stored = [unknown[place : place + MANY].count(False) for place in (0, MANY, 2 * MANY)]
    assert again == [3 + count for count in stored]


def test_what_cannot_be_sent_is_recorded_under_locks(
    shared: OpenLog, came_of: list[bool], monkeypatch: pytest.MonkeyPatch
):
    send, sent = Optimistic.send, iter(range(100))

    def failing_once(self: Optimistic, *group: Any) -> None:
        if next(sent) == 1:
            raise OperationalError("", {}, Exception("the line is down"))
        send(self, *group)

    monkeypatch.setattr(Optimistic, "send", failing_once)
    with shared.together():
        asked = [shared.submit(recording(fact(1)), "s3") for _ in range(2 * MANY)]
    assert sequences(asked) == list(range(3, 2 * MANY + 3))
    assert all(came_of)


asking = st.tuples(st.booleans(), st.sampled_from(PARTITIONS[:2]), st.sampled_from([None, None, "j", "k"]))
rounds_of_two = st.lists(st.lists(asking, max_size=60), min_size=1, max_size=4)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rounds_of_two)
def test_two_processes_come_to_one_log_whatever_they_ask_for(
    shared: OpenLog, other: OpenLog, rounds: list[list[tuple[bool, str, str | None]]]
):
    told: dict[tuple[bool, str], list[Receipt]] = defaultdict(list)
    under_keys: dict[tuple[str, str], set[str]] = defaultdict(set)
    life, before = str(uuid4()), dict(heads(shared))
    for asked in rounds:
        with shared.together():
            outcomes = [
                (shared if is_ours else other).submit(recording(fact(1)), partition, key=key and f"{key} {life}")
                for is_ours, partition, key in asked
            ]
        for (is_ours, partition, key), outcome in zip(asked, outcomes, strict=True):
            receipt = outcome.result(30)
            if not receipt.repeated:
                told[is_ours, partition].append(receipt)
            if key:
                under_keys[partition, key].add(receipt.answer)
    for receipts in told.values():
        numbers = [receipt.sequence for receipt in receipts]
        assert numbers == sorted(numbers), "in the order in which they were asked for"
    for shard, partition in enumerate(PARTITIONS[:2]):
        recorded = sorted(receipt.position for is_ours in (True, False) for receipt in told[is_ours, partition])
        assert recorded == list(range(before[shard] + 1, dict(heads(shared))[shard] + 1)), "each once, and nothing else"
    assert all(len(answers) == 1 for answers in under_keys.values())
