"""What came of a device's numbers: whatever has not come is missing, or its device has said why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.devices import (
    Arrival,
    Delivery,
    DeviceNumbers,
    FactsLost,
    RecordLoss,
    Stretch,
    decide,
    delivery_key,
    delivery_of,
    device_numbers,
)
from ledger.domain.refusals import Invalid

NUMBERS = st.integers(1, 10**15)
STRETCHES = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 8)).map(lambda drawn: (drawn[0], sum(drawn))), max_size=8
)


def arrival(first: int, last: int | None = None, at: int | None = 1, spool: str = "a", actor: str = "cam-2") -> Arrival:
    return Arrival(Delivery("cam-2", spool, first, last or first), actor, at)


def loss(first: int, last: int, why: str = "dropped") -> tuple[int, FactsLost]:
    return 5, FactsLost(device="cam-2", spool="a", numbers=(Stretch(first=first, last=last),), why=why)


def told(arrivals: list[Arrival], *losses: tuple[int, FactsLost]) -> DeviceNumbers:
    (numbers,) = device_numbers(arrivals, losses)
    return numbers


def stretches(numbers: tuple[Stretch, ...]) -> list[tuple[int, int]]:
    return [(each.first, each.last) for each in numbers]


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True), NUMBERS, st.integers(0, 10_000))
def test_a_key_says_what_was_sent(device: str, first: int, more: int):
    assert delivery_of(delivery_key(device, "7f3kq2ab", first, first + more)) == Delivery(
        device, "7f3kq2ab", first, first + more
    )


def test_a_fact_by_itself_and_a_batch():
    assert delivery_key("cam-2", "7f3kq2ab", 412, 412) == "device:cam-2:7f3kq2ab:412"
    assert delivery_key("cam-2", "7f3kq2ab", 412, 450) == "device:cam-2:7f3kq2ab:412-450"


@pytest.mark.parametrize(
    "key",
    ["sample-3", "device:cam-2:412", "device:cam-2:s:0", "device:cam-2:s:5-4", "device:a:b:s:1", "device:cam-2:s:1-"],
)
def test_other_peoples_keys_are_not_a_devices(key: str):
    assert delivery_of(key) is None


def test_what_never_arrived_is_missing_until_it_does():
    came = [arrival(1, 411), arrival(416, 450)]
    assert stretches(told(came).missing) == [(412, 415)]
    assert stretches(told([*came, arrival(413)]).missing) == [(412, 412), (414, 415)]
    cleared = told([*came, arrival(412, 415)])
    assert (cleared.missing, cleared.fact_count, cleared.last) == ((), 450, 450)


def test_what_came_after_a_greater_number_is_late():
    numbers = told([arrival(1), arrival(5), arrival(2, 4), arrival(6), arrival(3, at=None)])
    assert [(late.first, late.last, late.after) for late in numbers.late] == [(2, 4, 5)]


def test_what_is_lost_is_not_missing_and_once_it_has_come_not_lost():
    numbers = told([arrival(1, 3), arrival(8)], loss(4, 6))
    assert (stretches(numbers.missing), stretches(numbers.lost)) == ([(7, 7)], [(4, 6)])
    assert (numbers.lost[0].why, numbers.lost[0].recorded_at) == ("dropped", 5)
    assert stretches(told([arrival(1, 3), arrival(8), arrival(5)], loss(4, 6)).lost) == [(4, 4), (6, 6)]
    assert told([arrival(1)], loss(4, 4)).last == 4, "of a number that is lost one knows"


def test_the_latest_word_on_a_number_counts():
    numbers = told([arrival(1)], loss(2, 4, "refused"), loss(3, 3, "discarded"))
    assert [(each.first, each.last, each.why) for each in numbers.lost] == [
        (2, 2, "refused"),
        (3, 3, "discarded"),
        (4, 4, "refused"),
    ]


def test_spools_and_devices_are_told_apart_and_writers_are_not():
    found = device_numbers([arrival(1, actor="a"), arrival(2, actor="b"), arrival(1, spool="b")], [])
    assert [(each.spool, each.actors, each.fact_count) for each in found] == [
        ("a", ("a", "b"), 2),
        ("b", ("cam-2",), 1),
    ]


@given(STRETCHES, STRETCHES)
def test_every_number_is_one_of_arrived_missing_and_lost(came: list[tuple[int, int]], gone: list[tuple[int, int]]):
    if not came and not gone:
        return
    numbers = told([arrival(*each) for each in came], *(loss(*each) for each in gone))
    arrived = {number for first, last in came for number in range(first, last + 1)}
    lost = {number for first, last in gone for number in range(first, last + 1)} - arrived
    found = {number for each in numbers.lost for number in range(each.first, each.last + 1)}
    missing = {number for each in numbers.missing for number in range(each.first, each.last + 1)}
    assert (numbers.fact_count, found) == (len(arrived), lost)
    assert missing == set(range(1, numbers.last + 1)) - arrived - lost
    assert sum(each.last - each.first + 1 for each in numbers.lost) == len(lost), "each is told once"


def test_a_loss_says_which_and_why():
    asked = RecordLoss.model_validate(
        {"device": "cam-2", "spool": "a", "numbers": [{"first": 1, "last": 2}], "why": "dropped"}
    )
    (lost,) = decide(asked)
    assert (lost.numbers, lost.why) == ((Stretch(first=1, last=2),), "dropped")
    backwards = asked.model_copy(update={"numbers": [Stretch(first=2, last=1)]})
    with pytest.raises(Invalid, match=r"numbers\[0\].last: must not be less than first"):
        decide(backwards)
