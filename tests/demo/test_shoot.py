"""The sample shoot: the same for a seed, and possible to play."""

from itertools import pairwise
from typing import Any

import pytest

from ledger.demo.script import MULTICAM, POST, WRITERS, Ref
from ledger.demo.shoot import sample_shoot


def refs_in(value: Any) -> set[str]:
    if isinstance(value, Ref):
        return {value.name}
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name for item in inside for name in refs_in(item)}


def test_it_is_the_same_for_a_seed_and_another_for_another():
    assert sample_shoot(3) == sample_shoot(3)
    assert sample_shoot(3) != sample_shoot(4)


@pytest.mark.parametrize("seed", [7, 1, 2, 3])
def test_every_id_is_known_before_it_is_needed(seed: int):
    shoot = sample_shoot(seed)
    known_at = {
        name: (call.at_ms, writer)
        for writer, calls in shoot.calls.items()
        for call in calls
        for name in call.names
        if name is not None
    }
    for writer, calls in shoot.calls.items():
        own: set[str | None] = set()
        for call in calls:
            for name in refs_in(call.arguments):
                at_ms, by = known_at[name]
                assert name in own if by == writer else at_ms < call.at_ms, f"{writer} waits for {name}"
            own |= set(call.names)


@pytest.mark.parametrize("seed", [7, 1, 2, 3])
def test_no_two_writers_share_a_millisecond(seed: int):
    facts = sorted(sample_shoot(seed).facts, key=lambda fact: fact.ms)
    assert [a for a, b in pairwise(facts) if a.ms == b.ms and a.writer != b.writer] == []


def test_it_has_the_size_of_a_shoot():
    shoot = sample_shoot()
    assert tuple(shoot.calls) == WRITERS
    cuts = [fact for fact in shoot.facts if fact.event["eventType"] == "cut"]
    assert 100 <= len(cuts) <= 300
    assert 1_500 <= len(shoot.facts) + shoot.call_count <= 3_000
    assert 540_000 < shoot.calls[MULTICAM][-1].at_ms - shoot.facts[0].ms < 720_000
    assert all(call.at_ms >= before.at_ms for before, call in pairwise(shoot.calls[POST]))
