"""A session's cameras, decision by decision."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cameras import (
    Camera,
    CameraRegistered,
    CameraUpdated,
    SetCameraState,
    UpsertCamera,
    entity_of,
    evolve,
)
from ledger.domain.refusals import CameraNotFound, Invalid, SessionNotFound
from ledger.domain.sessions import SessionEnded
from tests.domain.grammar import History, cameras, started
from tests.recordings import RECORDED_AT, SESSION

registered = CameraRegistered(
    camera_id="cam-1", source_type="iphone", role="hero", priority_weight=1, is_active=True, device_name="Ann's"
)


def upsert(**changes: Any) -> UpsertCamera:
    """The upsert that registers ``registered``, or one that differs from it."""
    told = registered.model_dump(exclude_none=True) | {"session_id": SESSION} | changes
    return UpsertCamera(**{field: value for field, value in told.items() if value is not ...})


def state(**changes: Any) -> SetCameraState:
    return SetCameraState(session_id=SESSION, camera_id="cam-1", **changes)


def camera_of(history: History, camera_id: str = "cam-1") -> Camera:
    camera = history.state(entity_of(camera_id), evolve)
    assert camera is not None
    return camera


def test_the_first_upsert_registers():
    after = cameras.given(started).when(upsert()).then(registered)
    camera = camera_of(after)
    assert (camera.id, camera.session_id, camera.created_at) == (f"{SESSION}-c2", SESSION, RECORDED_AT + 2_000)
    assert "isWideFallback" not in camera.to_json()


def test_an_identical_upsert_records_nothing():
    cameras.given(started, registered).when(upsert()).then_nothing()
    cameras.given(started, registered).when(upsert(priority_weight=1.0, device_name=...)).then_nothing()


def test_a_later_upsert_patches_what_differs_and_keeps_what_it_does_not_name():
    after = (
        cameras.given(started, registered)
        .when(upsert(role="wide", device_name=..., is_wide_fallback=False))
        .then(CameraUpdated(camera_id="cam-1", role="wide", is_wide_fallback=False))
    )
    camera = camera_of(after)
    assert (camera.role, camera.device_name, camera.is_wide_fallback) == ("wide", "Ann's", False)
    assert (camera.id, camera.created_at, camera.updated_at) == (
        f"{SESSION}-c2",
        RECORDED_AT + 2_000,
        RECORDED_AT + 3_000,
    )


def test_a_registration_keeps_the_time_that_its_caller_gave():
    cameras.given(started).when(upsert(timestamp_ms=5)).then(registered.model_copy(update={"timestamp_ms": 5}))


def test_an_updated_camera_holds_what_a_camera_holds_and_nothing_of_the_update():
    after = cameras.given(started, registered).when(state(role="wide", timestamp_ms=5)).after
    camera = camera_of(after)
    assert camera.__dict__.keys() == Camera.model_fields.keys()
    assert camera == Camera(**camera.model_dump())


def test_the_same_name_in_another_session_is_another_camera():
    cameras.given(started, registered).when(upsert(camera_id="cam-2")).then(
        registered.model_copy(update={"camera_id": "cam-2"})
    )


def test_a_state_changes_a_camera_that_is_there():
    after = (
        cameras.given(started, registered)
        .when(state(is_active=False, timestamp_ms=5))
        .then(CameraUpdated(camera_id="cam-1", is_active=False, timestamp_ms=5))
    )
    assert not camera_of(after).is_active
    after.when(state(is_active=False, timestamp_ms=6)).then_nothing()


def test_a_state_of_a_camera_that_is_not_there_is_refused():
    cameras.given(started).when(state(is_active=True)).then_refused(CameraNotFound, "cameraId")


def test_without_a_session_there_are_no_cameras():
    cameras.given().when(upsert()).then_refused(SessionNotFound, "sessionId")
    cameras.given().when(state()).then_refused(SessionNotFound, "sessionId")


def test_a_late_change_is_a_fact_like_any_other():
    ended = SessionEnded(status="complete")
    cameras.given(started, ended).when(upsert()).then(registered)
    cameras.given(started, registered, ended).when(state(role="wide")).then(
        CameraUpdated(camera_id="cam-1", role="wide")
    )


def test_fields_are_cleared_by_name():
    command = upsert(device_name=..., unset=("deviceName", "positionHint"))
    after = (
        cameras.given(started, registered).when(command).then(CameraUpdated(camera_id="cam-1", unset=("deviceName",)))
    )
    assert camera_of(after).device_name is None
    after.when(command).then_nothing()


@pytest.mark.parametrize("history", [(started,), (started, registered)], ids=["new", "known"])
def test_a_field_is_not_set_and_cleared_at_once_whether_the_camera_is_new_or_known(history: Any):
    cameras.given(*history).when(upsert(unset=("deviceName",))).then_refused(Invalid, "unset")


states = st.fixed_dictionaries(
    {},
    optional={
        "is_active": st.booleans(),
        "role": st.sampled_from(["hero", "wide"]),
        "priority_weight": st.sampled_from([0, 1, 1.0, 2.5]),
        "metadata": st.sampled_from([0, False, {}, {"a": None}, {"a": 1}, {"a": True}]),
        "timestamp_ms": st.integers(0, 9),
        "unset": st.just(("metadata",)),
    },
).map(lambda fields: state(**fields))


@given(st.lists(states, max_size=4), states)
def test_asking_again_for_what_was_just_done_records_nothing_more(
    before: list[SetCameraState], command: SetCameraState
):
    history: History = cameras.given(started, registered)
    for earlier in before:
        if (outcome := history.when(earlier)).refusal is None:
            history = outcome.after
    if (outcome := history.when(command)).refusal is None:
        outcome.after.when(command).then_nothing()
