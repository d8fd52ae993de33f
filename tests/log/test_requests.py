"""Requests under keys: the same is answered as the first time, and another is refused."""

import pytest

from ledger.domain.refusals import KeyReused, Refusal
from ledger.log.requests import LOOKED_UP_MAX, AnsweredRequest, answered_requests, remember
from tests.log.opened import OpenLog, fact, recording, refusing


def test_the_same_request_under_its_key_is_answered_as_the_first_time(opened: OpenLog):
    first = opened.append(fact(1), key="k", body="a")
    opened.append(fact(2))
    assert opened.append(fact(1), key="k", body="a") == first._replace(repeated=True)
    opened.reopen()
    assert opened.append(fact(1), key="k", body="a") == first._replace(repeated=True)
    assert opened.log.heads() == [2]


def test_one_key_is_good_for_one_request_only(opened: OpenLog):
    opened.append(fact(1), key="k", body="a")
    for _ in ("at once", "after a restart"):
        with pytest.raises(KeyReused):
            opened.append(fact(1), key="k", body="b")
        opened.reopen()


def test_a_key_holds_inside_one_group_too(opened: OpenLog):
    with opened.together():
        outcomes = [opened.submit(recording(fact(1)), key="k", body=body) for body in ("a", "a", "b")]
    first = outcomes[0].result(60)
    assert outcomes[1].result(60) == first._replace(repeated=True)
    assert isinstance(outcomes[2].exception(10), KeyReused)
    assert opened.log.heads() == [1]


def test_a_key_is_its_actors_own_in_one_partition(opened: OpenLog):
    opened.append(fact(1), key="k", body="a")
    assert opened.append(fact(1), key="k", body="b", actor="ben").sequence == 2
    assert opened.append(fact(1), key="k", body="b", partition="s2").sequence == 1


def test_what_was_refused_may_be_asked_again_under_its_key(opened: OpenLog):
    with pytest.raises(Refusal):
        opened.submit(refusing, key="k", body="a").result(60)
    assert opened.append(fact(1), key="k", body="a").repeated is False


def test_many_keys_are_looked_up_together_and_each_has_its_own_answer(opened: OpenLog):
    kept = {(f"s{at % 7}", "ann", f"k{at}"): AnsweredRequest(b"d", f"{at}", at, at) for at in range(100)}
    with opened.writing.begin() as connection:
        remember(connection, kept)
    for asked in range(0, 141, 20):
        places = [(f"s{at % 7}", "ann", f"k{at}") for at in range(60, 60 + asked)]
        with opened.writing.begin() as connection:
            found = answered_requests(connection, places)
        assert found == {under: kept[under] for under in places if under in kept}
    with opened.writing.begin() as connection:
        assert answered_requests(connection, [("s0", "ben", "k0"), ("s1", "ann", "k0")]) == {}


def test_a_group_answers_what_was_asked_before_and_carries_out_the_rest(opened: OpenLog):
    before = [opened.append(fact(at), key=f"k{at}", body="a") for at in range(5)]
    opened.reopen()
    with opened.together():
        asked = [opened.submit(recording(fact(at)), key=f"k{at}", body="a") for at in range(10)]
        other = opened.submit(recording(fact(3)), key="k3", body="b")
    told = [outcome.result(60) for outcome in asked]
    assert told[:5] == [receipt._replace(repeated=True) for receipt in before]
    assert [receipt.sequence for receipt in told[5:]] == [6, 7, 8, 9, 10]
    assert isinstance(other.exception(10), KeyReused)


def test_they_are_looked_up_by_their_index_though_the_plan_was_made_when_there_were_none(shared: OpenLog):
    keys = " OR ".join(f"(partition = 's1' AND actor = 'ann' AND key = 'k{at}')" for at in range(LOOKED_UP_MAX))
    with shared.writing.begin() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN SELECT answer FROM requests WHERE {keys}").scalars().all()
    assert "requests_pkey" in "".join(plan)
    assert "Seq Scan" not in "".join(plan)


def test_a_question_that_must_scan_is_not_compiled_first(shared: OpenLog):
    with shared.writing.begin() as connection:
        plan = connection.exec_driver_sql("EXPLAIN SELECT position FROM shards WHERE recorded_at > 5").scalars().all()
    assert "Seq Scan" in "".join(plan)
    assert "JIT" not in "".join(plan)
