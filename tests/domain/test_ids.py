from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.ids import (
    RANDOM_BYTES,
    Kind,
    PartitionKind,
    ThingId,
    id_prefix,
    make_id,
    new_partition,
    parse_id,
    partition_for,
    partition_kind,
)

kinds = st.sampled_from(get_args(Kind))
sequences = st.integers(1, 10**15 - 1)
times = st.integers(0, 2**45 - 1)
chances = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


@given(times, chances, kinds, sequences)
def test_an_id_says_where_its_thing_is(now_ms: int, random: bytes, kind: Kind, sequence: int):
    partition = new_partition("session", now_ms, random)
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
        assert new_partition("session", *one) < new_partition("session", *other)
    assert (new_partition("session", *one) == new_partition("session", *other)) == (one == other)


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_a_session_under_a_key_is_found_again_by_its_actor_and_key_alone(one: Any, other: Any):
    if "\x00" not in "".join(one + other):
        assert (partition_for("session", *one) == partition_for("session", *other)) == (one == other)
    assert len(partition_for("session", *one)) == len(new_partition("session", 0, bytes(RANDOM_BYTES)))


def test_ids_that_callers_have_kept_never_change():
    assert new_partition("session", 1_700_000_000_000, bytes(range(RANDOM_BYTES))) == "s1hf7yat0000g40r40m30e209"
    assert partition_for("session", "ann", "take-1") == "sjgb8bvpttqryaecet0psxp5z"


@given(st.sampled_from(get_args(PartitionKind)), times, chances, st.text())
def test_a_partition_says_what_it_is_about(kind: PartitionKind, now_ms: int, random: bytes, name: str):
    assert partition_kind(new_partition(kind, now_ms, random)) == kind
    assert partition_kind(partition_for(kind, name)) == kind


@pytest.mark.parametrize("text", ["", "c", "c1", "keys", "c" * 24, "C" + "0" * 24, "c" + "u" * 24, "x" + "0" * 24])
def test_what_is_no_partition_of_ours_is_asked_for_as_a_session(text: str):
    assert partition_kind(text) == "session"
