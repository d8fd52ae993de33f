from ledger.client.functions import call_of
from tests.client.calls.test_calls import Written


def test_what_a_call_says_is_a_fact():
    function, arguments = Written().create_still("s", "hero", score=1.5, source_event_id="~x-1", is_favorite=None)
    assert arguments == {
        "sessionId": "s",
        "cameraId": "hero",
        "score": 1.5,
        "sourceEventId": "~x-1",
        "isFavorite": None,
    }
    assert call_of(function, arguments, lambda: 0).refers
    _, patched = Written().update_still("k", unset=("poseLabel",))
    assert patched == {"stillCandidateId": "k", "unset": ["poseLabel"]}
