"""The demo's own check: a timeline is one coherent snapshot, or it says what does not fit."""

from typing import Any

import pytest

from ledger.cli.demo_steps import incoherences


def timeline(**changes: Any) -> dict[str, Any]:
    event = {"_id": "s-e1", "sessionId": "s", "timestampMs": 1}
    still = {"_id": "s-k2", "sessionId": "s", "timestampMs": 2, "sourceEventId": "s-e1"}
    whole = {"session": {"_id": "s"}, "cameras": [], "directorEvents": [event], "stillCandidates": [still]}
    return {**whole, "musicMoments": [], **changes}


def test_a_coherent_timeline():
    assert incoherences(timeline(), "s") == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"session": {"_id": "other"}}, "another session"),
        ({"directorEvents": []}, "1 stills come of events that are not there"),
        ({"musicMoments": [{"sessionId": "s", "timestampMs": ms} for ms in (2, 1)]}, "not in time order"),
        ({"musicMoments": [{"sessionId": "other", "timestampMs": 1}]}, "musicMoments hold another session's"),
    ],
)
def test_an_incoherent_one(changes: dict[str, Any], said: str):
    (found,) = incoherences(timeline(**changes), "s")
    assert said in found
