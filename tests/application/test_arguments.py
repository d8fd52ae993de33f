"""What is wrong with arguments is told by the field and the rule, before anything else happens."""

from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.arguments import arguments_from_text, digest_of, former_digest_of
from ledger.application.catalogue import BY_NAME
from ledger.application.director import ExportEventPage
from ledger.application.sessions import ListSessions
from ledger.application.stills import ListStills
from ledger.application.timeline import GetTimeline
from ledger.domain.arguments import ERRORS_TOLD_MAX, parse_arguments
from ledger.domain.refusals import Invalid

MINIMAL: dict[str, dict[str, Any]] = {
    "startProductionSession": {"sessionType": "music_demo"},
    "updateProductionSession": {"sessionId": "s"},
    "upsertProductionCamera": {
        "sessionId": "s",
        "cameraId": "c",
        "sourceType": "iphone",
        "role": "hero",
        "priorityWeight": 1,
        "isActive": True,
    },
    "appendDirectorEvent": {"sessionId": "s", "timestampMs": 1, "eventType": "cut"},
    "appendDirectorEventsBatch": {"sessionId": "s", "events": [{"timestampMs": 1, "eventType": "cut"}] * 3},
    "correctDirectorEvent": {"sessionId": "s", "eventId": "e", "changes": {"void": True}, "reason": "x"},
    "listStillCandidates": {"sessionId": "s"},
    "exportProductionEventPage": {"sessionId": "s"},
}


def deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def refused(name: str, arguments: Any) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse_arguments(BY_NAME[f"production:{name}"].arguments, arguments)
    return caught.value


@pytest.mark.parametrize("name", MINIMAL)
def test_what_is_required_is_enough_and_a_null_counts_as_not_given(name: str):
    kind = BY_NAME[f"production:{name}"].arguments
    nulls = {field.alias: None for field in kind.model_fields.values() if not field.is_required()}
    assert parse_arguments(kind, MINIMAL[name] | nulls) == parse_arguments(kind, MINIMAL[name])


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, told in MINIMAL.items() for field in told])
def test_what_is_required_and_missing_is_named(name: str, field: str):
    for arguments in (
        {**MINIMAL[name], field: None},
        {key: MINIMAL[name][key] for key in MINIMAL[name] if key != field},
    ):
        assert refused(name, arguments).detail == {"field": field, "rule": "is required"}


BROKEN: list[tuple[str, dict[str, Any], str, str]] = [
    ("updateProductionSession", {"sessionId": ""}, "sessionId", "must not be empty"),
    ("updateProductionSession", {"sessionId": "  "}, "sessionId", "must hold more than spaces, and no NUL character"),
    ("updateProductionSession", {"sessionId": "a\0b"}, "sessionId", "must hold more than spaces, and no NUL character"),
    ("updateProductionSession", {"sessionId": 5}, "sessionId", "must be text"),
    ("updateProductionSession", {"sessionId": "x" * 513}, "sessionId", "must have at most 512 characters"),
    ("updateProductionSession", {"title": ["x"]}, "title", "must be text"),
    ("updateProductionSession", {"titel": "x"}, "titel", "is not a known field"),
    ("updateProductionSession", {"director_mode": "pose"}, "director_mode", "is not a known field"),
    ("updateProductionSession", {"status": "over"}, "status", "'cancelled'"),
    ("updateProductionSession", {"metadata": deep(33)}, "metadata", "nested deeper than 32 levels"),
    ("updateProductionSession", {"metadata": {"a": float("nan")}}, "metadata", "finite"),
    ("updateProductionSession", {"unset": "title"}, "unset", "must be an array"),
    ("updateProductionSession", {"unset": ["title", "status"]}, "unset[1]", "must be"),
    ("updateProductionSession", {"timestampMs": "5"}, "timestampMs", "must be a number"),
    ("upsertProductionCamera", {"priorityWeight": True}, "priorityWeight", "must be a number"),
    ("upsertProductionCamera", {"priorityWeight": "1"}, "priorityWeight", "must be a number"),
    ("upsertProductionCamera", {"priorityWeight": float("inf")}, "priorityWeight", "must be a finite number"),
    ("upsertProductionCamera", {"isActive": 1}, "isActive", "must be true or false"),
    ("upsertProductionCamera", {"isActive": "true"}, "isActive", "must be true or false"),
    ("appendDirectorEvent", {"timestampMs": True}, "timestampMs", "must be a number"),
    ("appendDirectorEvent", {"timestampMs": -1}, "timestampMs", "must be greater than or equal to 0"),
    ("appendDirectorEvent", {"timestampMs": 8.65e15}, "timestampMs", "must be less than or equal to"),
    ("appendDirectorEventsBatch", {"events": {}}, "events", "must be an array"),
    ("appendDirectorEventsBatch", {"events": [5]}, "events[0]", "must be"),
    (
        "appendDirectorEventsBatch",
        {"events": [{"timestampMs": 1, "eventType": "cut"}, {"timestampMs": "x", "eventType": "cut"}]},
        "events[1].timestampMs",
        "must be a number",
    ),
    (
        "appendDirectorEventsBatch",
        {"events": [{"timestampMs": 1, "eventType": "cut", "sessionId": "s"}]},
        "events[0].sessionId",
        "is not a known field",
    ),
    ("correctDirectorEvent", {"changes": []}, "changes", "must be an object"),
    ("correctDirectorEvent", {"changes": {"sessionId": "t"}}, "changes.sessionId", "is not a known field"),
    ("correctDirectorEvent", {"changes": {"score": "1"}}, "changes.score", "must be a number"),
    ("listStillCandidates", {"limit": 0}, "limit", "must be greater than or equal to 1"),
    ("listStillCandidates", {"limit": 10_001}, "limit", "must be less than or equal to 10000"),
    ("listStillCandidates", {"limit": 1.5}, "limit", "must be a whole number"),
    ("listStillCandidates", {"limit": True}, "limit", "must be a whole number"),
    ("listStillCandidates", {"favoritesOnly": 0}, "favoritesOnly", "must be true or false"),
    ("exportProductionEventPage", {"paginationOpts": {"numItems": 0}}, "paginationOpts.numItems", "greater than"),
    ("exportProductionEventPage", {"cursor": 5}, "cursor", "must be text"),
]


