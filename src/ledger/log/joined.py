"""Stretches of a log put together again: what no stretch can tell by itself, and the trees over the whole of it."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.log.merkle import CompactRange
from ledger.log.scan import Fault, Found, Scanned, Stretch

TreeName = str | int
"""A session's tree goes by the session's Id, a shard's by the shard's number."""
_NONE: Final[tuple[int, ...]] = ()


@dataclass
class _Partition:
    last: int
    last_recorded_at: int
    tree: CompactRange | None
    """None once it cannot be told any more."""


@dataclass
class Joined:
    """What is known of a log from the stretches that were added: each shard's in order of position."""

    shard_of: Callable[[str], int]
    cuts: Mapping[str, Container[int]]
    """At which sequences of which sessions the root is wanted."""
    faults: list[Fault] = field(default_factory=list)
    roots: dict[tuple[TreeName, int], bytes] = field(default_factory=dict)
    """Of trees at sizes: of a session's at its cuts, of a shard's at the ends of its stretches."""
    tiles: dict[tuple[TreeName, int, int], bytes] = field(default_factory=dict)
    """The roots of complete tiles by tree, level and number."""
    latest: dict[int, int] = field(default_factory=dict)
    """The greatest recorded time of each shard."""
    partitions: dict[str, _Partition] = field(default_factory=dict)
    _trees: dict[int, CompactRange | None] = field(default_factory=dict)
    _recorded_at: dict[int, int] = field(default_factory=dict)

    def head_of(self, session_id: str) -> int:
        """The last sequence of a session; 0 where there is none."""
        known = self.partitions.get(session_id)
        return known.last if known else 0

    def add(self, scanned: Scanned) -> None:
        """Add the stretch that follows those of the same shard."""
        stretch = scanned.stretch
        self.faults += scanned.faults
        tree = _joined(self._trees.get(stretch.shard, CompactRange()), scanned.tree, stretch.up_to)
        self._trees[stretch.shard] = tree
        if tree is not None:
            self.roots[stretch.shard, tree.end] = tree.root()
        self._keep_tiles(stretch.shard, tree)
        first, last = scanned.first_recorded_at, scanned.last_recorded_at
        if first is not None and last is not None:
            if first < self._recorded_at.get(stretch.shard, 0):
                rule = f"recorded times run backwards after position {stretch.after}"
                self.faults.append(Fault(rule, "recorded_at", stretch.shard, stretch.after + 1))
            self._recorded_at[stretch.shard] = last
        self.latest[stretch.shard] = max(scanned.latest, self.latest.get(stretch.shard, 0))
        for name, found in scanned.partitions.items():
            self._add_partition(name, found, stretch)

    def _add_partition(self, name: str, found: Found, stretch: Stretch) -> None:
        def tell(rule: str, column: str) -> None:
            self.faults.append(Fault(rule, column, stretch.shard, None, name, found.first))

        known = self.partitions.get(name)
        if known is None:
            known = self.partitions[name] = _Partition(0, 0, CompactRange())
            if self.shard_of(name) != stretch.shard:
                tell(f"belongs into shard {self.shard_of(name)}", "shard")
        if found.first != known.last + 1:
            tell(f"sequence {known.last + 1} was expected here", "sequence")
            known.tree = None
        if found.first_recorded_at < known.last_recorded_at:
            tell("recorded before the session's entry before it", "recorded_at")
        known.last, known.last_recorded_at = found.last, found.last_recorded_at
        wanted = self.cuts.get(name, _NONE)
        for piece in found.ranges or [CompactRange(-1)]:
            known.tree = _joined(known.tree, piece, piece.end)
            if known.tree is not None and known.tree.end in wanted:
                self.roots[name, known.tree.end] = known.tree.root()
        self._keep_tiles(name, known.tree)

    def _keep_tiles(self, name: TreeName, tree: CompactRange | None) -> None:
        if tree is not None:
            self.tiles |= {(name, level, number): root for level, number, root in tree.tiles}
            tree.tiles.clear()


def _joined(tree: CompactRange | None, piece: CompactRange, end: int) -> CompactRange | None:
    """The tree with the piece that follows; None where there is a hole."""
    if tree is None or tree.end != piece.begin or piece.end != end:
        return None
    tree.join(piece)
    return tree
