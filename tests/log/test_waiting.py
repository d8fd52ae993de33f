"""What waits for the writer is taken in the order of each shard, and by turns from the shards."""

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.optimistic import EVENTS_MAX
from ledger.log.requests import Decision, LogUnavailableError, Request
from ledger.log.waiting import GROUP_EVENTS_MAX, HALVED_MAX, HALVED_MIN, Asked, Waiting, joined

Coming = tuple[int, Request]


def asked(shard: int, number: int = 0, weight: int = 1) -> Coming:
    return shard, Request(f"{shard}.{number}", "ann", lambda _: Decision((), str), print, weight=weight)


def names(group: Asked) -> list[str]:
    return [request.partition for requests in group.values() for request in requests]


def waiting_for(*all_asked: Coming) -> Waiting:
    waiting = Waiting()
    for each in all_asked:
        waiting.put(*each)
    return waiting


def test_what_waits_is_taken_together():
    waiting = waiting_for(asked(1, 1), asked(0, 1), asked(1, 2))
    assert len(waiting) == 3
    assert names(waiting.next_group()) == ["1.1", "1.2", "0.1"]
    assert len(waiting) == 0


def test_one_that_is_larger_than_a_group_may_be_goes_alone():
    waiting = waiting_for(asked(0, 1, GROUP_EVENTS_MAX + 1), asked(0, 2), asked(1, 1))
    assert [names(waiting.next_group()) for _ in range(2)] == [["0.1"], ["1.1", "0.2"]]


def test_shards_take_turns_where_a_group_cannot_hold_all():
    heavy = GROUP_EVENTS_MAX // 2 + 1
    waiting = waiting_for(*(asked(0, number, heavy) for number in range(3)), asked(1, 1, heavy), asked(2, 1))
    groups = [names(waiting.next_group()) for _ in range(4)]
    assert groups == [["0.0", "2.1"], ["1.1"], ["0.1"], ["0.2"]]


def test_what_was_left_stands_before_what_has_come_since_and_behind_other_shards():
    waiting = waiting_for(asked(0, 1, GROUP_EVENTS_MAX), asked(0, 2, GROUP_EVENTS_MAX))
    left = waiting.next_group()
    waiting.put(*asked(0, 3))
    waiting.put(*asked(1, 1))
    waiting.leave(left)
    assert len(waiting) == 4
    assert names(waiting.next_group()) == ["0.1"], "it is tried again"
    waiting.leave(left)
    groups = [names(waiting.next_group()) for _ in range(3)]
    assert groups == [["1.1"], ["0.1"], ["0.2"]]


def test_shards_that_are_kept_apart_come_alone_until_they_are_put_together():
    waiting = Waiting()
    waiting.keep_apart([0, 1])

    def groups() -> list[list[str]]:
        for shard in range(4):
            waiting.put(*asked(shard))
        taken = []
        while waiting:
            taken.append(names(waiting.next_group()))
        return taken

    assert groups() == [["0.0"], ["1.0"], ["2.0", "3.0"]]
    waiting.put_together([0])
    assert groups() == [["0.0", "2.0", "3.0"], ["1.0"]]
    waiting.put_together([1, 2])
    assert groups() == [["0.0", "1.0", "2.0", "3.0"]]


def test_who_waits_for_nothing_but_locked_heads_looks_again_less_and_less_often_and_at_once_for_others():
    waiting = waiting_for(asked(0))
    for _ in range(8):
        waiting.leave(waiting.next_group())
    other = Thread(target=waiting.put, args=asked(1))
    other.start()
    group = waiting.next_group()
    while len(group) < 2:
        waiting.leave(group)
        group = waiting.next_group()
    other.join()
    assert names(group) in (["0.0", "1.0"], ["1.0", "0.0"])


def test_when_it_is_closed_it_takes_nothing_more_and_ends_with_what_there_is():
    waiting = waiting_for(asked(0))
    waiting.close()
    with pytest.raises(LogUnavailableError, match="closing"):
        waiting.put(*asked(0))
    assert names(waiting.next_group()) == ["0.0"]
    assert not waiting.is_given_up
    assert waiting.next_group() == {}


places = st.tuples(st.integers(0, 3), st.sampled_from((1, 7, GROUP_EVENTS_MAX // 2, GROUP_EVENTS_MAX)))


@given(st.lists(places, max_size=20), st.lists(st.sets(st.integers(0, 3)), max_size=10), st.sets(st.integers(0, 3)))
def test_each_is_taken_once_and_in_the_order_of_its_shard_whatever_is_left(
    coming: list[tuple[int, int]], locked: list[set[int]], apart: set[int]
):
    waiting = Waiting()
    waiting.keep_apart(apart)
    for number, (shard, weight) in enumerate(coming):
        waiting.put(*asked(shard, number, weight))
    taken: list[str] = []
    while waiting:
        group = waiting.next_group()
        weights = [request.weight for requests in group.values() for request in requests]
        assert len(weights) == 1 or sum(weights) <= GROUP_EVENTS_MAX
        held = locked.pop() if locked else set()
        taken += names({shard: requests for shard, requests in group.items() if shard not in held})
        waiting.leave({shard: requests for shard, requests in group.items() if shard in held})
    assert sorted(taken) == sorted(f"{shard}.{number}" for number, (shard, _) in enumerate(coming))
    for shard in range(4):
        numbers = [int(name.partition(".")[2]) for name in taken if name.startswith(f"{shard}.")]
        assert numbers == sorted(numbers)


def test_of_many_that_wait_one_half_is_taken_and_the_other_while_it_is_under_way():
    waiting = waiting_for(*(asked(number % 3, number) for number in range(64)))
    halves = [sum(map(len, waiting.next_half(under_way).values())) for under_way in (None, 32)]
    assert halves == [32, 32]
    assert waiting.next_half(32) == {}, "nothing has come: what is under way is waited for"


@pytest.mark.parametrize(("waiting_now", "under_way", "taken"), [
    (HALVED_MIN, None, HALVED_MIN), (HALVED_MIN + 1, None, HALVED_MIN), (HALVED_MIN, 1, HALVED_MIN), (HALVED_MIN - 1, 1, 0),
    (63, 1, 32), (19, 40, 0), (20, 40, 20), (HALVED_MAX, None, EVENTS_MAX), (HALVED_MAX + 1, None, HALVED_MAX + 1),
])  # fmt: skip
def test_few_are_not_halved_nor_are_very_many(waiting_now: int, under_way: int | None, taken: int):
    waiting = waiting_for(*(asked(0, number) for number in range(waiting_now)))
    assert len(names(waiting.next_half(under_way))) == taken
    assert len(waiting) == waiting_now - taken


def test_what_was_left_counts_again_among_those_that_wait():
    waiting = waiting_for(*(asked(0, number) for number in range(40)))
    waiting.leave(waiting.next_group())
    assert len(names(waiting.next_half(None))) == 20


def test_what_weighs_nothing_is_under_way_all_the_same():
    assert Waiting().next_half(0) == {}, "it is waited for"


def test_two_groups_are_joined_in_the_order_of_each_shard():
    first, then = ([request] for _, request in (asked(0, 1), asked(0, 2)))
    (_, other), (_, third) = asked(1, 1), asked(2, 1)
    joint = joined({0: first, 1: [other]}, {2: [third], 0: then})
    assert {shard: names({shard: requests}) for shard, requests in joint.items()} == {
        0: ["0.1", "0.2"],
        1: ["1.1"],
        2: ["2.1"],
    }