@pytest.mark.parametrize(
    ("name", "wrong", "field", "rule"), BROKEN, ids=[f"{field} {str(wrong)[:99]}" for _, wrong, field, _ in BROKEN]
)
def test_what_is_wrong_is_told_by_field_and_rule(name: str, wrong: dict[str, Any], field: str, rule: str):
    refusal = refused(name, MINIMAL[name] | wrong)
    assert refusal.detail["field"] == field
    assert rule in refusal.detail["rule"]
    assert refusal.message == f"{field}: {refusal.detail['rule']}"


@pytest.mark.parametrize("arguments", [None, [], "x", 5, True], ids=repr)
def test_arguments_are_an_object(arguments: Any):
    assert refused("startProductionSession", arguments).detail["field"] == "arguments"


def test_several_faults_are_all_told_up_to_a_number():
    refusal = refused("appendDirectorEvent", {"timestampMs": "x", "score": "y"})
    told = {error["field"] for error in refusal.detail["errors"]}
    assert told == {"sessionId", "timestampMs", "eventType", "score"}
    many = {"sessionId": "s", "events": [{"eventType": "cut"}] * 50}
    assert len(refused("appendDirectorEventsBatch", many).detail["errors"]) == ERRORS_TOLD_MAX


@pytest.mark.parametrize(
    ("kind", "text", "arguments"),
    [
        (ListStills, {"sessionId": "5", "limit": "5"}, {"sessionId": "5", "limit": 5}),
        (ListStills, {"favoritesOnly": "true", "cameraId": "true"}, {"favoritesOnly": True, "cameraId": "true"}),
        (ListStills, {"limit": "null"}, {"limit": None}),
        (ListSessions, {"status": "setup", "cursor": "123"}, {"status": "setup", "cursor": "123"}),
        (ListSessions, {"numItems": "50"}, {"numItems": 50}),
        (
            ExportEventPage,
            {"paginationOpts": '{"numItems":50,"cursor":null}', "eventType": "cut"},
            {"paginationOpts": {"numItems": 50, "cursor": None}, "eventType": "cut"},
        ),
        (GetTimeline, {"windowStartMs": "1.5"}, {"windowStartMs": 1.5}),
        (GetTimeline, {"unknown": "[1"}, {"unknown": "[1"}),
    ],
    ids=str,
)
def test_query_parameters_become_what_their_fields_take(kind: Any, text: dict[str, str], arguments: dict[str, Any]):
    assert arguments_from_text(kind, text) == arguments


@pytest.mark.parametrize("value", ["", "x", "{", "NaN", "1 2", "[" * 5_000])
def test_a_query_parameter_that_should_be_json_and_is_not_is_named(value: str):
    with pytest.raises(Invalid) as caught:
        arguments_from_text(ListStills, {"limit": value})
    assert caught.value.detail["field"] == "limit"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 5.0}, {"a": 5}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": None}, {}),
        ({"a": {"b": [1.0, {"c": -0.0}]}}, {"a": {"b": [1, {"c": 0}]}}),
        ({"a": 1e16}, {"a": 10**16}),
        ({"a": 1e300, "b": 2.0}, {"a": int(1e300), "b": 2}),
        ({"a": "\ud800", "b": 2.0}, {"a": "\ud800", "b": 2}),
    ],
    ids=str,
)
def test_two_ways_to_say_one_thing_are_one_request(one: Any, other: Any):
    assert digest_of("f", one) == digest_of("f", other)
    assert former_digest_of("f", one) == former_digest_of("f", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 5}, {"a": "5"}),
        ({"a": 1}, {"a": True}),
        ({"a": 5.5}, {"a": 5}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": {"b": None}}, {"a": {}}),
        ({"a": False}, {}),
    ],
    ids=str,
)
def test_different_things_are_different_requests(one: Any, other: Any):
    assert digest_of("f", one) != digest_of("f", other)
    assert digest_of("f", one) != digest_of("g", one)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


_TEXTS = st.text('"\\\\.,05e-[]{}é\n', max_size=8)
_NUMBERS = st.sampled_from((0.0, -0.0, 5.0, -5.0, 10.0, 0.05, -0.05, 1e15, 1e16, 1e-7, 1e300, -1e300, 100.05, 7, -7))
_AWKWARD = st.recursive(
    _NUMBERS | _TEXTS | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(_AWKWARD)
def test_a_digest_is_made_of_the_canonical_text(value: Any):
    text = msgspec.json.Encoder(order="sorted").encode
    whole = msgspec.json.Decoder(float_hook=lambda it: int(float(it)) if float(it).is_integer() else float(it)).decode
    assert (
        digest_of("f", {"a": value}) == sha256(text(["f", {} if value is None else whole(text({"a": value}))])).digest()
    )


@given(st.dictionaries(st.text(max_size=3), _JSON, max_size=3), st.dictionaries(st.text(max_size=3), _JSON, max_size=3))
def test_what_was_the_same_request_before_is_the_same_now(one: dict[str, Any], other: dict[str, Any]):
    mixed = dict(reversed(one.items()))
    assert digest_of("f", one) == digest_of("f", mixed)
    were_same = former_digest_of("f", one) == former_digest_of("f", other)
    assert (digest_of("f", one) == digest_of("f", other)) == were_same
