"""Every write of the contract is a typed call, and says what the contract's own arguments say."""

import inspect
from collections.abc import Mapping
from typing import Any, get_type_hints

import pytest
from pydantic.alias_generators import to_camel

from ledger.application.catalogue import BY_NAME
from ledger.client.calls import Calls
from ledger.client.functions import FUNCTIONS, LOSS

METHODS = [name for name in dir(Calls) if not name.startswith("_") and name != "call"]


class Written(Calls[tuple[str, dict[str, Any]]]):
    """Answers with what was called, and how."""

    def call(self, function: str, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        return function if ":" in function else f"production:{function}", dict(arguments)


def _parameters(method: str) -> tuple[dict[str, inspect.Parameter], set[str]]:
    """What a call needs, and what it may be told besides."""
    needed = dict(inspect.signature(getattr(Written(), method)).parameters)
    further: set[str] = set()
    for name, each in list(needed.items()):
        if each.kind is inspect.Parameter.VAR_KEYWORD:
            (details,) = each.annotation.__args__
            further |= get_type_hints(details).keys()
            del needed[name]
    return needed, further


def _called(method: str) -> tuple[str, dict[str, Any]]:
    """What is called when a call says no more than it needs to."""
    mappings = ("changes", "results", "data")
    function, arguments = getattr(Written(), method)(
        **{name: {} if name in mappings else "x" for name in _parameters(method)[0]}
    )
    return function, arguments


def test_there_is_a_call_for_every_write():
    assert sorted(_called(method)[0] for method in METHODS) == sorted(FUNCTIONS.keys() - {LOSS})


@pytest.mark.parametrize("method", METHODS)
def test_a_call_takes_what_the_contract_takes_and_needs_what_it_needs(method: str):
    function, arguments = _called(method)
    needed, further = _parameters(method)
    fields = FUNCTIONS[function].arguments.model_fields
    required = {field.alias or name for name, field in fields.items() if field.is_required()}
    known = {field.alias or name for name, field in fields.items()}
    assert {to_camel(name) for name in needed} == required - {"timestampMs"} == arguments.keys(), "without one, now"
    assert {to_camel(name) for name in further} == known - {to_camel(name) for name in needed}


@pytest.mark.parametrize("method", METHODS)
def test_a_call_is_described_in_the_catalogues_words(method: str):
    function, _ = _called(method)
    described = inspect.getdoc(getattr(Calls, method))
    assert described is not None
    assert described.startswith(BY_NAME[function].summary)
