"""RFC 6962 trees over leaf hashes: roots, proofs, and how a proof is checked. Pure; hashes are 32 bytes, indexes begin at 0.

A tree of ``size`` leaves splits at the largest power of two below its size, and so do its parts. Whoever proves something hands
in ``hash_of(begin, end)``, the hash of the subtree over these leaves, and may keep as many or as few of them as suits.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final, Self

EMPTY: Final = sha256(b"").digest()
"""The root of a tree without leaves."""
TILE_LEVELS: Final = 8
TILE: Final = 1 << TILE_LEVELS
"""Trees are kept as tiles: the root of every complete 256 leaves, of every complete 256 of those, and so on."""

_NODE: Final = sha256(b"\x01")
HashOf = Callable[[int, int], bytes]


def node(left: bytes, right: bytes) -> bytes:
    hashed = _NODE.copy()
    hashed.update(left + right)
    return hashed.digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaves; or over the roots of complete subtrees of one size, of which the last may be smaller."""
    if not hashes:
        return EMPTY
    layer = hashes
    while len(layer) > 1:
        above = [node(left, right) for left, right in zip(layer[::2], layer[1::2], strict=False)]
        if len(layer) % 2:
            above.append(layer[-1])
        layer = above
    return layer[0]


def _middle(begin: int, end: int) -> int:
    """Where a subtree of more than one leaf splits."""
    return begin + (1 << ((end - begin - 1).bit_length() - 1))


def inclusion_path(index: int, size: int, hash_of: HashOf) -> list[bytes]:
    """The siblings on the way from a leaf up to the root."""
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = _middle(begin, end)
        if index < middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(begin, middle))
            begin = middle
    return path[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion path leads to; None where it cannot be the path of that place."""
    if not 0 <= index < size:
        return None
    is_right: list[bool] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = _middle(begin, end)
        is_right.append(index >= middle)
        begin, end = (middle, end) if index >= middle else (begin, middle)
    if len(is_right) != len(path):
        return None
    found = leaf
    for right, sibling in zip(reversed(is_right), path, strict=True):
        found = node(sibling, found) if right else node(found, sibling)
    return found


def consistency_path(earlier: int, later: int, hash_of: HashOf) -> list[bytes]:
    """What shows that the tree of ``earlier`` leaves is the beginning of the tree of ``later``; ``1 <= earlier <= later``."""
    path: list[bytes] = []
    begin, end = 0, later
    while earlier < end:
        middle = _middle(begin, end)
        if earlier <= middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(begin, middle))
            begin = middle
    if begin:
        path.append(hash_of(begin, end))
    return path[::-1]


def is_consistent(earlier: int, earlier_root: bytes, later: int, later_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a consistency path shows that the one tree is the beginning of the other."""
    if not 0 <= earlier <= later:
        return False
    if earlier == 0:
        return earlier_root == EMPTY and not path
    is_right: list[bool] = []
    begin, end = 0, later
    while earlier < end:
        middle = _middle(begin, end)
        is_right.append(earlier > middle)
        begin, end = (middle, end) if earlier > middle else (begin, middle)
    if len(path) != len(is_right) + (begin > 0):
        return False
    first, siblings = (path[0], path[1:]) if begin else (earlier_root, path)
    older = newer = first
    for right, sibling in zip(reversed(is_right), siblings, strict=True):
        if right:
            older = node(sibling, older)
        newer = node(sibling, newer) if right else node(newer, sibling)
    return (older, newer) == (earlier_root, later_root)


def gaps(indexes: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    """The largest subtrees, from left to right, that hold none of the sorted indexes.

    Their hashes and the leaves at the indexes make the root: one proof that all of those leaves stand in the tree.
    """
    pending = [(0, size)] if size else []
    while pending:
        begin, end = pending.pop()
        at = bisect_left(indexes, begin)
        if at == len(indexes) or indexes[at] >= end:
            yield begin, end
        elif end - begin > 1:
            middle = _middle(begin, end)
            pending += [(middle, end), (begin, middle)]


def root_by_gaps(leaves: Mapping[int, bytes], size: int, hashes: Sequence[bytes]) -> bytes | None:
    """The root that leaves at their indexes and the hashes of the gaps between them make; None where they do not fit."""
    indexes = sorted(leaves)
    if not indexes or indexes[0] < 0 or indexes[-1] >= size or len(hashes) != sum(1 for _ in gaps(indexes, size)):
        return None
    between = iter(hashes)

    def subtree(begin: int, end: int) -> bytes:
        at = bisect_left(indexes, begin)
        if at == len(indexes) or indexes[at] >= end:
            return next(between)
        if end - begin == 1:
            return leaves[begin]
        middle = _middle(begin, end)
        return node(subtree(begin, middle), subtree(middle, end))

    return subtree(0, size)


class CompactRange:
    """Consecutive leaves of a tree, kept as the roots of the largest complete subtrees that they make: few, however many leaves.

    Ranges that follow each other join, so that many hands can work on one tree.
    """

    def __init__(self, begin: int = 0) -> None:
        self.begin = begin
        self.end = begin
        self.tiles: list[tuple[int, int, bytes]] = []
        """Tiles that were completed in it, each as its level from 1, its number at that level, and its root."""
        self._nodes: list[tuple[int, bytes]] = []

    @classmethod
    def from_hashes(cls, size: int, hashes: Sequence[bytes]) -> Self:
        """The range from the tree's beginning whose ``hashes`` these were."""
        levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
        restored = cls()
        restored.end = size
        restored._nodes = list(zip(levels, hashes, strict=True))
        return restored

    @property
    def hashes(self) -> list[bytes]:
        """The subtrees' roots, from left to right; of a range from the beginning, the largest first."""
        return [hashed for _, hashed in self._nodes]

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add the leaves that follow."""
        done = 0
        while left := len(leaves) - done:
            # The largest complete subtree that can begin here, at most a tile.
            width = min(self.end & -self.end or TILE, TILE, 1 << (left.bit_length() - 1))
            self._push(width.bit_length() - 1, root_of(leaves[done : done + width]))
            done += width

    def join(self, following: Self) -> None:
        """Add the range that begins where this one ends."""
        assert following.begin == self.end, f"{following.begin} follows {self.end}"
        self.tiles += following.tiles
        for level, hashed in following._nodes:  # another of our own kind
            self._push(level, hashed, is_new=False)

    def root(self) -> bytes:
        """The root of the tree of all leaves up to here. The range must begin where the tree does."""
        assert self.begin == 0
        found: bytes | None = None
        for _, hashed in reversed(self._nodes):
            found = hashed if found is None else node(hashed, found)
        return EMPTY if found is None else found

    def _push(self, level: int, hashed: bytes, *, is_new: bool = True) -> None:
        at = self.end
        self.end += 1 << level
        if is_new and level == TILE_LEVELS:
            self.tiles.append((1, at >> level, hashed))
        while at >> level & 1 and self._nodes and self._nodes[-1][0] == level:
            _, left = self._nodes.pop()
            hashed = node(left, hashed)
            level += 1
            if level % TILE_LEVELS == 0:
                self.tiles.append((level // TILE_LEVELS, at >> level, hashed))
        self._nodes.append((level, hashed))
