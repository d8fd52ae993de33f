import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.api.ranges import UnsatisfiableError, range_of


@pytest.mark.parametrize(
    ("asked", "size", "part"),
    [
        ("bytes=0-4", 10, (0, 5)),
        ("bytes=4-4", 10, (4, 5)),
        ("bytes=4-", 10, (4, 10)),
        ("bytes=4-400", 10, (4, 10)),
        ("bytes=-4", 10, (6, 10)),
        ("bytes=-400", 10, (0, 10)),
        ("Bytes=1-2 ", 10, (1, 3)),
    ],
)
def test_one_range_is_a_part(asked: str, size: int, part: tuple[int, int]):
    assert range_of(asked, size) == part


@pytest.mark.parametrize("asked", ["bytes=5-", "bytes=5-6", "bytes=-0"])
def test_what_the_file_has_nothing_of_cannot_be_had(asked: str):
    with pytest.raises(UnsatisfiableError, match="5 bytes"):
        range_of(asked, 5)


@pytest.mark.parametrize(
    "asked", ["", "bytes", "bytes=-", "bytes=3-1", "bytes=0-1,3-4", "pages=0-1", "bytes=a-b", "bytes=²-"]
)
def test_what_is_no_single_range_is_ignored(asked: str):
    assert range_of(asked, 5) is None


@given(st.text(alphabet="bytes=0123456789-, "), st.integers(0, 100))
def test_whatever_is_asked_the_part_lies_in_the_file(asked: str, size: int):
    try:
        part = range_of(asked, size)
    except UnsatisfiableError:
        return
    assert part is None or 0 <= part.start < part.end <= size
