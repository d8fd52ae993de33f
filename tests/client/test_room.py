"""A full spool drops what is worth least, says so, and never touches what may have been sent."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.client import batches as module
from ledger.client.failures import SpoolFullError
from ledger.client.functions import Call, call_of
from ledger.client.outbox import Outbox
from ledger.client.room import stretches
from ledger.client.spool import Spool
from tests.client.spools import OPENED, SESSION, batches, cut, moment, numbers


def bar(number: int = 0, session: str = SESSION) -> Call:
    return call_of(
        "appendDirectorEvent", {"sessionId": session, "eventType": "bar_fire", "timestampMs": number}, lambda: 0
    )


def set_one_aside(spool: Spool, outbox: Outbox) -> None:
    """A fact is refused, and that it is missing is recorded."""
    spool.append([moment()])
    outbox.set_aside(spool.take(), "not_found", "no such session")
    (report,) = spool.take()
    outbox.acknowledge([report], [None])


def opened(folder: Path, limit_bytes: int, heard: list[Sequence[int]] | None = None, *droppable: str) -> Spool:
    hear = (lambda numbers: None) if heard is None else heard.append
    OPENED.append(Spool(folder, "cam-2", limit_bytes=limit_bytes, droppable=droppable, on_dropped=hear))
    return OPENED[-1]


def kinds(spool: Spool) -> list[tuple[int, str]]:
    return list(spool.connection.execute("SELECT number, kind FROM facts ORDER BY number"))


def test_what_is_worth_least_goes_first_and_the_oldest_of_it(tmp_path: Path):
    heard: list[Sequence[int]] = []
    spool = opened(tmp_path, 8_000, heard, "bar_fire", "appendMusicMoment")
    spool.append([cut()])
    for number in range(70):
        spool.append([(moment, bar)[number % 2](number)])
    dropped = [number for numbers in heard for number in numbers]
    assert dropped
    left = kinds(spool)
    assert (1, "cut") in left
    bars = [number for number, kind in left if kind == "bar_fire"]
    assert bars, "while there are bars, no moment goes"
    assert max(dropped) < min(bars)
    assert len([kind for _, kind in left if kind == "appendMusicMoment"]) == 35
    lost = [number for number, kind in left if kind == "ledger:recordLoss"]
    assert len(lost) == len(heard), "every time it is recorded"
    numbers = [number for number, _ in left]
    assert sorted([*numbers, *dropped]) == list(range(1, spool.last + 1)), "each is there or is reported"


def test_what_may_not_be_dropped_is_refused_instead(tmp_path: Path):
    spool = opened(tmp_path, 700, None, "bar_fire")
    while spool.size < 550:
        spool.append([cut()])
    before = kinds(spool)
    with pytest.raises(SpoolFullError):
        spool.append([cut(metadata="x" * 300)])
    assert kinds(spool) == before


def test_the_batch_that_may_have_been_sent_stays_as_it_is(tmp_path: Path):
    spool = opened(tmp_path, 3_000, None, "bar_fire")
    spool.append([bar(), cut(), bar()])
    taken = numbers(spool.take())
    while spool.size < 2_500:
        spool.append([cut()])
    with pytest.raises(SpoolFullError):
        spool.append([cut()] * 10)
    assert batches(spool)[0] == taken == [1, 2, 3]


@pytest.mark.parametrize("crashed", [False, True])
def test_the_one_that_may_have_been_sent_behind_it_stays_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crashed: bool
):
    monkeypatch.setattr(module, "REQUEST_FACTS_MAX", 2)
    spool = opened(tmp_path, 3_000, None, "bar_fire")
    spool.append([bar(), bar()])
    spool.append([bar(session="other"), bar(session="other")])
    spool.append([bar()] * 8)
    assert numbers(spool.take_behind(spool.take(2), 2)) == [3, 4]
    if crashed:
        spool.close()
        spool = opened(tmp_path, 3_000, None, "bar_fire")
    spool.append([cut(metadata="x" * (3_000 - spool.size - 100))])
    assert batches(spool)[:2] == [[1, 2], [3, 4]]
    assert 5 not in {number for number, _ in kinds(spool)}, "what was not sent made room"


def test_retrying_again_and_again_opens_nothing(tmp_path: Path):
    spool = opened(tmp_path, 4_000, None, "bar_fire")
    outbox = Outbox(spool)
    for _ in range(2):
        set_one_aside(spool, outbox)
    spool.append([bar(), bar()])
    taken = numbers(spool.take())
    first, second = (aside.number for aside in outbox.aside())
    outbox.retry([second])
    outbox.retry([first])
    with pytest.raises(SpoolFullError):
        spool.append([cut(metadata="x" * 4_000)])
    assert taken in batches(spool)


def test_what_is_left_of_a_batch_goes_out_in_batches_of_consecutive_numbers(tmp_path: Path):
    spool = opened(tmp_path, 8_000, None, "bar_fire")
    spool.append([moment()])
    spool.append([cut(), bar(), bar(), cut(), cut(), bar(), cut()] * 6)
    spool.append([cut(metadata="x" * (8_000 - spool.size))])
    assert "ledger:recordLoss" in {kind for _, kind in kinds(spool)}
    for batch in batches(spool):
        assert batch == list(range(batch[0], batch[-1] + 1))
    assert [2] in batches(spool)


def test_a_retry_does_not_open_the_batch_that_may_have_been_sent(tmp_path: Path):
    spool = opened(tmp_path, 3_000, None, "bar_fire")
    outbox = Outbox(spool)
    set_one_aside(spool, outbox)
    spool.append([bar(), bar()])
    taken = numbers(spool.take())
    assert outbox.retry() == 1
    assert batches(spool) == [[1], taken]
    with pytest.raises(SpoolFullError):
        spool.append([cut(metadata="x" * 3_000)])
    assert taken in batches(spool)


@given(st.sets(st.integers(1, 60)))
def test_stretches_are_the_numbers(numbers: set[int]):
    found = stretches((number, number) for number in sorted(numbers))
    assert {number for first, last in found for number in range(first, last + 1)} == numbers
    assert all(after[0] > before[1] + 1 for before, after in pairwise(found)), "and as few as can be"
