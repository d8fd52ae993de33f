"""The tail answers as a plain list of everything would, or says that it does not reach back that far."""

from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ledger.log.tail import Tail


def leaf_of(position: Any) -> bytes:
    leaf: bytes = position.to_bytes(32)
    return leaf


@given(
    st.integers(0, 5),
    st.integers(1, 8),
    st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=8),
    st.integers(0, 40),
    st.integers(1, 10),
)
def test_it_is_the_newest_part_of_a_list(
    head: int, kept_max: int, runs: list[tuple[int, bool]], after: int, limit: int
):
    tail = Tail(head, kept_max)
    everything: list[Any] = list(range(1, head + 1))
    reaches_back_to = head
    for length, after_a_gap in runs:
        if after_a_gap:
            everything.append(len(everything) + 1)
        reaches_back_to = len(everything)
        run: list[Any] = [len(everything) + 1 + index for index in range(length)]
        tail.extend(len(everything) + 1, run, list(map(leaf_of, run)))
        everything += run
    assert tail.head == len(everything)
    found = tail.after(after, limit)
    if found is None:
        assert after < reaches_back_to, "the newest run is always kept whole"
    else:
        assert found == everything[after : after + limit]
        assert tail.leaves(after, after + limit) == list(map(leaf_of, found))
        assert tail.leaves(after, len(everything) + limit) == list(map(leaf_of, everything[after:]))
        assert tail.leaf_at(after + 1) == (leaf_of(found[0]) if found else None)


class Placed(NamedTuple):
    partition: str


@given(st.lists(st.text("ab", min_size=1, max_size=5), max_size=8), st.integers(0, 40), st.integers(1, 10))
def test_the_newest_of_a_partition_is_found_as_in_a_list(runs: list[str], after: int, kept_max: int):
    tail, everything = Tail(0, kept_max), ""
    for run in runs:
        entries: list[Any] = list(map(Placed, run))
        tail.extend(len(everything) + 1, entries, [b""] * len(run))
        everything += run
    assert tail.reaches_back_to(after) == (tail.after(after, 1) is not None)
    for partition in "abc":
        found = tail.newest_of(partition, after)
        assert found == (None if tail.after(after, 1) is None else max(after, everything.rfind(partition) + 1))


def test_what_was_there_before_it_began_is_not_in_it():
    assert Tail(7, 8).after(6, 10) is None
    assert Tail(7, 8).after(7, 10) == []


def test_what_was_committed_past_it_is_not_in_it():
    tail = Tail(0, 8)
    run: list[Any] = [1, 2]
    tail.extend(1, run, [b""] * 2)
    tail.skip_to(5)
    assert (tail.head, tail.after(1, 10), tail.after(4, 10), tail.after(5, 10)) == (5, None, None, [])


def test_what_was_skipped_takes_no_room():
    tail = Tail(0, kept_max=2)
    run: list[Any] = [1, 2]
    tail.extend(1, run, [b""] * 2)
    tail.skip_to(5)
    for position in (6, 7):
        tail.extend(position, [run[0]], [b""])
    assert tail.after(5, 10) == [run[0]] * 2
    tail.extend(8, [run[0]], [b""])
    assert tail.after(5, 10) is None


def test_one_long_run_is_kept_whole():
    tail = Tail(0, kept_max=2)
    run: list[Any] = [1, 2, 3, 4]
    tail.extend(1, run, [b""] * 4)
    assert tail.after(0, 10) == run
    tail.extend(5, run[:1], [b""])
    assert tail.after(0, 10) is None
    assert tail.after(4, 10) == run[:1]
