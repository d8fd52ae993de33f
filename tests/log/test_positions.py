import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.refusals import Invalid
from ledger.log.positions import Position

places = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 2**53)), min_size=1, max_size=5).map(tuple)


@given(st.from_regex(r"[0-9a-f]{8}", fullmatch=True), places)
def test_a_token_is_read_back_as_the_position_it_was(epoch: str, shards: tuple[tuple[int, int], ...]):
    position = Position(epoch, shards)
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "ab12",
        "ab12.",
        "ab12.0",
        "ab12.0-",
        "ab12.x-1",
        "ab12.0-1-2",
        ".0-1",
        "a b.0-1",
        "é.0-1",
        "ab12.0--1",
        "NaN",
    ],
)
def test_what_is_no_token_is_refused_by_the_name_of_its_header(token: str):
    with pytest.raises(Invalid) as refused:
        Position.parse(token)
    assert refused.value.detail["field"] == "Ledger-At-Least"
