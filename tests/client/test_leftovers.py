"""What was taken is deleted when there is time, and is as good as gone from the moment in which that was written down."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.client import leftovers as module
from ledger.client import outbox as outbox_module
from ledger.client.contents import look_into
from ledger.client.failures import SpoolFullError
from ledger.client.outbox import Outbox
from ledger.client.spool import Spool
from tests.client.spools import batches, cut, moment, numbers, open_spool


def taken(spool: Spool, facts_max: int = 1_000) -> list[int]:
    """The oldest facts go out, and the ledger has taken them."""
    sent = spool.take(facts_max)
    if sent:
        Outbox(spool).acknowledge(sent, [f"s-e{number}" for number in numbers(sent)])
    return numbers(sent)


def held(spool: Spool) -> list[int]:
    """The numbers of all facts that are in the file."""
    return [number for (number,) in spool.connection.execute("SELECT number FROM facts ORDER BY number")]


def test_it_is_deleted_part_by_part_and_nothing_that_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SWEPT_AT_A_TIME", 4)
    spool = open_spool(tmp_path)
    spool.append([moment(), cut(), cut(), cut(), moment(), *[cut()] * 6, moment(), moment()])
    assert [taken(spool, 1), taken(spool, 3), taken(spool, 1), taken(spool, 6)] == [
        [1],
        [2, 3, 4],
        [5],
        [*range(6, 12)],
    ]
    assert (spool.pending, batches(spool), held(spool)) == (2, [[12], [13]], [*range(1, 14)])
    left = [(part.last, part.fact_count) for part in spool.leftovers.parts]
    assert left == [(4, 4), (11, 7)], "whole batches, of which one may be larger"
    spool.sweep()
    assert held(spool) == [*range(5, 14)]
    assert taken(spool, 1) == [12]
    due = [spool.leftovers.is_due]
    spool.sweep()
    assert held(spool) == [12, 13]
    assert [*due, spool.leftovers.is_due] == [True, False]
    for _ in range(2):
        spool.sweep()
        assert (held(spool), spool.leftovers) == ([13], module.Leftovers())


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["record", "take", "refuse", "sweep", "retry", "open"]), max_size=12))
def test_whatever_happens_what_waits_is_what_was_not_taken(tmp_path_factory: pytest.TempPathFactory, acts: list[str]):
    folder = tmp_path_factory.mktemp("spool")
    spool = open_spool(folder)
    waiting: set[int] = set()
    for act in acts:
        last = spool.last
        match act:
            case "record":
                spool.append([moment(), cut(), cut(), cut()])
            case "take":
                waiting -= {*taken(spool, 2)}
            case "refuse":
                refused = spool.take(1)
                waiting -= {*numbers(refused)}
                Outbox(spool).set_aside(refused, "not_found", "there is no such session")
            case "retry":
                waiting |= {aside.number for aside in Outbox(spool).aside()}
                Outbox(spool).retry()
            case "sweep":
                spool.sweep()
            case _:
                spool.close()
                spool = open_spool(folder)
        waiting |= {*range(last + 1, spool.last + 1)}
        found = [number for batch in batches(spool) for number in batch]
        assert (found, spool.pending) == (sorted(waiting), len(waiting))
        assert look_into(folder).counted == (spool.last, spool.pending, spool.size)
    spool.close()


def test_it_takes_no_room_from_what_is_recorded(tmp_path: Path):
    spool = open_spool(tmp_path, limit_bytes=3_000)
    spool.append([cut(metadata="x" * 1_000)])
    taken(spool)
    spool.append([cut(metadata="x" * 1_000)])
    assert held(spool) == [1, 2], "there is room for both"
    spool.append([cut(metadata="x" * 1_000)])
    assert held(spool) == [2, 3]
    with pytest.raises(SpoolFullError, match="of 3000"):
        spool.append([cut(metadata="x" * 1_000)])


def test_there_is_never_more_of_it_than_is_known_to_be_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SWEPT_AT_A_TIME", 2)
    monkeypatch.setattr(outbox_module, "LEFTOVERS_MAX", 4)
    spool = open_spool(tmp_path)
    for _ in range(10):
        spool.append([moment()])
        taken(spool)
        assert len(held(spool)) <= 4
    assert held(spool) == [7, 8, 9, 10]


def test_what_is_sent_once_more_goes_before_everything_and_is_not_taken_for_it(tmp_path: Path):
    spool = open_spool(tmp_path)
    outbox = Outbox(spool)
    spool.append([moment()])
    outbox.set_aside(spool.take(), "not_found", "there is no such session")
    spool.append([moment(), moment()])
    taken(spool)
    spool.append([moment()])
    under_way = spool.take()
    assert (numbers(under_way), held(spool)) == ([5], [2, 3, 4, 5])
    outbox.retry()
    assert batches(spool) == [[1], [5]]
    outbox.acknowledge(under_way, ["s-m5"])
    spool.close()
    assert batches(open_spool(tmp_path)) == [[1]]
