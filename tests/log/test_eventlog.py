"""One way in, one way out: what is read is what was recorded, from memory and from the file alike."""

from threading import Event as Signal

from ledger.domain.entries import Entry, Event
from ledger.log.eventlog import EventLog, create_log
from ledger.log.positions import Position
from tests.log.opened import NOW, OpenLog, fact


def recorded(entries: list[Entry]) -> list[tuple[Entry, str]]:
    """What was recorded, of which an outline from the file and an event in memory have the same body."""
    return [(entry._replace(event=Event()), entry.event.stored_as) for entry in entries]


def test_a_log_is_created_once_and_keeps_its_epoch(opened: OpenLog):
    epoch = opened.log.epoch
    create_log(opened.writing, shards=4, now_ms=NOW)
    opened.reopen()
    assert (opened.log.epoch, opened.log.shard_count) == (epoch, 1)


def test_memory_and_file_tell_the_same(opened: OpenLog):
    for at in range(5):
        opened.append(fact(at, metadata={"at": [at]}), partition=f"s{at % 2}", key=str(at))
    from_memory = recorded(opened.log.read(0, 0, 10))
    opened.reopen()
    assert recorded(opened.log.read(0, 0, 10)) == from_memory
    assert recorded(opened.log.read(0, 3, 1)) == from_memory[3:4]
    assert opened.log.read(0, 5, 10) == []


def test_memory_knows_how_far_it_reaches_back(opened: OpenLog):
    for at in range(3):
        opened.append(fact(at))
    assert opened.log.remembers(3, [0])
    assert not opened.log.remembers(2, [0]), "that are more"
    opened.reopen()
    assert not opened.log.remembers(3, [0])
    assert opened.log.remembers(3, [3])
    opened.append(fact(3))
    assert opened.log.remembers(3, [3])
    assert not opened.log.remembers(3, [2])


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
    assert recorded(reader.read(0, 0, 10)) == recorded(opened.log.read(0, 0, 10))
    assert reader.position() == opened.log.position() == Position(opened.log.epoch, ((0, 1),))
    assert reader.commits() == 0


def test_listeners_are_woken_after_the_commit_of_what_they_look_for(opened: OpenLog):
    seen: list[tuple[list[int], int]] = []
    opened.log.on_append(lambda: seen.append((opened.log.heads(), len(opened.rows("SELECT 1 FROM events")))))
    opened.append(fact(), fact())
    opened.append()
    assert seen == [([2], 2)]


def test_an_append_that_brings_nothing_wakes_nobody(opened: OpenLog):
    woken = Signal()
    opened.log.on_append(woken.set)
    for _ in range(2):  # the second is answered after whoever was to be woken by the first
        opened.append()
    assert not woken.is_set()


def test_a_partition_stays_in_its_shard(opened: OpenLog):
    assert opened.log.shard_of("s1") == 0
    opened.log.shard_count = 16
    assert [opened.log.shard_of(f"s{n}") for n in range(4)] == [11, 7, 10, 4]


def test_memory_and_file_tell_the_same_leaves(opened: OpenLog):
    for at in range(5):
        opened.append(fact(at), partition=f"s{at % 2}")
    leaves = [leaf for (leaf,) in opened.rows("SELECT leaf FROM events ORDER BY position")]
    for _ in ("from memory", "from the file"):
        assert opened.log.leaves(0, 1, 4) == leaves[1:4]
        assert opened.log.leaves(0, 0, 5) == leaves
        assert [opened.log.leaf_at(0, position) for position in (1, 5, 6)] == [leaves[0], leaves[4], None]
        entries, theirs = opened.log.read_with_leaves(0, 1, 3)
        assert recorded(entries) == recorded(opened.log.read(0, 1, 3))
        assert theirs == leaves[1:4]
        opened.reopen()


def test_leaves_are_those_of_the_entries_that_can_be_read(opened: OpenLog):
    opened.append(fact(1), fact(2), fact(3))
    opened.change("UPDATE events SET body = '{}' WHERE position = 3")
    opened.reopen()
    entries, leaves = opened.log.read_with_leaves(0, 0, 3)
    assert [entry.sequence for entry in entries] == [1, 2]
    assert leaves == opened.log.leaves(0, 0, 2)


def test_memory_answers_though_the_file_is_out_of_reach(opened: OpenLog):
    opened.append(fact(1), fact(2))
    kept, (leaf, last) = opened.log.read(0, 0, 2), opened.log.leaves(0, 0, 2)
    opened.change("ALTER TABLE events RENAME TO elsewhere")
    assert opened.log.read(0, 0, 2) == kept
    assert opened.log.leaves(0, 0, 2) == [leaf, last]
    assert (opened.log.leaf_at(0, 1), opened.log.leaf_at(0, 2)) == (leaf, last)


def test_a_part_of_a_partition_is_read(opened: OpenLog):
    opened.append(*map(fact, range(6)))
    assert [entry.sequence for entry in opened.log.read_stream("s1", after=1, up_to=4)] == [2, 3, 4]
    assert [entry.sequence for entry in opened.log.read_stream("s1", after=1, limit=2)] == [2, 3]


def test_commits_and_delivered_outcomes_are_told_as_well(opened: OpenLog):
    told: list[str] = []
    committed = Signal()
    opened.log.on_commit(lambda: told.append("committed"))
    opened.log.on_answered(lambda: told.append("answered"))
    opened.log.on_commit(committed.set)
    opened.append(fact())
    assert committed.wait(60)
    assert told == ["answered", "committed"], "those who asked come first"
