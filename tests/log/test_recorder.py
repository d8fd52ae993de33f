"""The library's own test cases, met by our recorder."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import sleep
from typing import ClassVar
from uuid import uuid4

import pytest
from eventsourcing.persistence import OperationalError, StoredEvent
from eventsourcing.tests.persistence import ApplicationRecorderTestCase
from sqlalchemy import Engine, QueuePool

from ledger.log.eventlog import create_log
from ledger.log.recorder import ShardRecorder
from ledger.log.sole import SoleConnection
from tests.log.opened import NOW, OpenLog, fact
from tests.places import place


def _wait_until_idle(engine: Engine) -> None:
    """The library's test of readers beside writers ends before its readers do."""
    assert isinstance(engine.pool, QueuePool)
    while engine.pool.checkedout():
        sleep(0.001)


class TestShardRecorder(ApplicationRecorderTestCase[ShardRecorder]):
    """The library's promises: conflicts are refused whole, notifications are contiguous, subscribers are woken."""

    __test__: ClassVar[bool] = True
    database: ClassVar[str] = "sqlite"

    def new_originator_id(self) -> str:
        return str(uuid4())

    def create_recorder(self) -> ShardRecorder:
        kept = ExitStack()
        self.addCleanup(kept.close)
        folder = kept.enter_context(tempfile.TemporaryDirectory())
        empty = kept.enter_context(place(self.database, Path(folder)))
        writing, reading = empty.log(writing=True), empty.log(writing=False)
        kept.callback(writing.dispose)
        kept.callback(reading.dispose)
        kept.callback(_wait_until_idle, reading)
        create_log(writing, shards=1, now_ms=NOW)
        sole = SoleConnection(writing)
        kept.callback(sole.close)
        return ShardRecorder(sole, reading, shard=0, clock=lambda: NOW)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestShardRecorderOnPostgres(TestShardRecorder):
    """The same promises."""

    database: ClassVar[str] = "postgresql"


del ApplicationRecorderTestCase  # abstract: pytest must not collect it from here


def test_events_of_both_ways_in_share_one_run_of_positions(opened: OpenLog):
    opened.append(fact(1))
    recorder = opened.log.recorders[0]
    stored = StoredEvent("s9", 1, "session-reopened.1", b'{"reason":"x"}')
    assert recorder.insert_events([stored]) == [2]
    assert opened.append(fact(2)).position == 3
    assert [notification.id for notification in recorder.select_notifications(None, 10)] == [1, 2, 3]
    assert [entry.partition for entry in opened.log.read(0, 0, 10)] == ["s1", "s9", "s1"]


def test_a_failure_of_the_database_is_the_librarys_operational_error(opened: OpenLog):
    opened.place.refuse("", "the disk is full")
    with pytest.raises(OperationalError, match="the disk is full"):
        opened.log.recorders[0].insert_events([StoredEvent("s9", 1, "session-reopened.1", b"{}")])
    assert opened.rows("SELECT position FROM shards") == [(0,)]


def test_a_partition_is_selected_between_two_versions_in_either_order(opened: OpenLog):
    opened.append(*map(fact, range(5)))
    opened.append(fact(), partition="s2")
    select = opened.log.recorders[0].select_events
    assert [stored.originator_version for stored in select("s1")] == [1, 2, 3, 4, 5]
    assert [stored.originator_version for stored in select("s1", gt=1, lte=4)] == [2, 3, 4]
    assert [stored.originator_version for stored in select("s1", desc=True, limit=2)] == [5, 4]
    ((name, body),) = opened.rows("SELECT type, body FROM events WHERE position = 3")
    assert select("s1", gt=2, lte=3) == [StoredEvent("s1", 3, name, body.encode())]
