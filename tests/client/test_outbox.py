"""What was sent leaves the spool once, under the Ids that it was given, or stands aside with its error."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.client import outbox as module
from ledger.client.failures import WriterClosedError
from ledger.client.outbox import Outbox
from ledger.domain.ids import make_id
from tests.client.spools import SESSION, batches, cut, moment, open_spool


def test_what_was_taken_is_gone_and_its_ids_are_known(tmp_path: Path):
    spool = open_spool(tmp_path)
    outbox = Outbox(spool)
    spool.append([cut(), cut(reason="ü"), cut()])
    assert outbox.where_is(2) == "pending"
    outbox.acknowledge(spool.take(), [make_id(SESSION, "event", 7 + n) for n in range(3)])
    assert (spool.pending, spool.size, batches(spool)) == (0, 0, [])
    assert [outbox.id_of(n) for n in (0, 1, 2, 3, 4)] == [None, *(f"{SESSION}-e{n}" for n in (7, 8, 9)), None]
    assert [outbox.where_is(n) for n in (2, 4)] == ["acknowledged", "gone"]


@settings(max_examples=15)
@given(st.lists(st.sampled_from(["-e4", "-e5", "-e6", "-k5", "strange"]), min_size=2, max_size=4))
def test_ids_are_remembered_whatever_they_are(tmp_path_factory: pytest.TempPathFactory, tails: list[str]):
    spool = open_spool(tmp_path_factory.mktemp("spool"))
    spool.append([cut()] * len(tails))
    ids = [SESSION + tail for tail in tails]
    Outbox(spool).acknowledge(spool.take(), ids)
    assert [Outbox(spool).id_of(n) for n in range(1, len(ids) + 1)] == ids
    spool.close()


def test_what_was_taken_together_is_written_down_by_one_sync(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([moment(0), cut(), cut(), cut(), moment(1), moment(2), *[cut()] * 6, moment(3)])
    statements: list[str] = []
    spool.connection.set_trace_callback(statements.append)
    ids = [f"{SESSION}-e{7 * n}" for n in range(13)]
    Outbox(spool).acknowledge(spool.take(), ids)
    assert statements.count("COMMIT") == 1
    assert [Outbox(spool).id_of(n) for n in range(1, 14)] == ids


def test_ids_of_long_ago_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "IDS_KEPT_MAX", 10)
    spool = open_spool(tmp_path)
    outbox = Outbox(spool)
    for n in range(40):
        spool.append([moment(n)])
        outbox.acknowledge(spool.take(), [f"{SESSION}-m{n + 1}"])
    known = [n for n in range(1, 41) if outbox.id_of(n)]
    assert known[-1] == 40
    assert 10 <= len(known) <= 20


def test_what_was_refused_stands_aside_with_its_error_and_takes_its_room(tmp_path: Path):
    spool = open_spool(tmp_path)
    outbox = Outbox(spool)
    spool.append([moment()])
    spool.append([cut()])
    size = spool.size
    refused = spool.take()
    outbox.set_aside(refused, "not_found", "there is no such session")
    assert batches(spool) == [[2], [3]], "with the report of it"
    assert spool.size > size
    size = spool.size
    (aside,) = outbox.aside()
    assert (aside.number, aside.code, aside.message) == (1, "not_found", "there is no such session")
    assert outbox.where_is(1) == "aside"
    spool.close()
    spool = open_spool(tmp_path)
    assert (spool.pending, spool.size) == (2, size)


@pytest.mark.parametrize(
    ("at", "parts"), [([2], [[1, 2], [3, 4, 5]]), ([2, 3], [[1, 2], [3], [4, 5]]), ([], [[1, 2, 3, 4, 5]])]
)
def test_a_batch_is_divided_for_good(tmp_path: Path, at: list[int], parts: list[list[int]]):
    spool = open_spool(tmp_path)
    spool.append([cut()] * 5)
    (batch,) = spool.take()
    Outbox(spool).divide(batch, at)
    spool.close()
    assert batches(open_spool(tmp_path)) == parts


def test_room_is_counted_in_bytes_from_the_first_to_the_last(tmp_path: Path):
    spool = open_spool(tmp_path)
    outbox = Outbox(spool)
    spool.append([moment(session="ä", motionSignature="ö" * 9), cut(reason="ü" * 9), cut(session="ß", reason="é")])
    outbox.set_aside(spool.take()[:1], "not_found", "there is no such session")
    outbox.discard()
    size = spool.size
    spool.close()
    spool = open_spool(tmp_path)
    outbox = Outbox(spool)
    assert spool.size == size
    while taken := spool.take():
        outbox.acknowledge(taken, [None] * sum(map(len, taken)))
    assert spool.size == 0


def test_telling_it_twice_is_harmless(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([cut(), cut()])
    taken = spool.take()
    spool.append([cut()])
    for _ in range(2):
        Outbox(spool).acknowledge(taken, [f"{SESSION}-e1", f"{SESSION}-e2"])
    assert (spool.pending, batches(spool)) == (1, [[3]])
    spool.close()
    with pytest.raises(WriterClosedError):
        Outbox(spool).acknowledge(taken, [None, None])
