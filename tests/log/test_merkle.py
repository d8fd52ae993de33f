"""Our trees are RFC 6962's: an independent library is the oracle, and whatever is changed in a proof makes it fail."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_inclusion

from ledger.log.merkle import (
    EMPTY,
    TILE,
    CompactRange,
    consistency_path,
    gaps,
    inclusion_path,
    is_consistent,
    root_by_gaps,
    root_by_inclusion,
    root_of,
)

sizes = st.integers(1, 300) | st.sampled_from([255, 256, 257, 511, 512, 513, 1_000])


def tree(size: int) -> tuple[list[bytes], InmemoryTree]:
    """So many leaves, and what the oracle makes of them."""
    facts = [str(number).encode() for number in range(size)]
    oracle = InmemoryTree(algorithm="sha256")
    for fact in facts:
        oracle.append_entry(fact)
    return [sha256(b"\x00" + fact).digest() for fact in facts], oracle


LEAVES, ORACLE = tree(1_024)


def hash_of(begin: int, end: int) -> bytes:
    return root_of(LEAVES[begin:end])


def test_the_root_of_nothing():
    assert root_of([]) == EMPTY == CompactRange().root() == ORACLE.get_root(0)


@given(sizes)
def test_roots_are_the_oracles(size: int):
    assert root_of(LEAVES[:size]) == ORACLE.get_root(size)


@given(sizes, st.data())
def test_inclusion_paths_are_the_oracles(size: int, data: st.DataObject):
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(index, size, hash_of)
    theirs = ORACLE.prove_inclusion(index + 1, size)
    verify_inclusion(LEAVES[index], ORACLE.get_root(size), theirs)
    assert [LEAVES[index], *path] == theirs.path
    assert root_by_inclusion(LEAVES[index], index, size, path) == ORACLE.get_root(size)


@given(sizes, st.data())
def test_consistency_paths_lead_from_one_of_the_oracles_roots_to_another(later: int, data: st.DataObject):
    earlier = data.draw(st.integers(1, later))
    path = consistency_path(earlier, later, hash_of)
    assert is_consistent(earlier, ORACLE.get_root(earlier), later, ORACLE.get_root(later), path)


def test_consistency_paths_are_those_of_the_rfcs_own_example():
    """RFC 6962, 2.1.3: a tree of seven leaves. The oracle writes the same proofs down in a way of its own."""
    a, b, c, d, e, f, j = LEAVES[:7]
    g, h, i, k, rest = root_of([a, b]), root_of([c, d]), root_of([e, f]), root_of([a, b, c, d]), root_of([e, f, j])
    assert consistency_path(3, 7, hash_of) == [c, d, g, rest]
    assert consistency_path(4, 7, hash_of) == [rest]
    assert consistency_path(6, 7, hash_of) == [i, j, k]
    assert consistency_path(7, 7, hash_of) == []
    assert [inclusion_path(index, 7, hash_of) for index in (0, 3, 4, 6)] == [
        [b, h, rest],
        [c, g, rest],
        [f, j, k],
        [i, k],
    ]


@given(sizes, st.data())
def test_any_set_of_leaves_is_proved_by_the_gaps_between_them(size: int, data: st.DataObject):
    indexes = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1)))
    hashes = [hash_of(begin, end) for begin, end in gaps(indexes, size)]
    leaves = {index: LEAVES[index] for index in indexes}
    assert root_by_gaps(leaves, size, hashes) == ORACLE.get_root(size)
    changed = data.draw(st.sampled_from(indexes))
    assert root_by_gaps(leaves | {changed: bytes(32)}, size, hashes) != ORACLE.get_root(size)
    assert root_by_gaps(leaves, size, [*hashes, bytes(32)]) is None


def test_one_leaf_is_proved_by_its_inclusion_path_in_the_order_of_the_tree():
    assert set(inclusion_path(5, 11, hash_of)) == {hash_of(begin, end) for begin, end in gaps([5], 11)}


def test_nothing_is_proved_of_leaves_that_are_not_in_the_tree():
    assert root_by_gaps({}, 0, []) is None
    for outside in (-1, 3, 4):
        assert root_by_gaps({outside: LEAVES[3]}, 3, []) is None
        assert root_by_gaps({outside: LEAVES[3]}, 3, [hash_of(0, 3)]) is None
        assert root_by_gaps({1: LEAVES[1], outside: LEAVES[3]}, 3, [LEAVES[0], LEAVES[2]]) is None
    assert root_by_inclusion(LEAVES[0], 0, 0, []) is None
    assert root_by_inclusion(LEAVES[0], -1, 1, []) is None
    assert root_by_inclusion(LEAVES[1], 1, 1, []) is None


@given(sizes, st.data())
def test_a_forged_inclusion_is_refused(size: int, data: st.DataObject):
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_path(index, size, hash_of), hash_of(0, size)
    assert root_by_inclusion(bytes(32), index, size, path) != root
    assert root_by_inclusion(LEAVES[index], index, size, [*path, LEAVES[0]]) is None
    other = data.draw(st.integers(0, size - 1).filter(lambda other: other != index)) if size > 1 else size
    assert root_by_inclusion(LEAVES[index], other, size, path) != root
    for at in range(len(path)):
        assert root_by_inclusion(LEAVES[index], index, size, [*path[:at], bytes(32), *path[at + 1 :]]) != root
        assert root_by_inclusion(LEAVES[index], index, size, [*path[:at], *path[at + 1 :]]) != root


@given(sizes, st.data())
def test_a_forged_consistency_is_refused(later: int, data: st.DataObject):
    earlier = data.draw(st.integers(1, later))
    path = consistency_path(earlier, later, hash_of)
    older, newer = hash_of(0, earlier), hash_of(0, later)
    assert not is_consistent(earlier, bytes(32), later, newer, path)
    assert not is_consistent(earlier, older, later, bytes(32), path)
    assert not is_consistent(earlier, older, later, newer, [*path, LEAVES[0]])
    assert not is_consistent(later + 1, older, later, newer, path)
    assert not is_consistent(-1, older, later, newer, path)
    for at in range(len(path)):
        assert not is_consistent(earlier, older, later, newer, [*path[:at], bytes(32), *path[at + 1 :]])
        assert not is_consistent(earlier, older, later, newer, [*path[:at], *path[at + 1 :]])


def test_everything_begins_with_the_empty_tree_and_only_with_that():
    assert is_consistent(0, EMPTY, 3, hash_of(0, 3), [])
    assert not is_consistent(0, hash_of(0, 1), 3, hash_of(0, 3), [])


@given(st.lists(st.integers(0, 600), max_size=6), st.integers(0, 600))
def test_a_range_grows_piece_by_piece_and_is_kept_in_a_few_hashes(lengths: list[int], begin: int):
    grown, joined, end = CompactRange(), CompactRange(), 0
    for length in lengths:
        piece = CompactRange(end)
        leaves = (LEAVES * 4)[end : end + length]
        grown.extend(leaves)
        piece.extend(leaves)
        joined.join(piece)
        end += length
        grown_again = CompactRange.from_hashes(end, grown.hashes)
        assert grown_again.root() == joined.root() == grown.root() == root_of((LEAVES * 4)[:end])
    assert joined.end == grown.end == end
    assert joined.hashes == grown.hashes
    assert sorted(joined.tiles) == sorted(grown.tiles)


@pytest.mark.parametrize("first", [1, 100, TILE, TILE + 1])
def test_it_tells_every_tile_that_it_completes(first: int):
    leaves = [number.to_bytes(32) for number in range(TILE * TILE + TILE)]
    left, right = CompactRange(), CompactRange(first)
    left.extend(leaves[:first])
    right.extend(leaves[first:])
    left.join(right)
    ones = [(1, number, root_of(leaves[number * TILE : (number + 1) * TILE])) for number in range(TILE + 1)]
    assert sorted(left.tiles) == [*ones, (2, 0, root_of(leaves[: TILE * TILE]))]
