"""Batches: what goes out together, which is as it was after any crash."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.client import batches as module
from ledger.client.functions import Call, call_of
from ledger.client.outbox import Outbox
from ledger.client.references import reference
from tests.client.spools import SESSION, batches, cut, moment, numbers, open_spool

STILL = {"sessionId": SESSION, "cameraId": "hero", "score": 1}


def test_director_events_of_one_session_go_out_together(tmp_path: Path):
    spool = open_spool(tmp_path)
    for call in (cut(), cut(), cut(session="other"), cut(session="other"), moment(), cut(), moment(), moment()):
        spool.append([call])
    assert batches(spool) == [[1, 2], [3, 4], [5], [6], [7], [8]]


def test_what_was_taken_up_to_be_sent_grows_no_more(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([cut(), cut()])
    assert numbers(spool.take()) == [1, 2]
    spool.append([cut()])
    assert batches(spool) == [[1, 2], [3]]
    assert numbers(spool.take()) == [1, 2], "it stays until it is settled"


def test_what_goes_out_behind_is_what_grows_no_more(tmp_path: Path):
    spool = open_spool(tmp_path)
    outbox = Outbox(spool)
    spool.append([cut(), cut()])
    first = spool.take()
    assert spool.take_behind(first) == []
    spool.append([cut()])
    assert spool.take_behind(first) == [], "the next fact may join it"
    spool.append([moment()])
    behind = spool.take_behind(first)
    assert numbers(behind) == [3, 4]
    spool.append([moment()])
    assert spool.take_behind(behind) == [], "what is to go out before it is not settled"
    outbox.acknowledge(first, ["s-e1", "s-e2"])
    assert numbers(spool.take_behind(behind)) == [5]
    assert numbers(spool.take()) == [3, 4, 5], "each has its own key, whatever it goes out with"
    spool.close()
    assert spool.take_behind(behind) == []


def test_what_names_a_fact_waits_until_that_has_an_id(tmp_path: Path):
    spool = open_spool(tmp_path)
    still = call_of("createStillCandidate", STILL | {"sourceEventId": reference(spool.name, 2)}, lambda: 0)
    spool.append([moment(), cut(), moment(), still, moment()])
    first = spool.take()
    assert numbers(first) == [1, 2, 3]
    assert spool.take_behind(first) == [], "it names one that is under way"
    Outbox(spool).acknowledge(first, ["s-m1", "s-e2", "s-m3"])
    assert numbers(spool.take()) == [4, 5]


def test_what_goes_alone_goes_with_no_other(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([cut(), cut(), moment(), moment()])
    alone = spool.take(is_alone=True)
    assert numbers(alone) == [1, 2]
    assert numbers(spool.take_behind(alone, is_alone=True)) == [3]


def test_requests_are_of_whole_batches_in_order_and_bounded(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.connection.execute("PRAGMA synchronous = OFF")
    kinds = st.sampled_from([cut(), cut(session="other"), moment()])

    @settings(max_examples=25)
    @given(st.lists(kinds, min_size=1, max_size=20), st.integers(1, 6))
    def sent(calls: list[Call], facts_max: int) -> None:
        spool.append(calls)
        waiting = batches(spool)
        gone_out: list[list[int]] = []
        while taken := spool.take(facts_max):
            assert len(taken) == 1 or len(numbers(taken)) <= facts_max
            assert spool.last_sent >= taken[-1].last
            gone_out += [list(batch.numbers) for batch in taken]
            behind = spool.take_behind(taken, facts_max + 1)
            assert len(behind) <= 1 or len(numbers(behind)) <= facts_max + 1
            assert [list(batch.numbers) for batch in behind] == waiting[len(gone_out) :][: len(behind)]
            Outbox(spool).acknowledge(taken, [None] * len(numbers(taken)))
        assert gone_out == waiting

    sent()


def test_after_a_restart_a_batch_is_what_it_was(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([cut(), cut()])
    spool.close()
    spool = open_spool(tmp_path)
    spool.append([cut()])
    assert batches(spool) == [[1, 2], [3]], "it may have been sent, and its key speaks of two"


def test_a_batch_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BATCH_FACTS_MAX", 3)
    spool = open_spool(tmp_path)
    spool.append([cut()] * 7)
    assert batches(spool) == [[1, 2, 3], [4, 5, 6], [7]]
    spool.append([cut(reason="x" * 20_000, metadata="y" * module.BATCH_BYTES_MAX)])
    assert batches(spool)[-1] == [8]


def test_a_batch_is_due_when_it_lingered_or_is_full_or_another_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    now = 0.0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    spool = open_spool(tmp_path)
    assert spool.due_in(0.05) is None
    spool.append([cut()])
    assert spool.due_in(0.05) == 0.05
    now = 0.04
    spool.append([cut()])
    assert spool.due_in(0.05) == pytest.approx(0.01), "the first of them has waited"
    spool.append([moment()])
    assert spool.due_in(0.05) == 0.0
