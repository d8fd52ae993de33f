"""One way in, one way out: what is read is what was recorded, from memory and from the file alike."""

from threading import Event as Signal

from ledger.log.eventlog import EventLog, create_log
from tests.log.opened import NOW, OpenLog, fact


def test_a_log_is_created_once_and_keeps_its_epoch(opened: OpenLog):
    epoch = opened.log.epoch
    create_log(opened.writing, shards=4, now_ms=NOW)
    opened.reopen()
    assert (opened.log.epoch, opened.log.shard_count) == (epoch, 1)


def test_memory_and_file_tell_the_same(opened: OpenLog):
    for at in range(5):
        opened.append(fact(at, metadata={"at": [at]}), partition=f"s{at % 2}", key=str(at))
    from_memory = opened.log.read(0, 0, 10)
    opened.reopen()
    assert opened.log.read(0, 0, 10) == from_memory
    assert opened.log.read(0, 3, 1) == from_memory[3:4]
    assert opened.log.read(0, 5, 10) == []


def test_reading_on_crosses_from_the_file_to_memory_without_a_seam(opened: OpenLog):
    for at in range(3):
        opened.append(fact(at))
    opened.reopen()
    for at in range(3, 6):
        opened.append(fact(at))
    found, position = [], 0
    while entries := opened.log.read(0, position, 2):
        found += [entry.sequence for entry in entries]
        position += len(entries)
    assert found == [1, 2, 3, 4, 5, 6]


def test_a_reader_without_a_writer_follows_the_file(opened: OpenLog):
    reader = EventLog(writing=None, reading=opened.reading, clock=lambda: NOW)
    assert (reader.heads(), reader.read(0, 0, 10)) == ([0], [])
    opened.append(fact())
    assert reader.heads() == [1]
    assert reader.read(0, 0, 10) == opened.log.read(0, 0, 10)
    assert reader.position() == opened.log.position()
    assert reader.commits() == 0


def test_listeners_are_woken_after_the_commit_and_before_the_answer(opened: OpenLog):
    seen: list[tuple[list[int], int]] = []
    opened.log.on_append(lambda: seen.append((opened.log.heads(), len(opened.rows("SELECT 1 FROM events")))))
    opened.append(fact(), fact())
    opened.append()
    assert seen == [([2], 2)]


def test_an_append_that_brings_nothing_wakes_nobody(opened: OpenLog):
    woken = Signal()
    opened.log.on_append(woken.set)
    opened.append()
    assert not woken.is_set()


def test_a_partition_stays_in_its_shard(opened: OpenLog):
    assert opened.log.shard_of("s1") == 0
    opened.log.shard_count = 16
    assert [opened.log.shard_of(f"s{n}") for n in range(4)] == [11, 7, 10, 4]
