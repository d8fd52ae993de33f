"""Heads and consistency, checked by the library that knows nothing of ours."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymerkle import InmemoryTree
from sqlalchemy import text

from ledger.domain.refusals import Invalid, SessionNotFound
from ledger.log.merkle import is_consistent
from tests.application.asking import Asking


@pytest.fixture
def shoots(ask: Asking) -> tuple[str, str]:
    """Two sessions whose entries alternate, one longer than a tile."""
    first, second = ask.start(), ask.start()
    for at in range(10):
        for session_id, count in ((first, 30), (second, 3)):
            events = [{"timestampMs": at, "eventType": "cut", "cameraId": "a"}] * count
            ask.write("appendDirectorEventsBatch", sessionId=session_id, events=events)
    return first, second


class Oracle(InmemoryTree):  # type: ignore[misc]  # it publishes no types
    """A tree of hashes that are leaves already."""

    def hash_buff(self, data: bytes) -> bytes:
        return data


def oracle(ask: Asking, where: str, **parameters: Any) -> Oracle:
    tree = Oracle(algorithm="sha256")
    with ask.ledger.log.snapshot() as connection:
        statement = text(f"SELECT leaf FROM events WHERE {where}")
        for (leaf,) in connection.execute(statement, parameters):
            tree.append_entry(leaf)
    return tree


def test_a_sessions_head_is_the_root_of_its_entries(ask: Asking, shoots: tuple[str, str]):
    for session_id, length in zip(shoots, (301, 31), strict=True):
        tree = oracle(ask, "partition = :session ORDER BY sequence", session=session_id)
        head = ask.read("getSessionHead", sessionId=session_id)
        assert (head["sequence"], head["root"]) == (length, tree.get_root().hex())
        assert head["epoch"] == ask.ledger.log.epoch
        for at in (1, 17, 31):
            then = ask.read("getSessionHead", sessionId=session_id, atSequence=at)
            assert (then["sequence"], then["root"]) == (at, tree.get_root(at).hex())


def test_the_ledgers_head_is_the_root_of_everything(ask: Asking, shoots: tuple[str, str]):
    head = ask.read("ledger:getHead")
    tree = oracle(ask, "shard = 0 ORDER BY position")
    assert head["shards"] == [{"shard": 0, "position": 332, "root": tree.get_root().hex()}]
    assert head["recordedAt"] > 0


def test_an_empty_ledger_has_a_head(ask: Asking):
    assert ask.read("ledger:getHead")["shards"][0]["root"] == InmemoryTree(algorithm="sha256").get_root().hex()


@pytest.mark.parametrize(("earlier", "later"), [(1, 31), (8, 20), (31, 31), (30, None)])
def test_one_head_is_the_beginning_of_another(ask: Asking, shoots: tuple[str, str], earlier: int, later: int | None):
    session = {"sessionId": shoots[1], "fromSequence": earlier, "toSequence": later}
    shard = {"fromPosition": earlier, "toPosition": later}
    for told, place in (
        (ask.read("getSessionConsistency", **session), "Sequence"),
        (ask.read("ledger:getConsistency", **shard), "Position"),
    ):
        roots = [bytes.fromhex(told[name]) for name in ("fromRoot", "toRoot")]
        path = [bytes.fromhex(hashed) for hashed in told["path"]]
        sizes = told[f"from{place}"], told[f"to{place}"]
        assert is_consistent(sizes[0], roots[0], sizes[1], roots[1], path)
        assert sizes == (earlier, later or {"Sequence": 31, "Position": 332}[place])


def wrong() -> Iterator[tuple[str, dict[str, Any], str]]:
    yield "getSessionHead", {"atSequence": 32}, "atSequence: the session's history has come to 31"
    yield "getSessionConsistency", {"fromSequence": 32}, "fromSequence: the session's history"
    yield "getSessionConsistency", {"fromSequence": 5, "toSequence": 4}, "toSequence: must be 5 or more"
    yield "ledger:getConsistency", {"fromPosition": 333}, "fromPosition: the shard has come to 332"
    yield "ledger:getConsistency", {"fromPosition": 1, "shard": 1}, "shard: the ledger's shards are 0 to 0"


@pytest.mark.parametrize(("name", "arguments", "rule"), list(wrong()))
def test_what_is_not_there_has_no_head(
    ask: Asking, shoots: tuple[str, str], name: str, arguments: dict[str, Any], rule: str
):
    session = {} if name.startswith("ledger:") else {"sessionId": shoots[1]}
    with pytest.raises(Invalid, match=rule):
        ask.read(name, **session, **arguments)


def test_a_session_that_is_not_there(ask: Asking):
    with pytest.raises(SessionNotFound):
        ask.read("getSessionHead", sessionId="s0none")
