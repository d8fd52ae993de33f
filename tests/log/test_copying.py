"""A log carried into another database is the same there: leaf by leaf, gone on with wherever it stopped, and never half of one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.log import copying
from ledger.log.copying import (
    Carrying,
    ComparedPartition,
    CopyError,
    UnfinishedCopy,
    begin_copy,
    carry_requests,
    compare_partitions,
    finish_copy,
)
from ledger.log.eventlog import EventLog
from ledger.log.positions import Position, shard_of
from ledger.log.reading import read_stream
from tests.careless import careless
from tests.log.opened import NOW, OpenLog, fact
from tests.places import POSTGRES_AS_WELL, Folder, Place, place

SESSIONS = ("s1", "s2", "s3", "keys")


@pytest.fixture
def source(embedded: OpenLog) -> OpenLog:
    """A log whose partitions take turns, with answers under keys."""
    for number in range(6):
        embedded.now += number % 2
        for session in SESSIONS:
            embedded.append(fact(number), fact(number + 0.5), partition=session, key=f"k{number}", body=session)
    embedded.append(partition="s1", key="nothing", body="x")
    return embedded


@pytest.fixture(params=POSTGRES_AS_WELL)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "target").mkdir()
    with place(request.param, tmp_path / "target") as empty:
        yield empty


@contextmanager
def engine_of(target: Place) -> Iterator[Engine]:
    engine = target.log(writing=True)
    try:
        yield engine
    finally:
        engine.dispose()


def copied(source: OpenLog, target: Place, shards: int, *, batches: int = 1_000) -> list[ComparedPartition] | None:
    """Copy, or only so many batches; None where it was not finished."""
    with source.reading.connect() as reading, reading.begin(), engine_of(target) as engine:
        begin_copy(reading, engine, shards, NOW)
        carrying = Carrying(reading, engine)
        for number, _ in enumerate(carrying.batches(), 1):
            if number == batches:
                return None
        carry_requests(reading, engine)
        with engine.begin() as connection:
            compared = list(compare_partitions(reading, connection))
        finish_copy(reading, engine, compared, NOW)
        return compared


@contextmanager
def opened(target: Place) -> Iterator[EventLog]:
    engine, reading = target.log(writing=True), target.log(writing=False)
    with ExitStack() as closing:
        closing.callback(engine.dispose)
        closing.callback(reading.dispose)
        log = EventLog(writing=engine, reading=reading, clock=lambda: NOW + 100, is_alone=False)
        closing.callback(log.close)
        yield log


CONTENT = (
    "SELECT partition, sequence, type, recorded_at, actor, key, entity, salt, body, leaf FROM events ORDER BY 1, 2"
)


@pytest.mark.parametrize("shards", [1, 4])
def test_a_copy_holds_the_same_to_the_digest(source: OpenLog, target: Place, shards: int):
    compared = copied(source, target, shards)
    assert compared is not None
    assert [(it.partition, it.entries, it.is_same) for it in compared] == [
        (name, 12, True) for name in sorted(SESSIONS)
    ]
    assert target.rows(CONTENT) == source.rows(CONTENT)
    places = target.rows("SELECT shard, position, partition FROM events ORDER BY shard, position")
    for shard in range(shards):
        own = [(position, name) for at, position, name in places if at == shard]
        assert [position for position, _ in own] == list(range(1, len(own) + 1))
        assert all(shard_of(name, shards) == shard for _, name in own)
    assert target.rows("SELECT partition, sequence FROM imported ORDER BY 1") == [
        (name, 12) for name in sorted(SESSIONS)
    ]


def test_an_answer_under_a_key_is_given_again_at_its_new_place(source: OpenLog, target: Place):
    copied(source, target, 4)
    assert target.rows("SELECT partition, actor, key, digest, answer, sequence FROM requests ORDER BY 1, 2, 3") == (
        source.rows("SELECT partition, actor, key, digest, answer, sequence FROM requests ORDER BY 1, 2, 3")
    )
    misplaced = (
        "SELECT count(*) FROM requests r LEFT JOIN events e ON e.partition = r.partition AND e.sequence = r.sequence"
        " WHERE e.position IS NULL OR e.position <> r.position"
    )
    assert target.rows(misplaced) == [(0,)]


@pytest.mark.parametrize("batches", [1, 2, 5])
def test_a_copy_goes_on_where_it_stopped(source: OpenLog, target: Place, batches: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(copying, "BATCH_ENTRIES", 7)
    assert copied(source, target, 4, batches=batches) is None
    assert target.rows("SELECT count(*) FROM events") == [(7 * batches,)]
    with pytest.raises(UnfinishedCopy, match="goes on with it"), opened(target):
        pass
    assert copied(source, target, 4) is not None
    assert target.rows(CONTENT) == source.rows(CONTENT)


def assert_half_a_copy_is_refused(source: OpenLog, target: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "BATCH_ENTRIES", 7)
    copied(source, target, 1, batches=2)
    with pytest.raises(UnfinishedCopy), opened(target):
        pass


@pytest.mark.parametrize("fault", ["half-a-copy"])
def test_half_a_copy_that_can_be_opened_is_found_out(
    source: OpenLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
):
    target = Folder(tmp_path / "half.sqlite")
    assert_half_a_copy_is_refused(source, target, monkeypatch)
    with careless(fault), pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        assert_half_a_copy_is_refused(source, target, monkeypatch)


def test_what_came_since_is_carried_the_next_time(source: OpenLog, target: Place):
    copied(source, target, 4)
    source.append(fact(9), partition="s2", key="late", body="x")
    source.append(fact(9), partition="s9")
    compared = copied(source, target, 4)
    assert compared is not None
    assert {it.partition: it.entries for it in compared} == {"keys": 12, "s1": 12, "s2": 13, "s3": 12, "s9": 1}
    assert target.rows(CONTENT) == source.rows(CONTENT)
    assert target.rows("SELECT count(*) FROM epochs") == [(1,)], (
        "a copy is one ledger, however often it was gone on with"
    )


def test_a_copy_goes_on_by_itself(source: OpenLog, target: Place):
    copied(source, target, 4)
    with opened(target) as log, log.snapshot() as connection:
        assert log.epoch != source.log.epoch
        assert [entry.sequence for entry in read_stream(connection, "s1")] == list(range(1, 13))
        with log.appending("s1") as append:
            assert append.recorded_at == NOW + 100
    with engine_of(target) as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE shards SET position = position + 1 WHERE shard = 0")
    with pytest.raises(CopyError, match="facts of its own"):
        copied(source, target, 4)


def test_positions_are_told_where_they_are_where_they_are_the_same(source: OpenLog, target: Place):
    copied(source, target, 1)
    assert target.rows("SELECT position, partition, sequence FROM events ORDER BY 1") == source.rows(
        "SELECT position, partition, sequence FROM events ORDER BY 1"
    )
    with opened(target) as log:
        assert log.epochs.parting(source.log.epoch) == Position(log.epoch, ((0, 48),))


def test_with_other_shards_a_token_leads_back_to_the_beginning(source: OpenLog, target: Place):
    copied(source, target, 2)
    with opened(target) as log:
        assert log.epochs.parting(source.log.epoch) == Position(log.epoch, ((0, 0), (1, 0)))


def test_where_another_ledger_is_nothing_is_carried(source: OpenLog, target: Place, tmp_path: Path):
    (tmp_path / "other").mkdir()
    other = OpenLog(Folder(tmp_path / "other" / "log.sqlite"))
    other.append(fact(1))
    copied(other, target, 1)
    other.close()
    with pytest.raises(CopyError, match="a copy of a ledger of epoch"):
        copied(source, target, 1)
    target.change("DELETE FROM copies")
    with pytest.raises(CopyError, match="which is no copy of this one"):
        copied(source, target, 1)
    assert target.rows("SELECT count(*) FROM events") == [(1,)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE events SET actor = 'mallory' WHERE position = 20", "session s2, sequence 6: is not what was recorded"),
        ("DELETE FROM events WHERE position = 20", "position 20 of shard 0 is missing"),
        ("DELETE FROM events WHERE position > 40", "position 41 of shard 0 is missing"),
    ],
)
def test_what_is_not_sound_is_not_carried_on(source: OpenLog, target: Place, change: str, why: str):
    source.change(change)
    with pytest.raises(CopyError, match=why):
        copied(source, target, 4)


def test_a_source_that_has_lost_what_was_carried_is_told(source: OpenLog, target: Place):
    copied(source, target, 4)
    source.change("DELETE FROM events WHERE position > 40; UPDATE shards SET position = 40")
    with pytest.raises(CopyError, match="facts were removed"):
        copied(source, target, 4)


@pytest.mark.parametrize(
    "change", ["UPDATE events SET leaf = salt WHERE partition = 's2'", "DELETE FROM events WHERE partition = 's3'"]
)
def test_a_copy_that_is_another_is_found_out(source: OpenLog, target: Place, change: str):
    copied(source, target, 4)
    target.change(change)
    with source.reading.begin() as reading, engine_of(target) as engine, engine.begin() as connection:
        assert not all(it.is_same for it in compare_partitions(reading, connection))
