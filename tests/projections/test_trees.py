"""The trees view answers as the whole list of leaves would, from a few rows and the newest leaves."""

from pathlib import Path

import pytest

from ledger.domain.director import DirectorEventRecorded
from ledger.log.merkle import TILE, root_of
from ledger.log.reading import leaves_of_partition, leaves_of_shard
from ledger.projections.trees import Tree, TreesProjection, edge_of, tree_of_shard
from tests.log.opened import OpenLog, fact
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")


def many(count: int) -> list[DirectorEventRecorded]:
    return [fact(at) for at in range(count)]


def filled(opened: OpenLog) -> None:
    """Two sessions whose entries alternate in runs, and a few of others."""
    for _ in range(3):
        opened.append(*many(300), partition="s1")
        opened.append(*many(211), partition="s2")
        opened.append(fact(), partition="s3")


@pytest.mark.long_on("postgresql")
def test_every_subtree_is_that_of_the_logs_leaves(opened: OpenLog, viewed: Viewed):
    filled(opened)
    while viewed.step(500):
        pass
    with viewed.views.snapshot() as snapshot, opened.log.snapshot() as log:
        for partition, head in (("s1", 900), ("s2", 633), ("s3", 3)):
            leaves = leaves_of_partition(log, partition, 0, head)
            tree = Tree.of_session(partition, snapshot.connection, log)
            assert [tree.root(size) for size in range(head + 1)] == [root_of(leaves[:size]) for size in range(head + 1)]
            assert tree.hash_of(256, 300) == root_of(leaves[256:300])
        leaves = leaves_of_shard(log, 0, 0, 1_536)
        tree = Tree.of_shard(0, snapshot.connection, log)
        for begin, end in ((0, 1_536), (0, 1_024), (1_024, 1_536), (512, 768), (512, 1_024), (1_024, 1_279), (0, 300)):
            assert tree.hash_of(begin, end) == root_of(leaves[begin:end])
        assert edge_of(snapshot.connection, 0).root() == root_of(leaves)


def test_there_is_a_row_for_every_complete_tile_and_no_other(opened: OpenLog, viewed: Viewed):
    filled(opened)
    while viewed.step(7):
        pass
    tiles = [row[:3] for row in viewed.rows()["tiles"]]
    wanted = {"s1": 900, "s2": 633, "s3": 3, tree_of_shard(0): 1_536}
    assert sorted(tiles) == sorted((tree, 1, n) for tree, size in wanted.items() for n in range(size // TILE))


@pytest.mark.long_on("postgresql")
@pytest.mark.parametrize("size", [1, 97, 256, 1_000])
def test_batches_of_any_size_make_the_same_rows(opened: OpenLog, viewed: Viewed, tmp_path: Path, size: int):
    filled(opened)
    split = Viewed(opened, tmp_path / "split.sqlite", (TreesProjection(),))
    while split.step(size):
        pass
    viewed.step(10_000)
    assert {name: rows for name, rows in viewed.rows().items() if name in ("tiles", "edges")} == {
        name: rows for name, rows in split.rows().items() if rows
    }
    split.close()


def test_what_the_views_do_not_have_yet_is_computed_from_the_log(opened: OpenLog, viewed: Viewed):
    filled(opened)
    viewed.step(300)
    with viewed.views.snapshot() as snapshot, opened.log.snapshot() as log:
        leaves = leaves_of_shard(log, 0, 0, 1_536)
        tree = Tree.of_shard(0, snapshot.connection, log)
        assert tree.root(1_536) == root_of(leaves)
        assert edge_of(snapshot.connection, 0).root() == root_of(leaves[:300])


@pytest.mark.long
def test_tiles_of_tiles(embedded: OpenLog, embedded_viewed: Viewed):
    for _ in range(67):
        embedded.append(*many(1_000))
    while embedded_viewed.step(20_000):
        pass
    tiles = [row[:3] for row in embedded_viewed.rows()["tiles"] if row[1] == 2]
    assert tiles == [("s1", 2, 0), (tree_of_shard(0), 2, 0)]
    with embedded_viewed.views.snapshot() as snapshot, embedded.log.snapshot() as log:
        leaves = leaves_of_shard(log, 0, 0, 67_000)
        for tree in (
            Tree.of_shard(0, snapshot.connection, log),
            Tree.of_session("s1", snapshot.connection, log),
        ):
            assert tree.root(67_000) == root_of(leaves)
            assert tree.root(65_536) == root_of(leaves[:65_536])
            assert tree.hash_of(65_536, 66_000) == root_of(leaves[65_536:66_000])
