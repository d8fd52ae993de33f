"""Every write of the contract is a typed call, and says what the contract's own arguments say."""

import inspect
from collections.abc import Mapping
from typing import Any, get_type_hints

from pydantic.alias_generators import to_camel

from ledger.client.calls import Calls
from ledger.client.functions import FUNCTIONS, LOSS, call_of


class _Written(Calls[tuple[str, dict[str, Any]]]):
    def call(self, function: str, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        return function, dict(arguments)


def _asked(method: str) -> tuple[str, set[str], dict[str, Any]]:
    """The function that a call is for, the arguments that it knows, and what it says with all those given that it requires."""
    signature = inspect.signature(getattr(_Written(), method))
    named = {name for name, each in signature.parameters.items() if each.kind is not inspect.Parameter.VAR_KEYWORD}
    further: set[str] = set()
    for each in signature.parameters.values():
        if each.kind is inspect.Parameter.VAR_KEYWORD:
            (details,) = each.annotation.__args__
            further |= get_type_hints(details).keys()
    given: dict[str, Any] = {name: {} if name == "changes" else "x" for name in named}
    function, arguments = getattr(_Written(), method)(**given)
    return function, {to_camel(name) for name in named | further}, arguments


def test_there_is_a_call_for_every_write_and_it_takes_what_the_contract_takes():
    methods = [name for name in vars(Calls) if not name.startswith("_") and name != "call"]
    seen = set()
    for method in methods:
        function, known, arguments = _asked(method)
        fields = FUNCTIONS[f"production:{function}"].arguments.model_fields
        assert known == {field.alias or name for name, field in fields.items()} - {"unset"} | (known & {"unset"}), (
            method
        )
        assert arguments.keys() <= known
        seen.add(f"production:{function}")
    assert seen == FUNCTIONS.keys() - {LOSS}


def test_what_a_call_says_is_a_fact():
    function, arguments = _Written().create_still("s", "hero", score=1.5, source_event_id="~x-1", is_favorite=None)
    assert arguments == {
        "sessionId": "s",
        "cameraId": "hero",
        "score": 1.5,
        "sourceEventId": "~x-1",
        "isFavorite": None,
    }
    assert call_of(function, arguments, lambda: 0).refers
    _, patched = _Written().update_still("k", unset=("poseLabel",))
    assert patched == {"stillCandidateId": "k", "unset": ["poseLabel"]}
