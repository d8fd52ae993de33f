from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.ids import (
    RANDOM_BYTES,
    Kind,
    ThingId,
    id_prefix,
    make_id,
    parse_id,
    session_partition,
    session_partition_for,
)

kinds = st.sampled_from(get_args(Kind))
sequences = st.integers(1, 10**15 - 1)
times = st.integers(0, 2**45 - 1)
chances = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


@given(times, chances, kinds, sequences)
def test_an_id_says_where_its_thing_is(now_ms: int, random: bytes, kind: Kind, sequence: int):
    partition = session_partition(now_ms, random)
    thing = make_id(partition, kind, sequence)
    assert parse_id(thing) == ThingId(partition, kind, sequence)
    assert thing == f"{id_prefix(partition, kind)}{sequence}"
    assert parse_id(partition) is None


@given(st.text(max_size=30))
def test_any_text_is_an_id_written_in_the_one_way_or_none(text: str):
    named = parse_id(text)
    assert named is None or make_id(*named) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "s1-",
        "s1-e",
        "-e1",
        "s1-e0",
        "s1-e01",
        "s1-x1",
        "s1-e1 ",
        "s1-e-1",
        "s1-e1.0",
        "s1-e²",
        "s1-e" + "9" * 16,
    ],
)
def test_what_is_nearly_an_id_is_none(text: str):
    assert parse_id(text) is None


@given(st.tuples(times, chances), st.tuples(times, chances))
def test_sessions_sort_by_the_time_they_were_made_and_never_meet(one: Any, other: Any):
    if one[0] < other[0]:
        assert session_partition(*one) < session_partition(*other)
    assert (session_partition(*one) == session_partition(*other)) == (one == other)


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_a_session_under_a_key_is_found_again_by_its_actor_and_key_alone(one: Any, other: Any):
    if "\x00" not in "".join(one + other):
        assert (session_partition_for(*one) == session_partition_for(*other)) == (one == other)
    assert len(session_partition_for(*one)) == len(session_partition(0, bytes(RANDOM_BYTES)))


def test_ids_that_callers_have_kept_never_change():
    assert session_partition(1_700_000_000_000, bytes(range(RANDOM_BYTES))) == "s1hf7yat0000g40r40m30e209"
    assert session_partition_for("ann", "take-1") == "sjgb8bvpttqryaecet0psxp5z"
