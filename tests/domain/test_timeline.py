import json

import pytest

from ledger.domain.timeline import Timeline


@pytest.mark.parametrize("truncated", [True, False])
def test_the_payload_holds_the_documents_under_the_contracts_names(truncated: bool):
    timeline = Timeline(None, ['{"a":1}', '{"a":2}'], {"directorEvents": [], "stillCandidates": ["{}"]}, truncated)
    assert json.loads(timeline.to_json()) == {
        "session": None,
        "cameras": [{"a": 1}, {"a": 2}],
        "directorEvents": [],
        "stillCandidates": [{}],
        **({"truncated": True} if truncated else {}),
    }
