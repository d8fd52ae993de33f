from ledger.log.standing import read_standing
from tests.log.opened import NOW, OpenLog, fact


def test_what_a_log_says_of_itself(embedded: OpenLog):
    embedded.append(fact(), fact(), key="k", body="two")
    standing = read_standing(embedded.path)
    assert standing.shards == [(0, 2, NOW)]
    assert (standing.entries, standing.request_count, standing.imported) == (2, 1, [])
    assert standing.epochs.present.name == embedded.log.epoch
    assert standing.faults == []


def test_an_answer_about_nothing_that_was_recorded_is_no_fault(embedded: OpenLog):
    embedded.append(key="k", body="nothing")
    embedded.append(fact(), key="l", body="something")
    embedded.append(key="m", body="nothing more")
    assert read_standing(embedded.path).request_faults == []


def test_a_log_of_an_earlier_version_has_imported_nothing(embedded: OpenLog):
    embedded.change("DROP TABLE imported")
    assert read_standing(embedded.path).imported == []


def test_shards_that_are_not_there(embedded: OpenLog):
    embedded.change("INSERT INTO shards VALUES (1, 0, 0)")
    assert [fault.column for fault in read_standing(embedded.path).faults] == ["shard"]
