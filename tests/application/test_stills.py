from typing import Any

import pytest

from ledger.domain.refusals import DirectorEventNotFound, SessionNotFound, StillNotFound
from tests.application.asking import Asking


def still(ask: Asking, session: str, at: float, score: float, camera: str = "a", **facts: Any) -> str:
    told = {"sessionId": session, "cameraId": camera, "timestampMs": at, "score": score}
    still_id: str = ask.write("createStillCandidate", **told, **facts)
    return still_id


def listed(ask: Asking, session: str, **filters: Any) -> list[str]:
    return [shown["_id"] for shown in ask.read("listStillCandidates", sessionId=session, **filters)]


def test_the_best_are_listed_first_then_the_earliest_then_as_they_were_recorded(ask: Asking):
    session = ask.start()
    late, first, second, poor = (still(ask, session, at, score) for at, score in ((9, 1), (5, 1.0), (5, 1), (0, 0.5)))
    assert listed(ask, session) == [first, second, late, poor]
    assert listed(ask, session, limit=2) == [first, second]


def test_stills_are_listed_by_camera_and_favourite(ask: Asking):
    session = ask.start()
    one, two = still(ask, session, 1, 1), still(ask, session, 1, 2, camera="b", isFavorite=True)
    assert ask.write("updateStillCandidate", stillCandidateId=one, isFavorite=True, selectedForEdit=True) is None
    assert listed(ask, session, favoritesOnly=True) == [two, one]
    assert listed(ask, session, favoritesOnly=True, cameraId="a") == [one]
    ask.write("updateStillCandidate", stillCandidateId=two, isFavorite=False)
    assert listed(ask, session, favoritesOnly=True) == [one]
    assert listed(ask, session, favoritesOnly=False) == [two, one]


def test_a_still_may_come_from_an_event_of_its_own_session(ask: Asking):
    session, other = ask.start(), ask.start()
    event = ask.cut(session, 1)
    still(ask, session, 1, 1, sourceEventId=event)
    assert ask.read("listStillCandidates", sessionId=session)[0]["sourceEventId"] == event
    for wrong in (ask.cut(other, 1), session, f"{session}-e1", "x"):
        with pytest.raises(DirectorEventNotFound):
            still(ask, session, 1, 1, sourceEventId=wrong)


@pytest.mark.parametrize("still_id", ["x", "nobody-k2", "{}-k1", "{}-k9", "{}-e2", "{}"])
def test_a_still_that_is_not_there_is_not_found(ask: Asking, still_id: str):
    session = ask.start()
    ask.cut(session, 1)
    with pytest.raises(StillNotFound):
        ask.write("updateStillCandidate", stillCandidateId=still_id.format(session), isFavorite=True)


def test_stills_of_a_session_that_is_not_there_are_not_found(ask: Asking):
    with pytest.raises(SessionNotFound):
        still(ask, "nobody", 1, 1)
    with pytest.raises(SessionNotFound):
        listed(ask, "nobody")
