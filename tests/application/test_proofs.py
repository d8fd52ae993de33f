"""Receipts and session proofs lead to heads; whatever is changed in one leads nowhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger.bootstrap import LOG_FILE, now_ms, open_for_writing
from ledger.domain.refusals import EntryNotFound, Invalid, SessionNotFound
from ledger.domain.vocabulary import Vocabulary
from ledger.log.backup import back_up
from ledger.log.epochs import OfAnotherEpoch
from ledger.log.integrity import leaf_hash
from ledger.log.merkle import root_by_gaps, root_by_inclusion
from ledger.log.restore import restore
from tests.application.asking import Asking
from tests.application.test_heads import shoots

__all__ = ["shoots"]


def holds(receipt: dict[str, Any]) -> bool:
    """Whether a receipt proves what it says, by the rules of the RFC and of our leaves alone."""
    entry = receipt["entry"]
    salt, body = bytes.fromhex(entry["salt"]), entry["body"]
    place, who = (entry["sessionId"], entry["sequence"]), (entry["actor"], entry.get("key"))
    leaf = leaf_hash(*place, entry["type"], entry["recordedAt"], *who, salt, body)
    trees = [(receipt["session"], "sequence"), (receipt["shard"], "position")]
    return leaf.hex() == entry["leaf"] and all(
        root_by_inclusion(leaf, entry[at] - 1, tree[at], list(map(bytes.fromhex, tree["path"])))
        == bytes.fromhex(tree["root"])
        for tree, at in trees
    )


def test_everything_that_was_recorded_has_a_receipt(ask: Asking, shoots: tuple[str, str]):
    heads = [ask.read("getSessionHead", sessionId=shoots[1]), ask.read("ledger:getHead")]
    for sequence in range(1, 32):
        receipt = ask.read("getReceipt", eventId=f"{shoots[1]}-e{sequence}")
        assert holds(receipt)
        assert receipt["session"]["root"] == heads[0]["root"]
        assert receipt["shard"]["root"] == heads[1]["shards"][0]["root"]


def test_an_id_is_enough(ask: Asking):
    session_id = ask.start()
    event_id = ask.cut(session_id, 5, reason="é")
    receipt = ask.read("getReceipt", eventId=event_id)
    assert (receipt["entry"]["sessionId"], receipt["entry"]["sequence"]) == (session_id, 2)
    assert json.loads(receipt["entry"]["body"])["reason"] == "é"
    assert holds(receipt)


def test_a_receipt_can_lead_to_a_head_that_was_kept(ask: Asking, shoots: tuple[str, str]):
    head = ask.read("getSessionHead", sessionId=shoots[0], atSequence=280)
    asked = {"eventId": f"{shoots[0]}-e9"}
    receipt = ask.read("getReceipt", **asked, atSequence=280, atPosition=100)
    assert holds(receipt)
    assert (receipt["session"]["root"], receipt["shard"]["position"]) == (head["root"], 100)
    with pytest.raises(Invalid, match="atSequence: must be 9 or more"):
        ask.read("getReceipt", **asked, atSequence=8)
    with pytest.raises(Invalid, match="atPosition: must be 1"):
        ask.read("getReceipt", **asked, atPosition=5)


def forged(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, int):
        return value + 1
    return ("1" if value[:1] == "0" else "0") + value[1:] if value else "x"


def test_a_receipt_that_was_changed_anywhere_does_not_hold(ask: Asking, shoots: tuple[str, str]):
    receipt = ask.read("getReceipt", eventId=f"{shoots[1]}-e20")
    assert holds(receipt)
    entry = receipt["entry"]
    for name in set(entry) - {"entity"}:
        assert not holds({**receipt, "entry": {**entry, name: forged(entry[name])}}), name
    assert not holds({**receipt, "entry": {**entry, "key": "k"}})
    for tree, place in (("session", "sequence"), ("shard", "position")):
        told = receipt[tree]
        root = forged(told["root"])
        assert not holds({**receipt, tree: {**told, "root": root}})
        # A size that needs a path of another shape; within one shape the root alone says which size it is of.
        assert not holds({**receipt, tree: {**told, place: told[place] * 2}})
        for at, hashed in enumerate(told["path"]):
            path = [*told["path"][:at], forged(hashed), *told["path"][at + 1 :]]
            assert not holds({**receipt, tree: {**told, "path": path}})
        assert not holds({**receipt, tree: {**told, "path": told["path"][1:]}})
        assert not holds({**receipt, tree: {**told, "path": [*told["path"], root]}})


def test_what_is_not_there_has_no_receipt(ask: Asking, shoots: tuple[str, str]):
    for event_id in (f"{shoots[1]}-e32", shoots[1], "x"):
        with pytest.raises(EntryNotFound, match="eventId: nothing was recorded"):
            ask.read("getReceipt", eventId=event_id)
    with pytest.raises(SessionNotFound):
        ask.read("getReceipt", eventId="s0none-e1")


@pytest.mark.parametrize(("length", "size"), [(None, None), (10, None), (10, 200), (301, 332)])
def test_one_proof_for_all_entries_of_a_session(
    ask: Asking, shoots: tuple[str, str], length: int | None, size: int | None
):
    for session_id in shoots if length != 301 else shoots[:1]:
        proof = ask.read("getSessionProof", sessionId=session_id, atSequence=length, atPosition=size)
        entries = ask.pages("listStoredEntries", 7, sessionId=session_id, atSequence=proof["head"]["sequence"])
        leaves = {entry["position"] - 1: bytes.fromhex(entry["leaf"]) for entry in entries}
        gaps = list(map(bytes.fromhex, proof["gaps"]))
        assert root_by_gaps(leaves, proof["shard"]["position"], gaps) == bytes.fromhex(proof["shard"]["root"])
        assert len(entries) == (length or len(entries))


def test_stored_entries_are_the_very_bytes(ask: Asking, shoots: tuple[str, str]):
    entries = ask.pages("listStoredEntries", 100, sessionId=shoots[0])
    assert [entry["sequence"] for entry in entries] == list(range(1, 302))
    with ask.ledger.log.snapshot() as connection:
        statement = text("SELECT body, salt, leaf FROM events WHERE partition = :session ORDER BY sequence")
        rows = connection.execute(statement, {"session": shoots[0]}).all()
    assert [(it["body"], it["salt"], it["leaf"]) for it in entries] == [
        (body, salt.hex(), leaf.hex()) for body, salt, leaf in rows
    ]


def test_what_was_kept_of_the_lost_future_is_sent_back_also_once_the_ledger_has_grown_past_it(tmp_path: Path):
    log = tmp_path / "ledger" / LOG_FILE
    with open_for_writing(log.parent, Vocabulary()) as ledger:
        ask = Asking(ledger)
        shoot = ask.start()
        early = ask.read("getReceipt", eventId=ask.cut(shoot, 1))
        back_up(log, tmp_path / "backup", now_ms())
        late = ask.read("getReceipt", eventId=ask.cut(shoot, 2))
        gone = ask.read("getSessionHead", sessionId=ask.start())
    restore(tmp_path / "backup", log, now_ms(), replace=True)
    with open_for_writing(log.parent, Vocabulary()) as ledger:
        ask = Asking(ledger)
        for grown in (0, 5):
            for at in range(grown):
                ask.cut(shoot, at)
            epoch = {"epoch": late["epoch"]}
            for name, asked, sequence in (
                ("getReceipt", {"eventId": f"{shoot}-e3"}, 2),
                ("getReceipt", {"eventId": f"{shoot}-e2", "atSequence": 3}, 2),
                ("getReceipt", {"eventId": f"{shoot}-e2", "atPosition": 3}, None),
                ("getSessionProof", {"sessionId": shoot, "atSequence": 3}, 2),
                ("getSessionProof", {"sessionId": shoot, "atPosition": 3}, None),
                ("getSessionConsistency", {"sessionId": shoot, "fromSequence": 3}, 2),
                ("getSessionConsistency", {"sessionId": gone["sessionId"], "fromSequence": 1}, 0),
                ("ledger:getConsistency", {"fromPosition": 3}, None),
            ):
                with pytest.raises(OfAnotherEpoch, match="restored from a backup") as refused:
                    ask.read(name, **asked, **epoch)
                detail = refused.value.detail
                assert (detail["position"], detail.get("sequence")) == (f"{ledger.log.epoch}.0-2", sequence)
            assert ask.read("getReceipt", eventId=f"{shoot}-e2", atSequence=2, atPosition=2, **epoch) == {
                **early,
                "epoch": ledger.log.epoch,
            }
            kept = early["shard"]
            assert ask.read("ledger:getConsistency", fromPosition=2, **epoch)["fromRoot"] == kept["root"]
            kept = early["session"]
            held = ask.read("getSessionConsistency", sessionId=shoot, fromSequence=2, **epoch)
            assert held["fromRoot"] == kept["root"]
