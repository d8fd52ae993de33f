"""What a client may send is what the contract has: the same functions, routes and rules."""

import json

import pytest

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Mutation
from ledger.client.functions import BATCH_PATH, FUNCTIONS, LOSS, call_of
from ledger.domain.refusals import Invalid

WRITES = {
    name for name, function in BY_NAME.items() if name.startswith("production:") and isinstance(function, Mutation)
}


def test_every_write_of_a_shoot_has_its_route_and_its_rules():
    assert FUNCTIONS.keys() == WRITES - {"production:appendDirectorEventsBatch"} | {LOSS}
    for name, function in FUNCTIONS.items():
        assert (function.path, function.arguments) == (BY_NAME[name].path, BY_NAME[name].arguments)
    assert BY_NAME["production:appendDirectorEventsBatch"].path == BATCH_PATH


def test_a_fact_has_the_time_at_which_the_device_captured_it():
    stated = {"sessionId": "s", "eventType": "cut"}
    assert json.loads(call_of("appendDirectorEvent", stated, lambda: 5.5).arguments)["timestampMs"] == 5.5
    given = call_of("appendDirectorEvent", stated | {"timestampMs": 3}, lambda: 5.5)
    assert json.loads(given.arguments) == {"eventType": "cut", "timestampMs": 3}
    asset = {"sessionId": "s", "assetType": "clip", "path": "/a"}
    assert "timestampMs" not in call_of("createProductionAsset", asset, lambda: 5.5).arguments, "the contract has none"


def test_a_hero_pose_is_a_director_event_and_goes_out_with_them():
    marked = call_of("markHeroPose", {"sessionId": "s", "score": 1}, lambda: 1)
    assert (marked.function, marked.kind) == ("production:appendDirectorEvent", "hero_pose_marker")
    assert json.loads(marked.arguments) == {"eventType": "hero_pose_marker", "score": 1, "timestampMs": 1}


@pytest.mark.parametrize(
    ("function", "arguments", "told"),
    [
        ("appendDirectorEvent", {"sessionId": "s"}, "eventType: is required"),
        ("appendDirectorEvent", {"sessionId": "s", "eventType": "cut", "camera": 1}, "camera: is not a known field"),
        ("markHeroPose", {"sessionId": "s", "score": "high"}, "score: must be a number"),
        ("getProductionSession", {"sessionId": "s"}, "function: 'getProductionSession' is not one that a writer sends"),
    ],
)
def test_what_the_ledger_would_refuse_is_refused_before_it_is_recorded(
    function: str, arguments: dict[str, object], told: str
):
    with pytest.raises(Invalid, match=told):
        call_of(function, arguments, lambda: 0)
