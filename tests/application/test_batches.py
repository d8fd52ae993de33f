"""The shorter way of a batch takes nothing that the command's own rules would not, and makes the same of it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.batches import read_batch
from ledger.domain.arguments import parse_arguments
from ledger.domain.director import BATCH_LENGTH_MAX, RecordDirectorEvents, StatedDirectorEvent
from ledger.domain.refusals import Invalid
from ledger.domain.values import INTEGER_MAX, JSON_DEPTH_MAX, NAME_LENGTH_MAX, TEXT_LENGTH_MAX, TIMESTAMP_MS_MAX
from ledger.log.codec import encode

CUT = {
    "timestampMs": 1_500,
    "eventType": "cut",
    "cameraId": "cam-1",
    "reason": "",
    "score": 0.5,
    "metadata": {"a": [1]},
}


def text_of(*events: Any, session_id: Any = "s", **others: Any) -> bytes:
    return json.dumps({"sessionId": session_id, "events": list(events)} | others).encode()


def by_the_rules(body: bytes) -> RecordDirectorEvents:
    return parse_arguments(RecordDirectorEvents, msgspec.json.decode(body))


def command_in(body: bytes) -> RecordDirectorEvents:
    command = read_batch(body)
    assert command is not None
    return command


def fields_of(event: Any) -> dict[str, Any]:
    return {name: getattr(event, name) for name in StatedDirectorEvent.model_fields}


names = st.sampled_from(
    ("cut", "", " ", "\u2003", "\x1c", "\x00", "a\x00b", "\\u0000", "é", "x" * NAME_LENGTH_MAX)
) | st.text(max_size=4)
texts = names | st.just("x" * TEXT_LENGTH_MAX) | st.just("x" * (TEXT_LENGTH_MAX + 1))
numbers = (
    st.sampled_from(
        (0, -1, -0.0, 0.5, True, TIMESTAMP_MS_MAX, TIMESTAMP_MS_MAX + 1, 8.64e15, 8.65e15, INTEGER_MAX + 1, 2**70)
    )
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.none() | st.booleans() | numbers | names
jsons = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)
events = st.fixed_dictionaries(
    {"timestampMs": numbers, "eventType": names | st.just("cut")},
    optional={
        "cameraId": st.none() | names,
        "reason": st.none() | texts,
        "score": st.none() | numbers,
        "metadata": jsons,
    },
) | st.dictionaries(st.sampled_from((*CUT, "timestamp_ms", "colour")), jsons, max_size=3)


@given(st.lists(events, max_size=2), names | values)
def test_what_is_taken_the_rules_take_with_the_same_values(stated: list[dict[str, Any]], session_id: Any):
    body = text_of(*stated, session_id=session_id)
    taken = read_batch(body)
    if taken is not None:
        ruled = by_the_rules(body)
        assert taken.session_id == ruled.session_id
        assert [repr(fields_of(event)) for event in taken.events] == [repr(fields_of(event)) for event in ruled.events]
        assert [encode(event) for event in taken.events] == [encode(event) for event in ruled.events]


@given(st.lists(st.sampled_from(("cameraId", "reason", "score", "metadata")), unique=True), st.booleans())
def test_what_callers_send_is_taken(without: list[str], as_null: bool):
    event = {name: None if as_null and name in without else value for name, value in CUT.items()}
    event = {name: value for name, value in event.items() if as_null or name not in without}
    taken = command_in(text_of(event, CUT))
    assert [encode(it) for it in taken.events] == [encode(it) for it in by_the_rules(text_of(event, CUT)).events]


@pytest.mark.parametrize(
    "event",
    [
        b'{"timestampMs": 1, "timestampMs": 2, "eventType": "cut", "cameraId": "x", "cameraId": null}',
        b'{"\\u0074imestampMs": 1, "eventType": "c\\u0075t"}',
        b'{"timestampMs": 1E2, "eventType": "cut", "score": -0.0, "metadata": {"a": 1, "a": 2}}',
        b'{"timestampMs": 1, "eventType": "cut", "metadata": 12345678901234567890123}',
    ],
)
def test_however_it_is_spelled_it_says_the_same(event: bytes):
    body = b' {"sessionId": "s", "events": [' + event + b"]}\n"
    taken = command_in(body)
    assert [encode(it) for it in taken.events] == [encode(it) for it in by_the_rules(body).events]


def nested(levels: int) -> Any:
    return json.loads("[" * levels + "]" * levels)


@pytest.mark.parametrize(
    "body",
    [
        text_of(CUT, CUT | {"timestampMs": -1}),
        text_of(CUT | {"timestampMs": True}),
        text_of(CUT | {"eventType": "\t "}),
        text_of(CUT | {"cameraId": " "}),
        text_of(CUT | {"cameraId": "a\x00"}),
        text_of(CUT | {"reason": "x" * (TEXT_LENGTH_MAX + 1)}),
        text_of(CUT | {"metadata": nested(JSON_DEPTH_MAX + 1)}),
        text_of(CUT | {"colour": "red"}),
        text_of(CUT, colour="red"),
        text_of({}),
        text_of(CUT, session_id=" "),
        text_of(*[CUT] * (BATCH_LENGTH_MAX + 1)),
    ],
)
def test_what_breaks_a_rule_is_left_to_the_rules(body: bytes):
    assert read_batch(body) is None
    with pytest.raises(Invalid):
        by_the_rules(body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"sessionId": "\xff"}', b"[" * 100_000, b"null"])
def test_what_is_no_batch_at_all_is_not_taken(body: bytes):
    assert read_batch(body) is None
