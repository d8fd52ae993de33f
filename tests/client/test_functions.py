"""What a client may send is what the contract has: the same functions, routes and rules."""

import json

import pytest

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Mutation
from ledger.client.functions import BATCH_PATH, BEGINS, FUNCTIONS, call_of
from ledger.client.references import ID_FIELDS
from ledger.domain.refusals import Invalid

NOT_SENT = {
    "production:appendDirectorEventsBatch": "the sender makes batches by itself",
    "generate:generateUploadUrl": "the answer is what it is for, and is good for an hour",
    "videos:generateUploadUrl": "as above",
    "screenshots:generateUploadUrl": "as above",
    "jobs:heartbeat": "a sign of life that comes later is none",
    "jobs:complete": "whoever has a lease must hear whether it still counts: ledger.client.worker",
    "jobs:fail": "as above",
    "jobs:cancel": "whoever calls a job off must hear whether it is",
    "ledger:addKey": "the answer is what it is for",
    "ledger:revokeKey": "must not wait",
}
"""The writes that no writer keeps for later, and why."""
OTHERS_IDS = {"cameraId", "personId", "storageId", "fileId", "processedVideoStorageId"}
"""What is named otherwise than by what a writer's call has answered."""


def test_every_write_of_the_contract_can_be_kept_for_later_or_is_not_for_a_reason():
    writes = {name for name, function in BY_NAME.items() if isinstance(function, Mutation)}
    assert FUNCTIONS.keys() == writes - NOT_SENT.keys()
    assert NOT_SENT.keys() <= writes
    for name, function in FUNCTIONS.items():
        assert (function.path, function.arguments) == (BY_NAME[name].path, BY_NAME[name].arguments)
    assert BY_NAME["production:appendDirectorEventsBatch"].path == BATCH_PATH


def test_what_begins_a_partition_is_known_and_so_is_every_id_that_an_argument_holds():
    begins = {name: function.about for name in FUNCTIONS if (function := BY_NAME[name]).partition is None}  # type: ignore[union-attr]
    assert begins == BEGINS
    named = {field.alias or name for each in FUNCTIONS.values() for name, field in each.arguments.model_fields.items()}
    ids = {name for name in named if name == "id" or name.endswith("Id")}
    assert ids - ID_FIELDS - {"sessionId"} == OTHERS_IDS


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
