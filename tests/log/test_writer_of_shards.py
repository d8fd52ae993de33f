"""One writer for all shards: what waits is committed together, and what another process has locked keeps nobody from the rest."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select

from ledger.log import waiting
from ledger.log.eventlog import EventLog
from ledger.log.requests import Decision, LogUnavailableError, Receipt, Request
from ledger.log.stream import Stream
from ledger.log.tables import SHARDS
from ledger.log.waiting import GROUP_EVENTS_MAX
from tests.log.opened import NOW, OpenLog, fact, recording

PARTITIONS = ("s3", "s8", "s2", "s1")
"""One of each shard, from the first to the last."""


def heads(opened: OpenLog) -> list[tuple[int, int]]:
    return opened.rows("SELECT shard, position FROM shards ORDER BY shard")


@contextmanager
def locked(opened: OpenLog, shard: int) -> Iterator[None]:
    """Another process has the head of a shard."""
    with opened.writing.begin() as connection:
        connection.execute(select(SHARDS).where(SHARDS.c.shard == shard).with_for_update()).all()
        yield


def test_what_waits_for_several_shards_is_one_commit(sharded: OpenLog):
    before = sharded.log.commits()
    with sharded.together():
        asked = [
            sharded.submit(recording(fact(at)), partition, key=f"{partition}.{at}")
            for at in range(3)
            for partition in PARTITIONS
        ]
    told = [outcome.result(60) for outcome in asked]
    assert told == [Receipt(str(at), shard, at, at) for at in (1, 2, 3) for shard in range(4)]
    assert sharded.log.commits() == before + 2
    assert heads(sharded) == [(shard, 3) for shard in range(4)] == list(enumerate(sharded.log.heads()))
    for shard, partition in enumerate(PARTITIONS):
        newest = sharded.log.read(shard, 0, 10)
        assert [(entry.partition, entry.sequence, entry.key) for entry in newest] == [
            (partition, at + 1, f"{partition}.{at}") for at in range(3)
        ]
    sharded.reopen()
    assert [len(sharded.log.read(shard, 0, 10)) for shard in range(4)] == [3, 3, 3, 3]
    assert sharded.append(fact(0), partition="s8", key="s8.0") == told[1]._replace(repeated=True)


def test_a_shard_whose_rows_cannot_be_taken_in_is_recorded_by_itself_from_then_on(sharded: OpenLog):
    sharded.append(fact(1), partition="s8")
    sharded.change("UPDATE shards SET position = 0 WHERE shard = 1")
    sharded.reopen()

    def asked_together() -> dict[str, Any]:
        with sharded.together():
            asked = {partition: sharded.submit(recording(fact(2)), partition) for partition in PARTITIONS}
        return {partition: outcome.exception(10) or outcome.result() for partition, outcome in asked.items()}

    assert {type(outcome) for outcome in asked_together().values()} == {LogUnavailableError}, "once it harms others"
    for sequence in (1, 2):
        told = asked_together()
        assert "nothing was recorded" in str(told.pop("s8"))
        assert {partition: receipt.sequence for partition, receipt in told.items()} == dict.fromkeys(told, sequence)
    sharded.change("UPDATE shards SET position = 1 WHERE shard = 1")
    assert sharded.append(fact(2), partition="s8").sequence == 2
    before = sharded.log.commits()
    assert {receipt.sequence for receipt in asked_together().values()} == {3}
    assert sharded.log.commits() == before + 2, "all together again"


def test_what_the_database_fails_at_while_one_is_decided_is_no_fault_of_the_others(shared: OpenLog):
    def failing(stream: Stream) -> Decision:
        stream.connection.exec_driver_sql("SELECT nothing FROM nowhere")
        return Decision((), str)

    with shared.together():
        asked = [shared.submit(failing, "s3"), *(shared.submit(recording(fact(1)), it) for it in PARTITIONS[1:])]
    assert [type(outcome.exception(10)) for outcome in asked] == [LogUnavailableError] * 4
    with shared.together():
        asked = [shared.submit(failing, "s3"), *(shared.submit(recording(fact(1)), it) for it in PARTITIONS[1:])]
    assert [type(outcome.exception(10)) for outcome in asked] == [LogUnavailableError, *[type(None)] * 3]


def test_a_head_that_another_has_locked_is_left_until_it_is_free(shared: OpenLog):
    with locked(shared, 1):
        left = [shared.submit(recording(fact(at)), "s8") for at in (1, 2)]
        others = [shared.append(fact(1), fact(2), partition=partition) for partition in ("s3", "s2", "s1")]
        assert [(other.shard, other.position) for other in others] == [(0, 2), (2, 2), (3, 2)]
        assert not any(outcome.done() for outcome in left)
    assert [outcome.result(60).sequence for outcome in left] == [1, 2], "in the order in which they were asked"


def test_others_do_not_wait_for_a_head_that_is_locked(shared: OpenLog):
    with locked(shared, 1):
        left = shared.submit(recording(fact(1)), "s8")
        for at in range(10):
            assert shared.append(fact(at), partition="s3").sequence == at + 1
        assert not left.done()
    assert left.result(60) == Receipt("1", 1, 1, 1)


def test_nor_where_as_much_waits_for_it_as_a_group_may_hold(shared: OpenLog):
    with locked(shared, 1):
        left = [shared.submit(recording(fact(at)), "s8", weight=GROUP_EVENTS_MAX) for at in (1, 2, 3)]
        for at in range(3):
            assert shared.append(fact(at), partition="s3").sequence == at + 1
        assert not any(outcome.done() for outcome in left)
    assert [outcome.result(60).sequence for outcome in left] == [1, 2, 3]


def test_who_closes_waits_for_a_head_that_is_locked(shared: OpenLog):
    with locked(shared, 1):
        left = shared.submit(recording(fact(1)), "s8")
        closing = Thread(target=shared.log.close)
        closing.start()
        closing.join(0.2)
        assert closing.is_alive()
    closing.join(60)
    assert left.result(0).sequence == 1
    shared.reopen()


def test_who_closes_does_not_wait_for_ever(shared: OpenLog, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(waiting, "CLOSING_SECONDS", 0.1)
    with locked(shared, 1):
        asked = [shared.submit(recording(fact(at)), "s8") for at in (1, 2)]
        shared.log.close()
    assert all("has the head of its shard" in str(outcome.exception(0)) for outcome in asked)
    shared.reopen()
    assert shared.append(fact(1), partition="s8").sequence == 1


def test_two_processes_that_never_rest_both_come_to_every_shard(shared: OpenLog):
    other = EventLog(writing=shared.writing, reading=shared.reading, clock=lambda: NOW, is_alone=False)
    ended = [Signal() for _ in range(2 * len(PARTITIONS))]
    failures: list[object] = []

    def keep_asking(log: EventLog, partition: str, left: int, end: Signal) -> None:
        def told(outcome: object) -> None:
            if not isinstance(outcome, Receipt):
                failures.append(outcome)
            if left > 1 and not failures:
                keep_asking(log, partition, left - 1, end)
            else:
                end.set()

        log.submit(Request(partition, "ann", recording(fact(left)), told))

    for place, (log, partition) in enumerate((log, it) for log in (shared.log, other) for it in PARTITIONS):
        keep_asking(log, partition, 25, ended[place])
    assert all(end.wait(60) for end in ended)
    other.close()
    assert failures == []
    assert heads(shared) == [(shard, 50) for shard in range(4)]
    counted = "SELECT partition, count(*), max(sequence), max(position) FROM events GROUP BY partition"
    assert sorted(shared.rows(counted)) == sorted((partition, 50, 50, 50) for partition in PARTITIONS)


def test_the_outcome_of_one_that_was_left_is_delivered_once(shared: OpenLog):
    delivered: list[object] = []
    end: Future[None] = Future()
    with locked(shared, 0):
        shared.log.submit(Request("s3", "ann", recording(fact(1)), delivered.append))
        shared.append(fact(1), partition="s1")
    shared.log.submit(Request("s3", "ann", recording(fact(2)), lambda _: end.set_result(None)))
    end.result(60)
    assert delivered == [Receipt("1", 0, 1, 1)]
