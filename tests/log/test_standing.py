from typing import Any

import pytest

from ledger.log.scan import Fault
from ledger.log.standing import read_standing
from tests.log.opened import NOW, OpenLog, fact, recording


def test_what_a_log_says_of_itself(embedded: OpenLog):
    embedded.append(fact(), fact(), key="k", body="two")
    standing = read_standing(embedded.looking)
    assert standing.shards == [(0, 2, NOW)]
    assert (standing.entries, standing.request_count, standing.imported) == (2, 1, [])
    assert standing.epochs.present.name == embedded.log.epoch
    assert standing.faults == []


def test_an_answer_about_nothing_that_was_recorded_is_no_fault(embedded: OpenLog):
    embedded.append(key="k", body="nothing")
    embedded.append(fact(), key="l", body="something")
    embedded.append(key="m", body="nothing more")
    assert read_standing(embedded.looking).request_faults == []


def test_a_log_of_an_earlier_version_has_imported_nothing(embedded: OpenLog):
    embedded.change("DROP TABLE imported")
    assert read_standing(embedded.looking).imported == []


def test_shards_that_are_not_there(embedded: OpenLog):
    embedded.change("INSERT INTO shards VALUES (1, 0, 0)")
    rule = "the heads of 1 shards are not all there, or more than those"
    assert read_standing(embedded.looking).faults == [Fault(rule, "shard")]


def test_an_entry_of_no_shard_is_named_wherever_it_says_it_is(embedded: OpenLog):
    embedded.append(*map(fact, range(3)))
    embedded.change("UPDATE events SET shard = 1 WHERE position = 3; UPDATE events SET shard = -1 WHERE position = 1")
    assert read_standing(embedded.looking).faults == [
        Fault("there is no shard -1", "shard", -1, 1, "s1", 1),
        Fault("there is no shard 1", "shard", 1, 3, "s1", 3),
    ]


def test_an_entry_beyond_its_shards_head_or_before_its_beginning_is_named(embedded: OpenLog):
    embedded.append(*map(fact, range(3)))
    embedded.change("UPDATE shards SET position = 2; UPDATE events SET position = 0 WHERE position = 1")
    rule = "the shard's head says that it ends at position 2"
    assert set(read_standing(embedded.looking).faults) == {
        Fault(rule, "position", 0, 0, "s1", 1),
        Fault(rule, "position", 0, 3, "s1", 3),
    }


def test_a_head_answers_for_its_own_shard_alone(embedded: OpenLog):
    embedded.append(*map(fact, range(2)))
    embedded.change("INSERT INTO shards VALUES (1, 1, 0); UPDATE epochs SET shards = 2")
    assert read_standing(embedded.looking).faults == []


def test_of_very_many_strays_the_first_are_enough(embedded: OpenLog):
    embedded.append(*map(fact, range(300)))
    embedded.change("UPDATE shards SET position = 150")
    assert len(read_standing(embedded.looking).faults) == 100
    embedded.change("UPDATE events SET shard = 1")
    assert [fault.position for fault in read_standing(embedded.looking).faults] == list(range(1, 101))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("answer = '{'", "cannot be given again"),
        ("position = 2", "names a place where the log has nothing of it"),
        ("sequence = 9", "names a place where the log has nothing of it"),
        ("sequence = 0", "names a place where the log has nothing of it"),
        ("position = 0", "names a place where the log has nothing of it"),
    ],
)
def test_an_answer_that_does_not_fit_the_log_is_named(embedded: OpenLog, change: str, rule: str):
    embedded.append(fact(), key="k", body="one")
    embedded.append(fact(), key="l", body="another", partition="s2")
    embedded.change(f"UPDATE requests SET {change} WHERE key = 'k'")
    ((sequence,),) = embedded.rows("SELECT sequence FROM requests WHERE key = 'k'")
    expected = Fault(f"the answer kept under the key 'k' {rule}", "requests", partition="s1", sequence=sequence)
    assert read_standing(embedded.looking).request_faults == [expected]


def test_of_very_many_answers_that_do_not_fit_the_first_are_enough(embedded: OpenLog):
    with embedded.together():
        asked = [embedded.submit(recording(fact()), key=str(number)) for number in range(101)]
    for outcome in asked:
        outcome.result(60)
    embedded.change("UPDATE requests SET answer = ''")
    assert len(read_standing(embedded.looking).request_faults) == 100


def test_shards_are_told_in_their_order(embedded: OpenLog):
    embedded.change("INSERT INTO shards VALUES (2, 7, 0), (1, 5, 0)")
    assert [row.shard for row in read_standing(embedded.looking).shards] == [0, 1, 2]


def test_what_was_imported_is_told_with_the_root_that_it_had(embedded: OpenLog):
    embedded.change("INSERT INTO imported VALUES ('s1', 4, x'ab', 'epoch', 0)")
    imported: Any = read_standing(embedded.looking).imported
    assert imported == [("s1", 4, b"\xab")]
