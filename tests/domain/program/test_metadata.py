"""Any JSON may stand in metadata: what is meant is taken, and everything else is as if it were not there."""

from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cutlog import Transition
from ledger.domain.program.metadata import (
    as_hold_id,
    as_name,
    as_number,
    as_transition,
    first_name,
    first_number,
    member,
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "durationMs"]), inner),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("metadata", "found"),
    [({"a": 1}, 1), ({"a": None}, None), ({}, None), (None, None), (["a"], None), ("a", None), (5, None)],
    ids=repr,
)
def test_only_an_object_has_members(metadata: Any, found: Any):
    assert member(metadata, "a") == found


@pytest.mark.parametrize(("value", "name"), [("cam-1", "cam-1"), (" a", " a"), ("", None), (" \t", None), (5, None)])
def test_a_name_is_text_that_says_something(value: Any, name: str | None):
    assert as_name(value) == name


@pytest.mark.parametrize("value", [True, False, nan, inf, -inf, "5", None, [5]], ids=repr)
def test_what_is_no_finite_number_is_none(value: Any):
    assert as_number(value) is None


def test_numbers_stay_what_they_are():
    assert [repr(as_number(value)) for value in (5, 5.0, -0.5, 10**30)] == ["5", "5.0", "-0.5", repr(10**30)]


@pytest.mark.parametrize(
    ("value", "hold_id"), [(7, "7"), ("7", "7"), ("h", "h"), (True, None), (7.0, None), ("", None)], ids=repr
)
def test_a_hold_is_counted_or_named(value: Any, hold_id: str | None):
    assert as_hold_id(value) == hold_id


def test_a_transition_has_a_kind_and_a_length():
    assert as_transition({"type": "wipe", "durationMs": 0}) == Transition(type="wipe", duration_ms=0)
    half = [{"type": "wipe"}, {"durationMs": 5}, {"type": " ", "durationMs": 5}, {"type": "wipe", "durationMs": -1}]
    assert [as_transition(value) for value in half] == [None] * 4


def test_the_first_that_says_something_counts():
    assert first_number(None, "5", True, 0, 5) == 0
    assert first_name(None, 5, "", "a", "b") == "a"
    assert (first_number(), first_name()) == (None, None)


@given(anything)
def test_no_json_breaks_a_replay(value: Any):
    assert as_name(value) is None or isinstance(value, str)
    assert as_number(value) is None or isinstance(value, int | float)
    as_hold_id(value)
    as_transition(value)
    member(value, "type")
