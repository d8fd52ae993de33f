import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.api.functions.calls import (
    ANY,
    MUTATION,
    QUERIES_MAX,
    QUERY,
    Call,
    arguments_in,
    arguments_of,
    call_of_parameters,
    function_at,
    function_of,
    parse_batch,
    parse_call,
)
from ledger.domain.refusals import FunctionNotFound, Invalid, Refusal
from tests.mutations import mutated

NAME = "production:getProductionSession"
JAVASCRIPT = b'{"path":"production:getProductionSession","format":"convex_encoded_json","args":[{"sessionId":"s1"}]}'


@pytest.mark.parametrize("path", [NAME, "production.js:getProductionSession"])
def test_a_function_is_found_by_its_path(path: str):
    assert function_at(path).name == NAME


@pytest.mark.parametrize(
    "path", ["production", "production:", ":", "", "production/getProductionSession", "nothing:at"]
)
def test_a_path_that_leads_nowhere_is_not_found(path: str):
    with pytest.raises(FunctionNotFound):
        function_at(path)


@pytest.mark.parametrize("args", [[{"a": 1}], {"a": 1}])
def test_both_clients_arguments_are_taken(args: Any):
    assert arguments_in(args) == {"a": 1}


def test_no_arguments_are_none():
    assert arguments_in([]) == arguments_in(Call("x").args) == {}
    with pytest.raises(Invalid, match="one object"):
        arguments_in([{}, {}])


def test_a_function_of_another_kind_is_refused_by_name():
    with pytest.raises(Invalid, match="is a query, and not what is asked for: mutation"):
        function_of(Call(NAME), MUTATION)
    assert function_of(Call(NAME), QUERY) is function_of(Call(NAME), ANY)
    with pytest.raises(Invalid, match="path: is required"):
        function_of(Call(), ANY)
    with pytest.raises(Invalid, match="no components"):
        function_of(Call(NAME, component_path="other"), ANY)


@given(mutated(JAVASCRIPT))
def test_any_bytes_are_a_call_or_refused(body: bytes):
    with suppress(Refusal):
        call = parse_call(body)
        function_of(call, ANY)
        arguments_of(call)


def test_plain_json_may_hold_what_the_clients_cannot_say():
    said = {"path": NAME, "args": {"metadata": {"$x": 1}}}
    with pytest.raises(Invalid, match="metadata"):
        arguments_of(parse_call(json.dumps(said).encode()))
    assert arguments_of(parse_call(json.dumps(said | {"format": "json"}).encode())) == said["args"]


def test_a_question_in_an_address_is_a_call():
    call = call_of_parameters({"path": NAME, "args": '{"sessionId":"s1"}'})
    assert (call.path, call.args, call.format) == (NAME, {"sessionId": "s1"}, "json")
    for parameters in ({"path": NAME, "args": "}{"}, {"path": NAME, "nothing": ""}):
        with pytest.raises(Invalid):
            call_of_parameters(parameters)


@given(st.text())
def test_an_address_brings_one_call_and_no_more(args: str):
    with suppress(Invalid):
        assert call_of_parameters({"path": NAME, "args": args}).path == NAME


def test_a_batch_has_an_end():
    batch = {"queries": [{"path": NAME}] * QUERIES_MAX}
    assert len(parse_batch(json.dumps(batch).encode())) == QUERIES_MAX
    batch["queries"].append({"path": NAME})
    with pytest.raises(Invalid, match="queries"):
        parse_batch(json.dumps(batch).encode())
