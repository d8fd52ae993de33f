"""Whatever a caller sends is a command, a question or a refusal that says why: soon, and without filling the machine's memory."""

import json
import tracemalloc
from collections.abc import Callable
from time import process_time
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.arguments import arguments_from_text, digest_of
from ledger.application.catalogue import BY_NAME, FUNCTIONS
from ledger.application.functions import Function
from ledger.application.pages import Cursor, Pages
from ledger.domain.arguments import parse_arguments
from ledger.domain.ids import make_id, parse_id
from ledger.domain.refusals import Invalid, Refusal
from ledger.log.epochs import Epoch, Epochs
from ledger.log.positions import Position
from tests.mutations import STRANGE_TOKENS, mutated

MESSAGE_LENGTH_MAX: Final = 2_000
EPOCHS: Final = Epochs([Epoch("0a1b2c3d", 0, None)], shard_count=1)

strange: Final = st.sampled_from([token.decode() for token in STRANGE_TOKENS if token.isascii() and len(token) < 1_000])
json_values: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\x00", " ", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def fields_of(function: Function) -> list[str]:
    return [field.alias or name for name, field in function.arguments.model_fields.items()]


def named(functions: tuple[Function, ...]) -> st.SearchStrategy[tuple[Function, dict[str, Any]]]:
    """A function, and arguments under its own names for the most part."""

    def of(function: Function) -> st.SearchStrategy[tuple[Function, dict[str, Any]]]:
        names = st.sampled_from([*fields_of(function), "nothing"]) | st.text(max_size=8)
        return st.tuples(st.just(function), st.dictionaries(names, json_values, max_size=8))

    return st.sampled_from(functions).flatmap(of)


def refused(refusal: Refusal) -> None:
    assert refusal.detail["field"]
    assert len(json.dumps(refusal.detail)) <= 10 * MESSAGE_LENGTH_MAX
    assert len(refusal.message) <= MESSAGE_LENGTH_MAX, "an error is read by a person"


@given(named(FUNCTIONS) | st.tuples(st.sampled_from(FUNCTIONS), json_values))
def test_any_values_are_arguments_or_refused(asked: tuple[Function, Any]):
    function, arguments = asked
    try:
        parse_arguments(function.arguments, arguments)
    except Invalid as refusal:
        refused(refusal)
    assert len(digest_of(function.name, arguments)) == 32


@given(st.sampled_from(FUNCTIONS), st.data())
def test_any_query_parameters_are_arguments_or_refused(function: Function, data: st.DataObject):
    names = st.sampled_from([*fields_of(function), "nothing"])
    text = data.draw(st.dictionaries(names, strange | st.text(), max_size=5))
    try:
        parse_arguments(function.arguments, arguments_from_text(function.arguments, text))
    except Invalid as refusal:
        refused(refusal)


OURS: Final = Cursor.of(Pages(), EPOCHS, scope="history", filters=["s1", None], pinned=7).at((1_000.5, 3))


@given(st.text(max_size=200) | mutated(OURS.encode()).map(lambda it: it.decode("latin-1")))
def test_any_text_is_a_cursor_of_ours_or_refused(token: str):
    try:
        pages = parse_arguments(Pages, {"cursor": token})
        cursor = Cursor.of(pages, EPOCHS, scope="history", filters=["s1", None])
    except Refusal as refusal:
        refused(refusal)
    else:
        assert not token or all(0 <= number <= 2**53 for number in cursor.place or ())


@given(st.text(max_size=200) | mutated(b"0a1b2c3d.0-17.1-4").map(lambda it: it.decode("latin-1")))
def test_any_text_is_a_position_or_refused(token: str):
    try:
        position = Position.parse(token)
    except Invalid as refusal:
        refused(refusal)
    else:
        assert Position.parse(str(position)) == position


@given(st.text(max_size=200) | mutated(b"s06csy-e412").map(lambda it: it.decode("latin-1")))
def test_any_text_is_an_id_or_none(text: str):
    named = parse_id(text)
    assert named is None or make_id(*named) == text


MANY: Final = 300_000
LARGE: Final[dict[str, Callable[[], tuple[str, dict[str, Any]]]]] = {
    "fields to clear": lambda: ("updateProductionSession", {"sessionId": "s", "unset": [0] * MANY}),
    "fields to clear of a still": lambda: ("updateStillCandidate", {"stillCandidateId": "s", "unset": [0] * MANY}),
    "fields to clear of a camera": lambda: (
        "setProductionCameraState",
        {"sessionId": "s", "cameraId": "c", "unset": [0] * MANY},
    ),
    "fields to clear of a correction": lambda: (
        "correctDirectorEvent",
        {"sessionId": "s", "eventId": "e", "reason": "r", "changes": {"unset": [0] * MANY}},
    ),
    "unknown fields": lambda: ("updateProductionSession", {f"k{number}": 0 for number in range(MANY)}),
    "unknown fields of events": lambda: (
        "appendDirectorEventsBatch",
        {"sessionId": "s", "events": [{f"k{number}": 0 for number in range(MANY // 10_000)} for _ in range(10_000)]},
    ),
    "events": lambda: ("appendDirectorEventsBatch", {"sessionId": "s", "events": [0] * MANY}),
    "the letters of an unknown field": lambda: ("updateProductionSession", {"sessionId": "s", "k" * MANY: 0}),
}


@pytest.mark.parametrize("what", LARGE)
def test_too_many_of_anything_are_refused_soon_and_cheaply(what: str):
    name, arguments = LARGE[what]()
    tracemalloc.start()
    began = process_time()
    try:
        with pytest.raises(Invalid) as caught:
            parse_arguments(BY_NAME[f"production:{name}"].arguments, arguments)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert process_time() - began < 2
    assert peak < 40_000_000, f"{peak:,} bytes"
    refused(caught.value)
