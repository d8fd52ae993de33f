"""What the director decides is a fact, and a correction is another one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.domain.director import (
    BATCH_LENGTH_MAX,
    CorrectDirectorEvent,
    DirectorEvent,
    DirectorEventChanges,
    DirectorEventCorrected,
    DirectorEventRecorded,
    MarkHeroPose,
    RecordDirectorEvent,
    RecordDirectorEvents,
    WantedChanges,
    corrected,
    recorded,
)
from ledger.domain.refusals import DirectorEventNotFound, Invalid, SessionNotFound, UnknownValue
from ledger.domain.sessions import SessionEnded
from tests.domain.grammar import History, director, started
from tests.recordings import SESSION

cut = DirectorEventRecorded(timestamp_ms=1_500, event_type="cut", camera_id="cam-1", score=0.5)
FIRST = f"{SESSION}-e2"


def cut_now(**facts: Any) -> RecordDirectorEvent:
    return RecordDirectorEvent(session_id=SESSION, timestamp_ms=1_500, event_type="cut", **facts)


def batch(*events: dict[str, Any]) -> RecordDirectorEvents:
    return RecordDirectorEvents.model_validate({"sessionId": SESSION, "events": list(events)})


def correction(event_id: str = FIRST, reason: str = "slip", **changes: Any) -> CorrectDirectorEvent:
    return CorrectDirectorEvent(session_id=SESSION, event_id=event_id, changes=WantedChanges(**changes), reason=reason)


def said(**changes: Any) -> DirectorEventCorrected:
    return DirectorEventCorrected(corrects=2, changes=DirectorEventChanges(**changes), reason="slip")


def as_it_stands(history: History) -> DirectorEvent:
    """The event at sequence 2 with every correction of it."""
    event = recorded(history.entries[1])
    for entry in history.entries[2:]:
        event = corrected(event, entry)
    return event


def test_a_decision_is_recorded_as_it_was_sent():
    command = cut_now(camera_id="cam-1", score=0.5)
    director.given(started).when(command).then(cut)
    director.given(started, cut).when(command).then(cut)


def test_a_fact_is_never_refused_for_being_late_or_for_its_camera():
    history = director.given(started, SessionEnded(status="complete", timestamp_ms=2_000))
    history.when(cut_now(camera_id="nobody")).then(cut.model_copy(update={"camera_id": "nobody", "score": None}))


def test_a_decision_of_an_unknown_kind_is_refused():
    command = RecordDirectorEvent(session_id=SESSION, timestamp_ms=0, event_type="jump")
    director.given(started).when(command).then_refused(UnknownValue, "eventType")


def test_a_hero_pose_is_a_marker():
    command = MarkHeroPose(session_id=SESSION, timestamp_ms=7, camera_id="cam-1", score=0.9, metadata=[None])
    director.given(started).when(command).then(
        DirectorEventRecorded(
            timestamp_ms=7, event_type="hero_pose_marker", camera_id="cam-1", score=0.9, metadata=[None]
        )
    )


def test_a_batch_is_recorded_in_its_own_order():
    outcome = director.given(started).when(batch(*({"timestampMs": at, "eventType": "bar_fire"} for at in (3, 1, 2))))
    assert [event.model_dump(exclude_none=True) for event in outcome.events] == [
        {"timestamp_ms": at, "event_type": "bar_fire"} for at in (3, 1, 2)
    ]
    assert {event.stored_as for event in outcome.events} == {"director-event-recorded.1"}
    director.given(started).when(batch()).then_nothing()


def test_a_batch_is_refused_whole_naming_the_one_that_is_wrong():
    told = [{"timestampMs": 1, "eventType": kind} for kind in ("cut", "cut", "jump")]
    director.given(started).when(batch(*told)).then_refused(UnknownValue, "events[2].eventType")


def test_a_batch_has_a_greatest_length():
    told = [{"timestampMs": 1, "eventType": "cut"}] * (BATCH_LENGTH_MAX + 1)
    with pytest.raises(ValidationError, match="at most 10000 items"):
        batch(*told)
    assert len(batch(*told[1:]).events) == BATCH_LENGTH_MAX


@pytest.mark.parametrize(
    "command",
    [
        cut_now(),
        batch(),
        MarkHeroPose(session_id=SESSION, timestamp_ms=1),
        correction(void=True),
    ],
    ids=lambda command: type(command).__name__,
)
def test_without_a_session_nothing_is_decided(command: Any):
    director.given().when(command).then_refused(SessionNotFound, "sessionId")


def test_a_correction_names_what_it_corrects():
    director.given(started, cut).when(correction(camera_id="cam-2")).then(said(camera_id="cam-2"))


@pytest.mark.parametrize(
    "event_id",
    [
        "nonsense",
        SESSION,
        f"{SESSION}-e1",
        f"{SESSION}-e3",
        f"{SESSION}-e99",
        f"{SESSION}-k2",
        f"{SESSION}-c2",
        f"{SESSION}-e02",
        "s0other-e2",
    ],
)
def test_only_a_director_event_of_the_session_can_be_corrected(event_id: str):
    history = director.given(started, cut, said(void=True))
    history.when(correction(event_id, void=True)).then_refused(DirectorEventNotFound, "eventId")


@pytest.mark.parametrize("changes", [{}, {"unset": ()}, {"camera_id": None}], ids=str)
def test_a_correction_that_says_nothing_is_refused(changes: dict[str, Any]):
    director.given(started, cut).when(correction(**changes)).then_refused(Invalid, "changes")


def test_a_correction_does_not_set_and_clear_one_field():
    command = correction(reason="x", camera_id="cam-2", unset=("cameraId",))
    director.given(started, cut).when(command).then_refused(Invalid, "changes.unset")


def test_a_correction_to_an_unknown_kind_is_refused():
    command = correction(event_type="jump")
    director.given(started, cut).when(command).then_refused(UnknownValue, "changes.eventType")


def test_an_event_can_be_corrected_after_the_end():
    history = director.given(started, cut, SessionEnded(status="complete"))
    history.when(correction(score=0)).then(said(score=0))


def test_a_corrected_event_keeps_its_id_and_says_by_what_it_was_corrected():
    event = as_it_stands(director.given(started, cut, said(camera_id="cam-2")))
    assert (event.id, event.corrected_by, event.camera_id, event.score) == (FIRST, f"{SESSION}-e3", "cam-2", 0.5)


def test_corrections_add_up_field_by_field_and_the_latest_wins():
    history = director.given(started, cut, said(camera_id="cam-2"), said(score=1), said(camera_id="cam-3"))
    event = as_it_stands(history)
    assert (event.camera_id, event.score, event.corrected_by) == ("cam-3", 1, f"{SESSION}-e5")


def test_a_correction_can_clear_a_field_and_a_later_one_can_fill_it_again():
    cleared = director.given(started, cut, said(unset=("cameraId", "score")))
    assert (as_it_stands(cleared).camera_id, as_it_stands(cleared).score) == (None, None)
    assert as_it_stands(cleared.and_then([said(score=0)])).score == 0


def test_a_voided_event_is_void_until_a_later_correction_revives_it():
    voided = director.given(started, cut, said(void=True))
    assert as_it_stands(voided).void is True
    assert as_it_stands(voided.and_then([said(score=1)])).void is None
    assert as_it_stands(voided.when(correction(void=False)).after).void is None


changes = st.fixed_dictionaries(
    {},
    optional={
        "timestamp_ms": st.integers(0, 9),
        "camera_id": st.sampled_from(["cam-1", "cam-2"]),
        "reason": st.sampled_from(["", "pose"]),
        "score": st.floats(0, 1),
        "metadata": st.sampled_from([False, {"a": None}]),
        "void": st.booleans(),
    },
)


@given(st.lists(changes, min_size=1, max_size=5))
def test_whatever_is_corrected_the_last_word_on_each_field_counts(told: list[dict[str, Any]]):
    event = as_it_stands(director.given(started, cut, *(said(**each) for each in told)))
    last_words: dict[str, Any] = {}
    for each in told:
        last_words |= {field: value for field, value in each.items() if field != "void"}
    expected = cut.model_dump() | last_words | {"void": told[-1].get("void") or None}
    assert {field: getattr(event, field) for field in expected} == expected
