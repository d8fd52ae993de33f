"""Views are rebuilt on demand, one rebuild at a time."""

import json
from typing import Any

import pytest

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Action
from ledger.application.rebuild import CannotRebuild, told
from tests.application.asking import ANN, Asking


def acted(ask: Asking, name: str, **arguments: Any) -> Any:
    function = BY_NAME[f"ledger:{name}"]
    assert isinstance(function, Action)
    return json.loads(ask.ledger.act(function, arguments, ANN).json)


def test_a_rebuild_goes_on_by_itself_and_tells_what_came_of_it(embedded_ask: Asking):
    session_id = embedded_ask.start()
    embedded_ask.cut(session_id, 1)
    embedded_ask.read("getProductionSession", sessionId=session_id)
    assert acted(embedded_ask, "getRebuild") is None
    assert acted(embedded_ask, "rebuildViews")["number"] == 2
    assert embedded_ask.ledger.rebuilding is not None
    embedded_ask.ledger.rebuilding.wait()
    found = acted(embedded_ask, "getRebuild")
    assert (found["state"], found["done"], found["total"]) == ("done", 2, 2)
    assert {it["table"]: it["rows"] for it in found["tables"]}["director_events"] == 1
    assert embedded_ask.read("getProductionSession", sessionId=session_id)["_id"] == session_id


def test_there_is_nothing_to_go_back_to_before_the_first(embedded_ask: Asking):
    with pytest.raises(CannotRebuild, match="no other build"):
        acted(embedded_ask, "rebuildViews", back=True)
    assert told(None) == "null"
