"""The trees view: RFC 6962 trees over the leaf hashes, one a session in sequence and one a shard in position.

The leaves are the log's. Kept here is what makes proofs cheap: the root of every complete tile of 256 leaves, of 256 of those, and
so on. What is not complete is computed from the log. A shard also has its edge, the few hashes that stand for all of its tree
as far as the views have come: so that even its newest entries cannot be swapped or taken away unseen.
"""

from collections.abc import Callable, Iterator
from typing import ClassVar, Final, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    inspect,
    select,
)

from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.log.database import Opening
from ledger.log.direct import Direct
from ledger.log.joined import TreeName
from ledger.log.merkle import TILE, TILE_LEVELS, CompactRange, root_of
from ledger.log.reading import leaves_of_partition, leaves_of_shard
from ledger.projections.projection import METADATA, Batch, Kinds
from ledger.projections.tracking import CHECKPOINTS

HASH_BYTES: Final = 32
TILES: Final = Table(
    "tiles",
    METADATA,
    Column("tree", TEXT, nullable=False),
    Column("level", Integer, nullable=False),
    Column("number", BIG, nullable=False),
    Column("root", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tree", "level", "number"),
    comment="Complete tiles: at level 1 of 256 leaves, at level 2 of 65,536 …; numbers from 0.",
)
EDGES: Final = Table(
    "edges",
    METADATA,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("size", BIG, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    comment="The largest complete subtrees that a shard's tree of so many leaves is made of, the largest first.",
)
_t = TILES.c
_TILES: Final = Direct(
    select(_t.root)
    .where(
        _t.tree == bindparam("tree"),
        _t.level == bindparam("level"),
        _t.number >= bindparam("first"),
        _t.number < bindparam("end"),
    )
    .order_by(_t.number)
)
_EDGE: Final = Direct(select(EDGES.c.size, EDGES.c.hashes).where(EDGES.c.shard == bindparam("shard")))

_SHARD: Final = "shard:"
Tile = tuple[str, int, int, bytes]


class TreesProjection:
    name: ClassVar[str] = "trees"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = ()

    def apply(self, batch: Batch, rows: Connection) -> None:
        """Over all that stands in the log: what an event says, and whether it can be read, makes no difference here."""
        if not batch.places:
            return
        edge = edge_of(rows, batch.shard)
        assert edge.end == batch.first - 1, f"the tree of shard {batch.shard} ends at {edge.end}"
        edge.extend(batch.leaves())
        insert_rows(rows, EDGES, [(batch.shard, edge.end, b"".join(edge.hashes))], replacing=("shard",))
        tree = tree_of_shard(batch.shard)
        insert_rows(rows, TILES, [(tree, level, number, root) for level, number, root in edge.tiles])
        self.apply_to_sessions(batch, rows)

    def apply_to_sessions(self, batch: Batch, rows: Connection) -> None:
        """The sessions' trees alone, for whoever has no shard whole."""
        completed = list(_tiles_of_partitions(batch))
        while completed:
            insert_rows(rows, TILES, completed)
            completed = [_above(rows, tile) for tile in completed if (tile[2] + 1) % TILE == 0]


def _tiles_of_partitions(batch: Batch) -> Iterator[Tile]:
    """The tiles of partitions that a batch completes. The log is asked only for what came before the batch."""
    places, leaves = batch.places, batch.leaves()
    for last, (partition, sequence) in enumerate(places):
        if sequence % TILE == 0:
            first = max(0, last + 1 - TILE)
            if places[first] == (partition, sequence - last + first):  # nothing of others stands between
                found = list(leaves[first : last + 1])
            else:
                found = [leaf for place, leaf in zip(places[: last + 1], leaves, strict=False) if place[0] == partition]
            missing = TILE - len(found)
            before = batch.leaves_of(partition, sequence - TILE, sequence - TILE + missing) if missing > 0 else []
            yield partition, 1, sequence // TILE - 1, root_of(before + found[-TILE:])


def _above(rows: Connection, last: Tile) -> Tile:
    """The tile that the last of 256 tiles completes."""
    tree, level, number, _ = last
    return tree, level + 1, number // TILE, root_of(_stored(rows, tree, level, number + 1 - TILE, number + 1))


def _stored(rows: Connection, tree: str, level: int, first: int, end: int) -> list[bytes]:
    return [root for (root,) in _TILES.rows(rows, tree=tree, level=level, first=first, end=end)]


def tree_of_shard(shard: int) -> str:
    """What a shard's tree is called; a session's is called as the session is, which has no colon in its name."""
    return f"{_SHARD}{shard}"


def is_of_shard(tree: str) -> bool:
    """Whether a tree that is called so is a shard's."""
    return tree.startswith(_SHARD)


def is_of_session(tree: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a tree is a session's, as a question's condition."""
    return ~tree.startswith(_SHARD)


def edge_of(rows: Connection, shard: int) -> CompactRange:
    """A shard's whole tree as far as the views have come."""
    found = _EDGE.rows(rows, shard=shard)
    if not found:
        return CompactRange()
    size, hashes = found[0]
    return CompactRange.from_hashes(size, [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)])


class Tree(NamedTuple):
    """A tree to prove things of: what is stored of it, and its leaves in the log."""

    name: str
    rows: Connection
    leaves: Callable[[int, int], list[bytes]]
    """Those from one index to another, the latter excluded."""

    @classmethod
    def of_session(cls, session_id: str, rows: Connection, log: Connection) -> "Tree":
        return cls(session_id, rows, lambda begin, end: leaves_of_partition(log, session_id, begin, end))

    @classmethod
    def of_shard(cls, shard: int, rows: Connection, log: Connection) -> "Tree":
        return cls(tree_of_shard(shard), rows, lambda begin, end: leaves_of_shard(log, shard, begin, end))

    def root(self, size: int) -> bytes:
        return self.hash_of(0, size)

    def hash_of(self, begin: int, end: int) -> bytes:
        """The hash of the subtree over these leaves; ``begin`` must be where such a subtree can begin."""
        level = ((end - begin).bit_length() - 1) // TILE_LEVELS if end > begin else 0
        width = 1 << (level * TILE_LEVELS)
        count = (end - begin) // width
        tiles = _stored(self.rows, self.name, level, begin // width, begin // width + count) if level else []
        if not level or len(tiles) < count:  # the views have not come as far as the log
            return root_of(self.leaves(begin, end))
        rest = begin + count * width
        return root_of([*tiles, self.hash_of(rest, end)] if rest < end else tiles)


class StoredTrees(NamedTuple):
    """All that is stored of all trees, for whoever compares it with trees of their own."""

    epoch: str
    edges: dict[int, CompactRange]
    """The tree of each shard, as far as the views have come."""
    tiles: dict[tuple[TreeName, int, int], bytes]


def read_trees(views: Opening) -> StoredTrees | None:
    """What a database of views holds of trees; None where it holds none."""
    engine = views()
    try:
        with engine.begin() as connection:
            if not inspect(connection).has_table(EDGES.name):
                return None
            begun = CHECKPOINTS.c.position > 0
            epochs = set(connection.execute(select(CHECKPOINTS.c.epoch).where(begun)).scalars())
            shards = connection.execute(select(EDGES.c.shard)).scalars().all()
            edges = {shard: edge_of(connection, shard) for shard in shards}
            tiles = {(_tree_name(tree), *place): root for tree, *place, root in connection.execute(select(TILES))}
    finally:
        engine.dispose()
    return StoredTrees(epochs.pop() or "", edges, tiles) if len(epochs) == 1 else None


def _tree_name(tree: str) -> TreeName:
    return int(tree.removeprefix(_SHARD)) if tree.startswith(_SHARD) else tree
