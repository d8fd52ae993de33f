"""One writer for all shards: what waits is committed together, and what another process has locked keeps nobody from the rest."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event as Signal
from threading import Thread

import pytest
from sqlalchemy import select

from ledger.log import writer
from ledger.log.eventlog import EventLog
from ledger.log.requests import LogUnavailableError, Receipt, Request
from ledger.log.tables import SHARDS
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
    told = [outcome.result(10) for outcome in asked]
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


def test_a_shard_whose_rows_cannot_be_taken_in_keeps_its_trouble_to_itself(sharded: OpenLog):
    sharded.append(fact(1), partition="s8")
    sharded.change("UPDATE shards SET position = 0 WHERE shard = 1")
    sharded.reopen()
    with sharded.together():
        asked = {partition: sharded.submit(recording(fact(2)), partition) for partition in PARTITIONS}
    with pytest.raises(LogUnavailableError, match="nothing was recorded"):
        asked.pop("s8").result(10)
    assert {partition: outcome.result(10).sequence for partition, outcome in asked.items()} == {
        "s3": 1,
        "s2": 1,
        "s1": 1,
    }
    assert sharded.append(fact(3), partition="s3").sequence == 2


def test_a_head_that_another_has_locked_is_left_until_it_is_free(shared: OpenLog):
    with locked(shared, 1):
        waiting = [shared.submit(recording(fact(at)), "s8") for at in (1, 2)]
        others = [shared.append(fact(1), fact(2), partition=partition) for partition in ("s3", "s2", "s1")]
        assert [(other.shard, other.position) for other in others] == [(0, 2), (2, 2), (3, 2)]
        assert not any(outcome.done() for outcome in waiting)
    assert [outcome.result(10).sequence for outcome in waiting] == [1, 2], "in the order in which they were asked"


def test_others_do_not_wait_longer_than_a_moment_for_a_head(shared: OpenLog, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writer, "HEAD_WAIT_MS", 20)
    with locked(shared, 1):
        waiting = shared.submit(recording(fact(1)), "s8")
        for at in range(10):
            assert shared.append(fact(at), partition="s3").sequence == at + 1
        assert not waiting.done()
    assert waiting.result(10) == Receipt("1", 1, 1, 1)


def test_who_closes_waits_for_a_head_that_is_locked(shared: OpenLog):
    with locked(shared, 1):
        waiting = shared.submit(recording(fact(1)), "s8")
        closing = Thread(target=shared.log.close)
        closing.start()
        closing.join(0.2)
        assert closing.is_alive()
    closing.join(10)
    assert waiting.result(0).sequence == 1
    shared.reopen()


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
    assert all(end.wait(30) for end in ended)
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
    end.result(10)
    assert delivered == [Receipt("1", 0, 1, 1)]
