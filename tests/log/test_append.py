"""One append: all of it at the next positions, or nothing."""

import pytest

from ledger.domain.entries import Entry
from ledger.log.requests import AnsweredRequest, remember
from tests.log.opened import NOW, OpenLog, fact


def entry(sequence: int, partition: str = "s1") -> Entry:
    return Entry(partition, sequence, NOW, "ann", None, None, fact(), '{"timestampMs":0,"eventType":"cut"}')


def test_the_head_moves_with_every_insert(opened: OpenLog):
    with opened.log.recorders[0].appending() as append:
        append.insert([entry(1), entry(2)])
        append.insert([])
        append.insert([entry(3)])
        assert append.position == 3
    assert opened.rows("SELECT position, recorded_at FROM shards") == [(3, NOW)]


def test_nothing_is_there_if_it_does_not_end_well(opened: OpenLog):
    def half_way() -> None:
        with opened.log.recorders[0].appending() as append:
            append.insert([entry(1)])
            remember(append.connection, {("s1", "a", "k"): AnsweredRequest(b"", "", 1, 1)})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    for table in ("events", "requests"):
        assert opened.rows(f"SELECT count(*) FROM {table}") == [(0,)]
    assert opened.rows("SELECT position FROM shards") == [(0,)]


def test_rows_of_another_ledger_are_carried_in_as_they_are(opened: OpenLog):
    opened.append(fact())
    rows = opened.rows("SELECT * FROM events")
    others = [(7, 9 + at, "s2", at, *rows[0][4:5], NOW - 10 + at, *rows[0][6:]) for at in (1, 2)]
    with opened.log.appending("s2") as append:
        append.carry(others)
    assert opened.rows("SELECT * FROM events")[1:] == [(0, 1 + at, *row[2:]) for at, row in enumerate(others, 1)]
    assert opened.rows("SELECT position, recorded_at FROM shards") == [(3, NOW)], "they are older than the shard's last"
    with opened.log.appending("s3") as append:
        append.carry([(0, 1, "s3", 1, *rows[0][4:5], NOW + 7, *rows[0][6:])])
    assert opened.rows("SELECT position, recorded_at FROM shards") == [(4, NOW + 7)]
    assert opened.log.heads() == [4]
    assert opened.append(fact(), partition="s2").sequence == 3


def test_recorded_time_is_the_clocks_or_the_shards_last(opened: OpenLog):
    opened.append(fact())
    opened.now = NOW - 5
    with opened.log.recorders[0].appending() as append:
        assert append.recorded_at == NOW
    opened.now = NOW + 5
    with opened.log.recorders[0].appending() as append:
        assert append.recorded_at == NOW + 5
