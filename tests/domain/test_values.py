"""The rules of values, each met and broken."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ledger.domain.values import (
    JSON_DEPTH_MAX,
    NAME_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    TIMESTAMP_MS_MAX,
    Frozen,
    Json,
    Measure,
    Name,
    Number,
    Text,
    TimestampMs,
    Whole,
)


class Bearer(Frozen):
    name: Name = "x"
    text: Text = ""
    at: TimestampMs = 0
    whole: Whole = 0
    number: Number = 0
    measure: Measure = 0
    json_value: Json = None


def nested(depth: int) -> Any:
    value: Any = "bottom"
    for level in range(depth):
        value = [value, 1] if level % 2 else {"in": value, "beside": 1}
    return value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " a "),
        ("name", "\n."),
        ("name", "é" * NAME_LENGTH_MAX),
        ("text", ""),
        ("text", "  \n"),
        ("text", "x" * TEXT_LENGTH_MAX),
        ("at", 0),
        ("at", 0.5),
        ("at", TIMESTAMP_MS_MAX),
        ("at", float(TIMESTAMP_MS_MAX)),
        ("at", 5.0),
        ("whole", 5.0),
        ("whole", -3),
        ("measure", -1e300),
        ("measure", 2**53),
        ("measure", 1.0),
        ("number", -1e300),
        ("number", 2**70),
        ("json_value", nested(JSON_DEPTH_MAX)),
        ("json_value", [None, True, 1, 1.5, "x", {"a": []}]),
        ("json_value", 2**70),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_keeps_the_rules_is_kept_as_it_is(field: str, value: Any):
    kept = getattr(Bearer(**{field: value}), field)
    assert kept == value
    assert type(kept) is (int if field == "whole" else type(value))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   \t\n"),
        ("name", "a\x00b"),
        ("name", "\x00"),
        ("name", "a\x00"),
        ("name", "x" * (NAME_LENGTH_MAX + 1)),
        ("name", 5),
        ("name", None),
        ("text", "\x00"),
        ("text", "x" * (TEXT_LENGTH_MAX + 1)),
        ("text", b"x"),
        ("at", -1),
        ("at", TIMESTAMP_MS_MAX + 1),
        ("at", float("nan")),
        ("at", float("inf")),
        ("at", True),
        ("at", "5"),
        ("whole", 5.5),
        ("whole", True),
        ("whole", "5"),
        ("measure", 10**400),
        ("measure", True),
        ("measure", "1"),
        ("measure", float("nan")),
        ("number", False),
        ("number", float("inf")),
        ("number", "1"),
        ("json_value", nested(JSON_DEPTH_MAX + 1)),
        ("json_value", float("nan")),
        ("json_value", {"a": [float("-inf")]}),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_breaks_a_rule_is_refused(field: str, value: Any):
    with pytest.raises(ValidationError):
        Bearer(**{field: value})


def test_a_measure_too_great_to_be_exact_becomes_the_nearest_double():
    kept = Bearer(measure=2**53 + 1).measure
    assert (type(kept), kept) == (float, 2.0**53)


def test_very_deep_json_is_refused_without_exhausting_the_stack():
    with pytest.raises(ValidationError, match="nested deeper than 32 levels"):
        Bearer(json_value=nested(100_000))


def test_values_cannot_be_changed_and_take_no_unknown_field():
    with pytest.raises(ValidationError, match="frozen"):
        Bearer().name = "y"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        TypeAdapter(Bearer).validate_python({"nmae": "x"})


def test_fields_are_camel_case_outside():
    assert Bearer(json_value=1).model_dump(by_alias=True)["jsonValue"] == 1
    assert Bearer.model_validate_json('{"jsonValue": {"a": null}}').json_value == {"a": None}
