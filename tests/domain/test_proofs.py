"""What somebody kept is read back as the heads that it speaks of."""

import pytest

from ledger.domain.proofs import (
    KeptHead,
    LedgerHead,
    Receipt,
    SessionHead,
    SessionInclusion,
    SessionProof,
    ShardHead,
    ShardInclusion,
    StoredEntry,
    kept_heads,
)
from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen

ONE, TWO = "01" * 32, "02" * 32
SESSION = SessionHead(session_id="s1", sequence=3, root=ONE, epoch="e", shard=0, position=7, recorded_at=5)
SHARD = ShardHead(shard=0, position=9, root=TWO)
ENTRY = StoredEntry(
    session_id="s1",
    sequence=2,
    position=5,
    type="session-ended.1",
    recorded_at=1,
    actor="ann",
    salt="00" * 16,
    body="{}",
    leaf=ONE,
)
OF_SESSION = KeptHead("e", "s1", 0, 3, bytes.fromhex(ONE))
OF_SHARD = KeptHead("e", None, 0, 9, bytes.fromhex(TWO))
KEPT = [
    (SESSION, [OF_SESSION]),
    (LedgerHead(epoch="e", recorded_at=5, shards=(SHARD, SHARD)), [OF_SHARD, OF_SHARD]),
    (SessionProof(head=SESSION, shard=SHARD, gaps=(ONE,)), [OF_SESSION, OF_SHARD]),
    (
        Receipt(
            epoch="e",
            entry=ENTRY,
            session=SessionInclusion(sequence=3, root=ONE, path=()),
            shard=ShardInclusion(shard=0, position=9, root=TWO, path=(ONE,)),
        ),
        [OF_SESSION, OF_SHARD],
    ),
]


@pytest.mark.parametrize(("kept", "heads"), KEPT, ids=lambda it: type(it).__name__)
def test_everything_that_names_a_root_can_be_kept(kept: Frozen, heads: list[KeptHead]):
    assert kept_heads(kept.model_dump_json(by_alias=True, exclude_none=True)) == heads


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", b"\xff", SESSION.model_dump_json(by_alias=True)[:-1]])
def test_what_is_none_is_refused(text: str | bytes):
    with pytest.raises(Invalid, match=r"^head: is neither a head nor a receipt of a ledger$"):
        kept_heads(text)


@pytest.mark.parametrize("root", ["", "01" * 31, "0G" * 32, ONE.upper().replace("0", "A")])
def test_a_root_is_32_bytes_in_hexadecimal(root: str):
    with pytest.raises(Invalid):
        kept_heads(SESSION.model_dump_json(by_alias=True).replace(ONE, root))


def test_a_head_says_what_it_is_of():
    assert [str(OF_SESSION), str(OF_SHARD)] == ["session s1 at sequence 3", "shard 0 at position 9"]
