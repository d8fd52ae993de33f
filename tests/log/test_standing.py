from ledger.log.standing import read_standing
from tests.log.opened import NOW, OpenLog, fact


def test_what_a_log_says_of_itself(opened: OpenLog):
    opened.append(fact(), fact(), key="k", body="two")
    standing = read_standing(opened.path)
    assert standing.shards == [(0, 2, NOW)]
    assert (standing.entries, standing.request_count, standing.imported) == (2, 1, [])
    assert standing.epochs.present.name == opened.log.epoch
    assert standing.faults == []


def test_an_answer_about_nothing_that_was_recorded_is_no_fault(opened: OpenLog):
    opened.append(key="k", body="nothing")
    opened.append(fact(), key="l", body="something")
    opened.append(key="m", body="nothing more")
    assert read_standing(opened.path).request_faults == []


def test_a_log_of_an_earlier_version_has_imported_nothing(opened: OpenLog):
    opened.change("DROP TABLE imported")
    assert read_standing(opened.path).imported == []


def test_shards_that_are_not_there(opened: OpenLog):
    opened.change("INSERT INTO shards VALUES (1, 0, 0)")
    assert [fault.column for fault in read_standing(opened.path).faults] == ["shard"]
