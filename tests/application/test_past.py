"""What was answered is answered again, as of when it was."""

import json
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Query
from ledger.application.past import TimestampPassed, answer_at, places_of
from ledger.domain.refusals import Refusal, SessionNotFound
from tests.application.asking import Asking

ABOUT_A_SESSION = (
    "getProductionSession",
    "listProductionSessionCameras",
    "exportProductionEventPage",
    "listStillCandidates",
    "listMusicMoments",
    "listProductionAssets",
    "getProductionTimeline",
    "getCutLog",
    "getSessionAsOf",
    "listSessionHistory",
    "listPoseWindows",
    "listWriterClocks",
)


def query(name: str) -> Query:
    function = BY_NAME[name if ":" in name else f"production:{name}"]
    assert isinstance(function, Query)
    return function


def then(ask: Asking, heads: list[int], name: str, **arguments: Any) -> Any:
    function = query(name)
    asked = function.arguments.model_validate(arguments, by_alias=True)
    return json.loads(answer_at(ask.ledger, function, asked, heads).json)


STEPS: Final = ("cut", "still", "favourite", "music", "camera", "asset", "pause")


def shown(ask: Asking, session: str) -> dict[str, Any]:
    return {name: ask.read(name, sessionId=session) for name in ABOUT_A_SESSION}


@settings(max_examples=settings().max_examples // 15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(list(STEPS))
@given(st.lists(st.sampled_from(STEPS), max_size=8))
def test_what_a_session_was_is_answered_as_it_was_answered_then(embedded_ask: Asking, steps: list[str]):
    ask = embedded_ask
    session = ask.start(title="One", status="rolling")
    about = {"sessionId": session}
    still = ask.write("createStillCandidate", **about, cameraId="a", timestampMs=1, score=1)
    told: list[tuple[list[int], dict[str, Any]]] = []
    for at, step in enumerate([*steps, "cut"], 2):
        told.append((ask.ledger.log.heads(), shown(ask, session)))
        match step:
            case "cut":
                ask.cut(session, at, cameraId="a")
            case "still":
                ask.write("createStillCandidate", **about, cameraId="b", timestampMs=at, score=at)
            case "favourite":
                ask.write("updateStillCandidate", stillCandidateId=still, isFavorite=True, score=at)
            case "music":
                ask.write("appendMusicMoment", **about, timestampMs=at, section="drop")
            case "camera":
                kept = {"sourceType": "x", "role": "hero", "priorityWeight": at, "isActive": True}
                ask.write("upsertProductionCamera", **about, cameraId="a", **kept)
            case "asset":
                ask.write("createProductionAsset", **about, assetType="clip", path=f"{at}.mov")
            case _:
                ask.write("updateProductionSession", **about, status="paused")
    for heads, answers in told:
        assert {name: then(ask, heads, name, **about) for name in answers} == answers


def test_a_session_that_had_not_begun_is_not_found(ask: Asking):
    ask.start()
    heads = ask.ledger.log.heads()
    session = ask.start()
    assert then(ask, heads, "getProductionSession", sessionId=session) is None
    with pytest.raises(SessionNotFound):
        then(ask, heads, "getProductionTimeline", sessionId=session)


def test_what_is_about_more_than_a_session_is_answered_until_that_has_changed(ask: Asking):
    ask.write("captures:create", imageUrl="one", source="telegram")
    heads, newest = ask.ledger.log.heads(), ask.read("captures:listRecent")
    session = ask.start()
    ask.read("getProductionSession", sessionId=session)
    assert then(ask, heads, "captures:listRecent") == newest, "a session is no capture"
    ask.write("captures:create", imageUrl="two", source="telegram")
    ask.read("captures:listRecent")
    with pytest.raises(TimestampPassed, match="has changed since"):
        then(ask, heads, "captures:listRecent")


def test_what_concerns_no_session_alone_is_told_that_it_has_passed(ask: Asking):
    heads = ask.ledger.log.heads()
    session = ask.start()
    ask.read("getProductionSession", sessionId=session)
    for name, arguments in (("ledger:getHead", {}), ("production:getSessionHead", {"sessionId": session})):
        with pytest.raises(Refusal):
            then(ask, heads, name, **arguments)


def test_only_what_the_question_is_about_is_waited_for(ask: Asking):
    of_one, of_all, of_log = (query(name) for name in ("getProductionSession", "captures:listRecent", "getCutLog"))
    asked = of_one.arguments.model_validate({"sessionId": "s1"}, by_alias=True)
    assert places_of(ask.ledger, of_one, asked, [7]) == [(0, 7)]
    assert places_of(ask.ledger, of_all, of_all.arguments(), [7, 8]) == [(0, 7), (1, 8)]
    assert places_of(ask.ledger, of_log, asked, [7]) == []
