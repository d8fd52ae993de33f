"""One stretch by itself; what becomes of a whole log that somebody touched is in tests/application/test_verify.py."""

from ledger.log.merkle import root_of
from ledger.log.scan import Fault, Stretch, check_file, scan
from tests.log.opened import NOW, OpenLog, fact


def test_a_stretch_says_what_it_holds(embedded: OpenLog):
    embedded.append(*(fact(at) for at in range(6)), partition="s1")
    embedded.now += 5
    embedded.append(fact(), fact(), partition="s2")
    found = scan(embedded.looking, Stretch(0, 2, 8, {"s1": [3, 4]}, {}))
    assert found.faults == []
    assert (found.tree.begin, found.tree.end) == (2, 8)
    s1, s2 = found.partitions["s1"], found.partitions["s2"]
    assert (s1.first, s1.last, s2.first, s2.last) == (3, 6, 1, 2)
    assert [(piece.begin, piece.end) for piece in s1.ranges] == [(2, 3), (3, 4), (4, 6)]
    leaves = [leaf for (leaf,) in embedded.rows("SELECT leaf FROM events WHERE partition = 's2' ORDER BY sequence")]
    assert s2.ranges[0].root() == root_of(leaves)
    assert (found.first_recorded_at, found.last_recorded_at, found.latest) == (NOW, NOW + 5, NOW + 5)


def test_what_was_imported_may_be_older_than_its_neighbours(embedded: OpenLog):
    embedded.append(fact(), partition="s1")
    embedded.append(fact(), partition="s2")
    embedded.change(
        "UPDATE events SET recorded_at = 5 WHERE partition = 's2'"
    )  # its leaf is then another, which is one fault
    assert len(scan(embedded.looking, Stretch(0, 0, 2, {}, {})).faults) == 2
    found = scan(embedded.looking, Stretch(0, 0, 2, {}, {"s2": 1}))
    assert len(found.faults) == 1
    assert (found.first_recorded_at, found.last_recorded_at, found.latest) == (NOW, NOW, NOW)


def test_where_everything_is_wrong_the_first_are_enough(embedded: OpenLog):
    embedded.append(*(fact(at) for at in range(500)))
    embedded.change("UPDATE events SET leaf = zeroblob(32)")
    assert len(scan(embedded.looking, Stretch(0, 0, 500, {}, {})).faults) == 100


def test_an_empty_stretch_that_should_not_be_one(embedded: OpenLog):
    (fault,) = scan(embedded.looking, Stretch(0, 0, 3, {}, {})).faults
    assert (fault.rule, fault.position) == ("position 1 is missing", 1)


def test_a_file_that_nobody_touched_is_sound(embedded: OpenLog):
    assert check_file(embedded.looking) == []


def test_a_file_with_pages_that_nothing_refers_to_is_damaged(embedded: OpenLog):
    embedded.change("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'events_of_entity'")
    (fault,) = check_file(embedded.looking)
    assert fault.rule.startswith("the file is damaged: ")
    assert "never used" in fault.rule


def test_a_fault_says_where_it_is(embedded: OpenLog):
    embedded.append(fact(), fact(), partition="s1")
    embedded.append(fact(), fact(), fact(), partition="s2")
    embedded.change("UPDATE events SET entity = 'camera:c' WHERE position = 4")
    (fault,) = scan(embedded.looking, Stretch(0, 0, 5, {}, {})).faults
    assert fault == Fault("the event is not about 'camera:c'", "entity", 0, 4, "s2", 2)
    assert str(fault) == "session s2, sequence 2, position 4, column entity: the event is not about 'camera:c'"


def test_what_does_not_follow_is_told_by_its_column(embedded: OpenLog):
    embedded.append(*(fact(at) for at in range(4)), partition="s1")
    embedded.change(
        "UPDATE events SET sequence = 9 WHERE position = 2; UPDATE events SET recorded_at = 5 WHERE position = 3"
    )
    faults = scan(embedded.looking, Stretch(0, 0, 4, {}, {})).faults
    assert Fault("sequence 2 was expected here", "sequence", 0, 2, "s1", 9) in faults
    assert Fault("sequence 10 was expected here", "sequence", 0, 3, "s1", 3) in faults
    assert Fault("recorded before the session's entry before it", "recorded_at", 0, 3, "s1", 3) in faults
    assert Fault("recorded before the shard's entry before it", "recorded_at", 0, 3, "s1", 3) in faults


def test_a_key_that_is_empty_is_told(embedded: OpenLog):
    embedded.append(fact(), partition="s1", key="k")
    embedded.change("UPDATE events SET key = '' WHERE position = 1")
    faults = scan(embedded.looking, Stretch(0, 0, 1, {}, {})).faults
    assert Fault("no key is ever empty", "key", 0, 1, "s1", 1) in faults


def test_a_fault_of_no_place_says_only_what_it_is():
    assert str(Fault("the file is damaged")) == "the file is damaged"
    assert str(Fault("ends early", position=0)) == "position 0: ends early"
