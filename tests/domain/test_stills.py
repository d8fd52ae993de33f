"""Still candidates, decision by decision."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.director import DirectorEventRecorded
from ledger.domain.entries import Event
from ledger.domain.refusals import DirectorEventNotFound, Invalid, SessionNotFound, StillNotFound
from ledger.domain.sessions import SessionEnded
from ledger.domain.stills import (
    RecordStill,
    Still,
    StillDeselected,
    StillFavourited,
    StillRecorded,
    StillSelected,
    StillUnfavourited,
    StillUpdated,
    UpdateStill,
)
from tests.domain.grammar import History, started, stills
from tests.recordings import RECORDED_AT, SESSION

recorded = StillRecorded(camera_id="cam-1", timestamp_ms=1_500, score=0.5, pose_label="arabesque")
favourited = StillFavourited(still=2)
marker = DirectorEventRecorded(timestamp_ms=1_400, event_type="still_candidate_marker")
STILL = f"{SESSION}-k2"


def record(**facts: Any) -> RecordStill:
    told: dict[str, Any] = {"camera_id": "cam-1", "timestamp_ms": 1_500, "score": 0.5, "pose_label": "arabesque"}
    return RecordStill(session_id=SESSION, **(told | facts))


def update(**changes: Any) -> UpdateStill:
    return UpdateStill(still_candidate_id=STILL, **changes)


def still_of(history: History) -> Still:
    still = history.still(2)
    assert still is not None
    return still


def test_a_still_is_recorded_neither_favourite_nor_selected():
    after = stills.given(started).when(record()).then(recorded)
    still = still_of(after)
    assert (still.id, still.is_favorite, still.selected_for_edit) == (STILL, False, False)


def test_a_still_may_be_a_favourite_from_the_start():
    after = stills.given(started).when(record(is_favorite=True, selected_for_edit=True)).after
    assert still_of(after).is_favorite
    assert still_of(after).selected_for_edit


def test_a_still_may_name_the_marker_it_came_from():
    named = record(source_event_id=f"{SESSION}-e2")
    stills.given(started, marker).when(named).then(recorded.model_copy(update={"source_event_id": f"{SESSION}-e2"}))


@pytest.mark.parametrize(
    "source", ["nonsense", f"{SESSION}-e1", f"{SESSION}-e9", f"{SESSION}-k2", "s0other-e2", f"{SESSION}-e2x"]
)
def test_a_source_that_is_no_director_event_of_the_session_is_refused(source: str):
    stills.given(started, marker).when(record(source_event_id=source)).then_refused(
        DirectorEventNotFound, "sourceEventId"
    )


def test_without_a_session_there_are_no_stills():
    stills.given().when(record()).then_refused(SessionNotFound, "sessionId")


def test_a_late_still_of_an_unknown_camera_is_a_fact_all_the_same():
    ended = SessionEnded(status="complete")
    stills.given(started, ended).when(record(camera_id="nobody")).then(
        recorded.model_copy(update={"camera_id": "nobody"})
    )
    stills.given(started, recorded, ended).when(update(is_favorite=True)).then(favourited)


@pytest.mark.parametrize("still_id", ["nonsense", f"{SESSION}-k1", f"{SESSION}-k3", SESSION])
def test_a_still_that_is_not_there_is_not_found(still_id: str):
    command = UpdateStill(still_candidate_id=still_id, is_favorite=True)
    stills.given(started, recorded).when(command).then_refused(StillNotFound, "stillCandidateId")


def test_favouriting_twice_records_nothing_new():
    stills.given(started, recorded, favourited).when(update(is_favorite=True)).then_nothing()
    stills.given(started, recorded).when(update(is_favorite=False, selected_for_edit=False)).then_nothing()


def test_a_favourite_can_be_given_up_and_a_selection_made_and_unmade():
    history = stills.given(started, recorded, favourited)
    history = history.when(update(is_favorite=False)).then(StillUnfavourited(still=2))
    history = history.when(update(selected_for_edit=True)).then(StillSelected(still=2))
    history = history.when(update(selected_for_edit=False)).then(StillDeselected(still=2))
    assert (still_of(history).is_favorite, still_of(history).selected_for_edit) == (False, False)
    assert still_of(history).updated_at == RECORDED_AT + 6_000


def test_one_update_may_say_several_things_in_one_order():
    command = update(score=0.5, image_path="a.jpg", is_favorite=True, selected_for_edit=True)
    after = (
        stills.given(started, recorded)
        .when(command)
        .then(StillUpdated(still=2, image_path="a.jpg"), favourited, StillSelected(still=2))
    )
    assert (still_of(after).score, still_of(after).image_path) == (0.5, "a.jpg")


def test_a_field_is_cleared_by_name_but_not_set_and_cleared_at_once():
    history = stills.given(started, recorded)
    after = history.when(update(unset=("poseLabel", "metadata"))).then(StillUpdated(still=2, unset=("poseLabel",)))
    assert still_of(after).pose_label is None
    history.when(update(pose_label="x", unset=("poseLabel",))).then_refused(Invalid, "unset")


updates = st.fixed_dictionaries(
    {},
    optional={
        "image_path": st.sampled_from(["a.jpg", "b.jpg"]),
        "score": st.sampled_from([0, 0.5, 1, 1.0]),
        "pose_label": st.sampled_from(["", "arabesque"]),
        "is_favorite": st.booleans(),
        "selected_for_edit": st.booleans(),
        "metadata": st.sampled_from([0, False, {"a": None}, {"a": 1}, {"a": True}]),
        "unset": st.sampled_from([("poseLabel",), ("metadata", "imagePath")]),
    },
).map(lambda fields: update(**fields))


@given(st.lists(updates, max_size=4), updates)
def test_asking_again_for_what_was_just_done_records_nothing_more(before: list[UpdateStill], command: UpdateStill):
    history: History = stills.given(started, recorded)
    for earlier in before:
        if (outcome := history.when(earlier)).refusal is None:
            history = outcome.after
    if (outcome := history.when(command)).refusal is None:
        outcome.after.when(command).then_nothing()


@pytest.mark.parametrize(
    "change",
    [StillUpdated(still=2, score=0.9), favourited, StillUnfavourited(still=2), StillSelected(still=2)],
    ids=lambda change: type(change).__name__,
)
def test_every_change_says_when_and_leaves_a_still_that_holds_nothing_else(change: Event):
    still = still_of(stills.given(started, recorded, change))
    assert (still.created_at, still.updated_at) == (RECORDED_AT + 2_000, RECORDED_AT + 3_000)
    assert still.__dict__.keys() == Still.model_fields.keys()
