import pytest

from ledger.domain.refusals import SessionNotFound
from tests.application.asking import Asking


def test_moments_are_listed_by_their_own_time_up_to_a_limit(ask: Asking):
    session = ask.start()
    moments = [
        ask.write("appendMusicMoment", sessionId=session, timestampMs=at, audioSnapshot=[at]) for at in (5, 1.5, 5)
    ]
    listed = ask.read("listMusicMoments", sessionId=session)
    assert [moment["_id"] for moment in listed] == [moments[1], moments[0], moments[2]]
    assert [moment["audioSnapshot"] for moment in listed] == [[1.5], [5], [5]]
    assert len(ask.read("listMusicMoments", sessionId=session, limit=1)) == 1


def test_music_of_a_session_that_is_not_there_is_not_found(ask: Asking):
    with pytest.raises(SessionNotFound):
        ask.write("appendMusicMoment", sessionId="nobody", timestampMs=1)
    with pytest.raises(SessionNotFound):
        ask.read("listMusicMoments", sessionId="nobody")
