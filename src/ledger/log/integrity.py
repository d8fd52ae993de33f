"""Leaf hashes: what makes every entry of the ledger checkable by a stranger.

``leaf = SHA-256(0x00 ‖ header ‖ SHA-256(salt ‖ body))``. The header names partition, sequence, stored name, recorded
time, actor and key, joined by NUL, which none of them may contain. Neither shard, position nor epoch is in it, so that a
session keeps its digests wherever it goes; and the salted body may one day be erased while the leaf stands.
"""

from hashlib import sha256
from typing import Final

SALT_BYTES: Final = 16
_EMPTY: Final = sha256()
_LEAF: Final = sha256(b"\x00")
"""Copying a hash that has begun is half the price of beginning one, and every entry takes two."""


def leaf_hash(
    partition: str,
    sequence: int,
    stored_name: str,
    recorded_at: int,
    actor: str,
    key: str | None,
    salt: bytes,
    body: str,
) -> bytes:
    """The 32 bytes that stand for one entry in every tree."""
    content = _EMPTY.copy()
    content.update(salt + body.encode())
    leaf = _LEAF.copy()
    header = f"{partition}\x00{sequence}\x00{stored_name}\x00{recorded_at}\x00{actor}\x00{key or ''}"
    leaf.update(header.encode() + content.digest())
    return leaf.digest()
