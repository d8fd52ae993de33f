"""Values as the clients write and read them, judged by the Python client's own code."""

import json
import math
from typing import Any

import pytest
from convex.values import ConvexInt64, convex_to_json, json_to_convex
from hypothesis import given
from hypothesis import strategies as st

from ledger.api.functions.values import may_be_wrapped, require_json, with_floats, with_names_allowed
from ledger.domain.refusals import Invalid

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
names = st.text("abc _-.$%é\n\x7f", max_size=5)
documents = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (ConvexInt64(7), "int64"),
        (b"face", "bytes"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-0.0, "-0"),
    ],
)
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_what_json_has_no_word_for_is_refused_by_the_name_of_its_field(value: Any, rule: str, depth: int):
    field = {0: "score", 1: "metadata.a", 2: "events[1].metadata"}[depth]
    args = {
        0: {"score": value},
        1: {"metadata": {"a": value}},
        2: {"events": [{}, {"metadata": value}]},
    }[depth]
    sent = convex_to_json(args)
    assert may_be_wrapped(json.dumps(sent).encode())
    with pytest.raises(Invalid, match=rule) as refused:
        require_json(sent)
    assert refused.value.detail["field"] == field


@pytest.mark.parametrize("encoded", ["AAAAAAAA8D8=", "AAAA", "no base64", 7, None])
def test_a_float_that_has_no_need_to_be_wrapped_is_refused(encoded: Any):
    with pytest.raises(Invalid, match="score"):
        require_json({"score": {"$float": encoded}})


def test_a_field_that_begins_with_a_dollar_is_refused_however_it_is_spelled():
    body = b'{"args":{"metadata":{"\\u0024set":1}}}'
    assert may_be_wrapped(body)
    with pytest.raises(Invalid, match="begins with"):
        require_json(json.loads(body)["args"])


def test_what_is_nested_too_deep_is_refused():
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(Invalid, match="too deep"):
        require_json(deep)


@given(documents)
def test_every_answer_can_be_read_by_the_clients(document: Any):
    for text in (json.dumps(document), json.dumps(document, ensure_ascii=False)):
        read = json_to_convex(json.loads(with_floats(with_names_allowed(text))))
        assert shape(read) == shape(document)
        if not may_be_escaped(document):
            assert with_names_allowed(text) == text
            assert read == document


def shape(value: Any) -> Any:
    """A value without the names of its fields."""
    if isinstance(value, dict):
        return [shape(item) for item in value.values()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    return value


def may_be_escaped(value: Any) -> bool:
    if isinstance(value, dict):
        own = any(name.startswith("$") or not (name.isascii() and name.isprintable()) for name in value)
        return own or any(map(may_be_escaped, value.values()))
    return isinstance(value, list) and any(map(may_be_escaped, value))


def test_names_that_no_client_can_read_are_written_as_in_a_url():
    answer = with_names_allowed('{"$set":{"Größe":1},"a\\u00e9":"é $x"}')
    assert json.loads(answer) == {"%24set": {"Gr%C3%B6%C3%9Fe": 1}, "a%C3%A9": "é $x"}


def test_numbers_go_out_as_floats_however_large():
    assert with_floats('{"a":58,"b":[1.5,-1],"c":"58"}') == '{"a":58.0,"b":[1.5,-1.0],"c":"58"}'
    huge = json.loads(with_floats(f"[{'9' * 400},-{'9' * 400}]"))
    assert huge == [1.7976931348623157e308, -1.7976931348623157e308]
