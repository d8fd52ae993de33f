"""The history shows every entry as it was recorded, and all of one thing to whoever asks for that thing."""

from typing import Any

import pytest

from ledger.application.functions import Caller
from ledger.domain.refusals import Invalid, SessionNotFound
from tests.application.asking import Asking


@pytest.fixture
def shoot(ask: Asking) -> str:
    """A session in which every kind of thing was recorded and changed."""
    session = ask.start(title="é")
    camera = {"sessionId": session, "cameraId": "a", "sourceType": "x", "role": "hero", "priorityWeight": 1}
    ask.write("upsertProductionCamera", **camera, isActive=True)
    first, second = ask.cut(session, 5), ask.cut(session, 1)
    still = ask.write("createStillCandidate", sessionId=session, cameraId="a", timestampMs=1, score=1)
    ask.write("updateStillCandidate", stillCandidateId=still, isFavorite=True, score=2)
    ask.write("setProductionCameraState", sessionId=session, cameraId="a", isActive=False)
    ask.write("correctDirectorEvent", sessionId=session, eventId=first, changes={"score": 1}, reason="slip")
    ask.write("correctDirectorEvent", sessionId=session, eventId=first, changes={"void": True}, reason="slip")
    ask.write("correctDirectorEvent", sessionId=session, eventId=second, changes={"score": 1}, reason="slip")
    ask.write("appendMusicMoment", sessionId=session, timestampMs=1)
    ask.write("createProductionAsset", sessionId=session, assetType="clip", path="a.mov")
    ask.write("completeProductionSession", sessionId=session, caller=Caller("ben"))
    return session


def lines(ask: Asking, session: str, **filters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask.read("listSessionHistory", sessionId=session, **filters)["page"]
    return found


def test_every_entry_is_there_in_order_as_it_was_recorded(ask: Asking, shoot: str):
    found = lines(ask, shoot)
    assert [line["sequence"] for line in found] == list(range(1, 15))
    first = found[0]
    assert first["body"] == {"sessionType": "music_demo", "status": "setup", "title": "é"}
    assert (first["type"], first["actor"], first["entityId"]) == ("session-started.1", "ann", shoot)
    assert found[-1]["actor"] == "ben"
    assert found[2]["body"] == {"timestampMs": 5, "eventType": "cut"}, "the original, not the corrected one"


def test_a_corrected_event_names_its_latest_correction(ask: Asking, shoot: str):
    corrected = {line["sequence"]: line["correctedBy"] for line in lines(ask, shoot) if "correctedBy" in line}
    assert corrected == {3: f"{shoot}-e10", 4: f"{shoot}-e11"}


def test_whoever_asks_for_one_thing_gets_every_entry_that_bears_its_id(ask: Asking, shoot: str):
    everything = lines(ask, shoot)
    for thing in {line["entityId"] for line in everything}:
        expected = [line for line in everything if line["entityId"] == thing]
        assert lines(ask, shoot, entityId=thing) == expected, thing


def test_a_correction_is_found_by_the_id_it_was_answered_with(ask: Asking, shoot: str):
    assert [line["sequence"] for line in lines(ask, shoot, entityId=f"{shoot}-e10")] == [10]


@pytest.mark.parametrize("thing", ["nonsense", "{}-e1", "{}-e99", "{}-m3", "{}-c3", "{}-k3", "{}-a5", "s0other-e3"])
def test_an_id_of_nothing_in_the_session_is_refused(ask: Asking, shoot: str, thing: str):
    with pytest.raises(Invalid) as refused:
        lines(ask, shoot, entityId=thing.format(shoot))
    assert refused.value.detail["field"] == "entityId"


def test_filters_meet(ask: Asking, shoot: str):
    corrections = lines(ask, shoot, type="director-event-corrected.1", entityId=f"{shoot}-e3")
    assert [line["sequence"] for line in corrections] == [9, 10]
    assert [line["sequence"] for line in lines(ask, shoot, actor="ben")] == [14]
    assert lines(ask, shoot, actor="nobody") == []


def test_a_filtered_history_pages_like_the_whole(ask: Asking, shoot: str):
    paged = ask.pages("listSessionHistory", 1, sessionId=shoot, entityId=f"{shoot}-e3")
    assert [line["sequence"] for line in paged] == [3, 9, 10]


def test_an_unknown_type_and_an_unknown_session_are_told(ask: Asking, shoot: str):
    with pytest.raises(Invalid, match="no stored name"):
        lines(ask, shoot, type="cut")
    with pytest.raises(SessionNotFound):
        lines(ask, "nobody")
