"""What a writer knows of a stream is good until somebody else has added to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter

import pytest

from ledger.log import known
from ledger.log.append import Append, lock_free_heads
from ledger.log.known import Known
from ledger.log.stream import Stream
from tests.log.opened import NOW, OpenLog, fact


@contextmanager
def appending(opened: OpenLog, knowing: Known) -> Iterator[Append]:
    """As the writer does it, which is another one here than the log's own."""
    with opened.log.recorders[0].appending() as append:
        knowing.follow(append.connection, [append])
        yield append
    knowing.committed(append)


def sequences(opened: OpenLog, knowing: Known, *partitions: str) -> list[int]:
    with appending(opened, knowing) as append:
        return [knowing.stream(partition, append).sequence for partition in partitions]


def test_a_stream_is_read_once_and_again_where_another_has_added_to_it(opened: OpenLog):
    knowing = Known()
    opened.append(fact(1), partition="s1")
    opened.append(fact(1), partition="s2")
    with appending(opened, knowing) as append:
        first, second = (knowing.stream(partition, append) for partition in ("s1", "s2"))
    opened.append(fact(2), fact(3), partition="s2")
    opened.append(fact(1), partition="s3")
    with appending(opened, knowing) as append:
        assert knowing.stream("s1", append) is first
        assert knowing.stream("s2", append) is not second
        assert knowing.stream("s2", append).sequence == 3
    assert sequences(opened, knowing, "s1", "s2", "s3") == [1, 3, 1]


def test_where_others_have_added_very_much_all_is_read_anew(opened: OpenLog, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(known, "FOLLOWED_MAX", 3)
    knowing = Known()
    opened.append(fact(1), partition="s1")
    with appending(opened, knowing) as append:
        first = knowing.stream("s1", append)
    for count, is_kept in ((3, True), (4, False)):
        opened.append(*map(fact, range(count)), partition="s2")
        with appending(opened, knowing) as append:
            assert (knowing.stream("s1", append) is first) == is_kept


def test_what_is_forgotten_is_read_anew(opened: OpenLog):
    knowing = Known()
    opened.append(fact(1), partition="s1")
    with appending(opened, knowing) as append:
        first = knowing.stream("s1", append)
    knowing.forget({0, 1})
    with appending(opened, knowing) as append:
        assert knowing.stream("s1", append) is not first


def test_those_that_were_asked_for_last_are_kept(opened: OpenLog, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(known, "STREAMS_KEPT_MAX", 2)
    knowing = Known()
    with appending(opened, knowing) as append:
        streams = {partition: knowing.stream(partition, append) for partition in ("s1", "s2", "s3")}
        knowing.stream("s1", append)
    with appending(opened, knowing) as append:
        kept = {partition: knowing.stream(partition, append) is stream for partition, stream in streams.items()}
    assert kept == {"s1": True, "s2": False, "s3": True}


def test_several_shards_are_followed_together(sharded: OpenLog):
    knowing = Known()

    def streams() -> list[Stream]:
        with sharded.writing.begin() as connection:
            appends = lock_free_heads(connection, {0, 1, 2}, NOW)
            knowing.follow(connection, appends)
            told = [
                knowing.stream(partition, append)
                for append, partition in zip(sorted(appends, key=attrgetter("shard")), ("s3", "s8", "s2"), strict=True)
            ]
        for append in appends:
            knowing.committed(append)
        return told

    before = streams()
    sharded.append(fact(1), partition="s3")
    sharded.append(fact(1), fact(2), partition="s8")
    after = streams()
    assert [stream.sequence for stream in after] == [1, 2, 0]
    assert [one is other for one, other in zip(before, after, strict=True)] == [False, False, True]


def test_a_shard_is_ours_while_its_head_is_found_where_it_was_left(opened: OpenLog):
    knowing = Known()

    def is_ours() -> bool:
        sequences(opened, knowing, "s1")
        return knowing.are_ours({0})

    assert [is_ours(), is_ours()] == [False, True]
    opened.append(fact(1))
    assert [is_ours(), is_ours()] == [False, True]
    knowing.doubt({0})
    assert not knowing.are_ours({0})
    assert is_ours()
    knowing.forget({0})
    assert not knowing.are_ours({0})


def test_heads_are_remembered_as_they_were_left_or_will_be_by_what_is_under_way(sharded: OpenLog):
    knowing = Known()
    sharded.append(fact(1), fact(2), partition="s8")
    with sharded.writing.begin() as connection:
        for append in lock_free_heads(connection, {0, 1}, NOW):
            knowing.committed(append)
        under_way = Append(0, 0, NOW, connection=connection, now_ms=NOW + 7)
        under_way.add(
            knowing.stream("s3", under_way).record([fact(1)], position=0, recorded_at=NOW + 7, actor="", key=None)
        )
        appends = knowing.appends(connection, [1, 0], [under_way], NOW - 1)
    assert [(append.shard, append.position, append.recorded_at) for append in appends] == [(1, 2, NOW), (0, 1, NOW + 7)]
