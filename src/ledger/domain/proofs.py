"""Heads, receipts and proofs: what the ledger hands out so that others can check it, later and without trusting it.

A head is the root of an RFC 6962 tree at one size. Hashes and salts are lower-case hexadecimal. A session's tree has its entries in
sequence, a shard's in position: the leaf of sequence n has the index n - 1.
"""

from typing import Annotated, Final, NamedTuple

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Salt = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Place = Annotated[int, Field(ge=1)]


class SessionHead(Frozen):
    """What a session's history amounts to: whoever has kept it can tell whether any of it was touched since."""

    session_id: str
    sequence: Place
    root: Hash
    epoch: str
    shard: int
    position: Place
    """Of the entry at this sequence, in its shard."""
    recorded_at: int
    """Of the entry at this sequence."""


class ShardHead(Frozen):
    shard: int
    position: Annotated[int, Field(ge=0)]
    root: Hash


class LedgerHead(Frozen):
    """What the whole ledger amounts to: a head a shard."""

    epoch: str
    recorded_at: int
    """The newest entry's; 0 in an empty ledger."""
    shards: tuple[ShardHead, ...]


class StoredEntry(Frozen):
    """One entry to the byte as it is stored.

    ``leaf = SHA-256(0x00 ‖ header ‖ SHA-256(salt ‖ body))``; the header is session, sequence, type, recordedAt, actor and key (or
    nothing), joined by NUL bytes.
    """

    session_id: str
    sequence: Place
    position: Place
    type: str
    recorded_at: int
    actor: str
    key: str | None = None
    entity: str | None = None
    salt: Salt
    body: str
    """The stored JSON text: hashed as it is."""
    leaf: Hash


class SessionInclusion(Frozen):
    """That a leaf stands at its sequence in a session of so many entries."""

    sequence: Place
    root: Hash
    path: tuple[Hash, ...]


class ShardInclusion(Frozen):
    """That a leaf stands at its position in a shard of so many entries."""

    shard: int
    position: Place
    root: Hash
    path: tuple[Hash, ...]


class Receipt(Frozen):
    """That an entry was recorded, and where: it leads to a head of its session and one of its shard."""

    epoch: str
    entry: StoredEntry
    session: SessionInclusion
    shard: ShardInclusion


class SessionProof(Frozen):
    """That all entries of a session stand in a shard of so many entries, at the positions that they say.

    ``gaps`` are the hashes of the largest subtrees of the shard's tree, from left to right, that hold no entry of the session:
    with the session's leaves they make the root.
    """

    head: SessionHead
    shard: ShardHead
    gaps: tuple[Hash, ...]


class SessionConsistency(Frozen):
    """That a session's history at one sequence is the beginning of that at another."""

    session_id: str
    from_sequence: Place
    from_root: Hash
    to_sequence: Place
    to_root: Hash
    path: tuple[Hash, ...]


class ShardConsistency(Frozen):
    """That a shard at one position is the beginning of the shard at another."""

    epoch: str
    shard: int
    from_position: Place
    from_root: Hash
    to_position: Place
    to_root: Hash
    path: tuple[Hash, ...]


class KeptHead(NamedTuple):
    """One root that somebody has kept outside: of a session's tree, or of a shard's where there is no session."""

    epoch: str
    session_id: str | None
    shard: int
    size: int
    root: bytes

    def __str__(self) -> str:
        of = f"session {self.session_id} at sequence" if self.session_id else f"shard {self.shard} at position"
        return f"{of} {self.size}"


_Kept = LedgerHead | SessionHead | Receipt | SessionProof
_KEPT: Final[TypeAdapter[_Kept]] = TypeAdapter(_Kept)


def kept_heads(text: str | bytes) -> list[KeptHead]:
    """The heads in what somebody kept: a ledger's or a session's head, or a receipt. Raises Invalid."""
    try:
        kept = _KEPT.validate_json(text)
    except ValidationError:
        raise Invalid("head", "is neither a head nor a receipt of a ledger") from None
    match kept:
        case LedgerHead():
            return [KeptHead(kept.epoch, None, it.shard, it.position, bytes.fromhex(it.root)) for it in kept.shards]
        case SessionHead():
            return [_of_session(kept)]
        case SessionProof():
            shard = kept.shard
            in_shard = KeptHead(kept.head.epoch, None, shard.shard, shard.position, bytes.fromhex(shard.root))
            return [_of_session(kept.head), in_shard]
        case Receipt():
            session_id, session, shard_tree = kept.entry.session_id, kept.session, kept.shard
            root, shard_root = bytes.fromhex(session.root), bytes.fromhex(shard_tree.root)
            return [
                KeptHead(kept.epoch, session_id, shard_tree.shard, session.sequence, root),
                KeptHead(kept.epoch, None, shard_tree.shard, shard_tree.position, shard_root),
            ]


def _of_session(head: SessionHead) -> KeptHead:
    return KeptHead(head.epoch, head.session_id, head.shard, head.sequence, bytes.fromhex(head.root))
