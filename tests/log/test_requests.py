"""Requests under keys: the same is answered as the first time, and another is refused."""

import pytest

from ledger.domain.refusals import KeyReused, Refusal, SessionNotFound
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from tests.log.opened import OpenLog, fact, recording


def refusing(_stream: Stream) -> Decision:
    raise SessionNotFound("s1")


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
    first = outcomes[0].result(10)
    assert outcomes[1].result(10) == first._replace(repeated=True)
    assert isinstance(outcomes[2].exception(10), KeyReused)
    assert opened.log.heads() == [1]


def test_a_key_is_its_actors_own_in_one_partition(opened: OpenLog):
    opened.append(fact(1), key="k", body="a")
    assert opened.append(fact(1), key="k", body="b", actor="ben").sequence == 2
    assert opened.append(fact(1), key="k", body="b", partition="s2").sequence == 1


def test_what_was_refused_may_be_asked_again_under_its_key(opened: OpenLog):
    with pytest.raises(Refusal):
        opened.submit(refusing, key="k", body="a").result(10)
    assert opened.append(fact(1), key="k", body="a").repeated is False
