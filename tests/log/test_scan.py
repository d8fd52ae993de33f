"""One stretch by itself; what becomes of a whole log that somebody touched is in tests/application/test_verify.py."""

from pathlib import Path

from ledger.log.merkle import root_of
from ledger.log.scan import Stretch, check_file, scan
from tests.log.opened import NOW, OpenLog, fact


def test_a_stretch_says_what_it_holds(embedded: OpenLog):
    embedded.append(*(fact(at) for at in range(6)), partition="s1")
    embedded.now += 5
    embedded.append(fact(), fact(), partition="s2")
    found = scan(embedded.path, Stretch(0, 2, 8, {"s1": [3, 4]}, {}))
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
    assert len(scan(embedded.path, Stretch(0, 0, 2, {}, {})).faults) == 2
    found = scan(embedded.path, Stretch(0, 0, 2, {}, {"s2": 1}))
    assert len(found.faults) == 1
    assert (found.first_recorded_at, found.last_recorded_at, found.latest) == (NOW, NOW, NOW)


def test_where_everything_is_wrong_the_first_are_enough(embedded: OpenLog):
    embedded.append(*(fact(at) for at in range(500)))
    embedded.change("UPDATE events SET leaf = zeroblob(32)")
    assert len(scan(embedded.path, Stretch(0, 0, 500, {}, {})).faults) == 100


def test_an_empty_stretch_that_should_not_be_one(embedded: OpenLog):
    (fault,) = scan(embedded.path, Stretch(0, 0, 3, {}, {})).faults
    assert (fault.rule, fault.position) == ("position 1 is missing", 1)


def test_a_file_that_is_none(embedded: OpenLog, tmp_path: Path):
    assert check_file(embedded.path) == []
