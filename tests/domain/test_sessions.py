"""A session's life, decision by decision."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.entries import Event
from ledger.domain.refusals import Invalid, SessionNotEnded, SessionNotFound, StatusCannotMove, UnknownValue
from ledger.domain.sessions import (
    Clearable,
    CompleteSession,
    ReopenSession,
    Session,
    SessionEnded,
    SessionReopened,
    SessionStarted,
    SessionStatusMoved,
    SessionUpdated,
    StartSession,
    Status,
    UpdateSession,
)
from tests.domain.grammar import History, sessions, started
from tests.recordings import RECORDED_AT, SESSION

MOVES = {
    ("setup", "rolling"),
    ("rolling", "paused"),
    ("paused", "rolling"),
    *((status, end) for status in ("setup", "rolling", "paused") for end in ("complete", "cancelled")),
}
PATHS: dict[str, tuple[Event, ...]] = {
    "setup": (started,),
    "rolling": (started, SessionStatusMoved(status="rolling")),
    "paused": (started, SessionStatusMoved(status="rolling"), SessionStatusMoved(status="paused")),
    "complete": (started, SessionEnded(status="complete")),
    "cancelled": (started, SessionEnded(status="cancelled")),
}
statuses = st.sampled_from(get_args(Status))
ended = pytest.mark.parametrize("end", ["complete", "cancelled"])


def session_of(history: History) -> Session:
    assert history.session is not None
    return history.session


def test_a_session_starts_in_setup_with_what_is_known_of_it():
    command = StartSession(session_type="music_demo", title="Late take", metadata={"room": None})
    sessions.given().when(command).then(
        SessionStarted(session_type="music_demo", status="setup", title="Late take", metadata={"room": None})
    )


def test_a_session_starts_when_its_caller_says_or_else_when_it_was_recorded():
    assert session_of(sessions.given(started)).started_at == 1_000
    at_once = SessionStarted(session_type="music_demo", status="rolling")
    assert session_of(sessions.given(at_once)).started_at == RECORDED_AT + 1_000
    assert session_of(sessions.given(at_once.model_copy(update={"timestamp_ms": 0}))).started_at == 0


@pytest.mark.parametrize(
    ("field", "value"), [("sessionType", "wedding"), ("directorMode", "dream"), ("musicMode", "loud")]
)
def test_a_value_that_is_not_listed_is_refused_by_its_field(field: str, value: str):
    start = {"sessionType": "music_demo", field: value}
    sessions.given().when(StartSession.model_validate(start)).then_refused(UnknownValue, field)
    update = UpdateSession.model_validate({"sessionId": SESSION, field: value})
    sessions.given(started).when(update).then_refused(UnknownValue, field)


@pytest.mark.parametrize(
    "command",
    [
        UpdateSession(session_id=SESSION, title="x"),
        CompleteSession(session_id=SESSION),
        ReopenSession(session_id=SESSION, reason="x"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_never_started_is_not_found(command: Any):
    sessions.given().when(command).then_refused(SessionNotFound, "sessionId")


@given(statuses, statuses)
def test_a_status_moves_as_the_contract_allows_and_no_other_way(status: Status, wanted: Status):
    outcome = sessions.given(*PATHS[status]).when(UpdateSession(session_id=SESSION, status=wanted))
    if status == wanted:
        outcome.then_nothing()
    elif (status, wanted) in MOVES:
        assert session_of(outcome.after).status == wanted
    else:
        outcome.then_refused(StatusCannotMove, "status")


@ended
def test_completing_and_updating_to_an_end_are_one(end: Any):
    for command in (
        CompleteSession(session_id=SESSION, status=end, timestamp_ms=9_000),
        UpdateSession(session_id=SESSION, status=end, timestamp_ms=9_000),
    ):
        after = sessions.given(started).when(command).then(SessionEnded(status=end, timestamp_ms=9_000))
        assert (session_of(after).status, session_of(after).completed_at) == (end, 9_000)


def test_an_end_without_a_time_of_its_own_is_when_it_was_recorded():
    after = sessions.given(started).when(CompleteSession(session_id=SESSION)).after
    assert session_of(after).completed_at == session_of(after).updated_at == RECORDED_AT + 2_000


def test_completing_twice_records_nothing_new_even_at_another_time():
    again = CompleteSession(session_id=SESSION, timestamp_ms=77)
    after = sessions.given(started, SessionEnded(status="complete", timestamp_ms=5)).when(again).then_nothing()
    assert session_of(after).completed_at == 5


def test_notes_of_a_completion_are_kept_before_the_end():
    sessions.given(started).when(CompleteSession(session_id=SESSION, notes="good")).then(
        SessionUpdated(notes="good"), SessionEnded(status="complete")
    )


def test_a_refused_end_leaves_its_notes_unrecorded():
    cancelled = sessions.given(*PATHS["cancelled"])
    cancelled.when(CompleteSession(session_id=SESSION, notes="good")).then_refused(StatusCannotMove)


@ended
def test_after_the_end_titles_notes_and_metadata_are_still_taken(end: str):
    command = UpdateSession(
        session_id=SESSION, title="Best of", notes="late", metadata={"a": 1}, unset=("projectSlug",)
    )
    after = (
        sessions.given(*PATHS[end]).when(command).then(SessionUpdated(title="Best of", notes="late", metadata={"a": 1}))
    )
    assert session_of(after).status == end


@ended
def test_an_ended_session_can_be_reopened_to_paused_with_a_reason(end: str):
    after = (
        sessions.given(*PATHS[end])
        .when(ReopenSession(session_id=SESSION, reason="encore"))
        .then(SessionReopened(reason="encore"))
    )
    assert (session_of(after).status, session_of(after).completed_at) == ("paused", None)
    assert session_of(after.when(UpdateSession(session_id=SESSION, status="rolling")).after).status == "rolling"


@pytest.mark.parametrize("status", ["setup", "rolling", "paused"])
def test_what_has_not_ended_cannot_be_reopened(status: str):
    sessions.given(*PATHS[status]).when(ReopenSession(session_id=SESSION, reason="x")).then_refused(SessionNotEnded)


def test_an_update_records_only_what_really_changes_and_keeps_the_rest():
    with_title = sessions.given(started, SessionUpdated(title="One", notes="n", metadata={"k": 1.0}))
    command = UpdateSession(session_id=SESSION, title="Two", notes="n", metadata={"k": 1})
    after = with_title.when(command).then(SessionUpdated(title="Two"))
    assert (session_of(after).title, session_of(after).notes, session_of(after).metadata) == ("Two", "n", {"k": 1.0})
    assert session_of(after).updated_at > session_of(with_title).updated_at


def test_a_field_is_cleared_by_naming_it_and_clearing_it_again_is_nothing():
    titled = sessions.given(started, SessionUpdated(title="One", metadata=[]))
    clearing = UpdateSession(session_id=SESSION, unset=("title", "metadata", "title"))
    after = titled.when(clearing).then(SessionUpdated(unset=("title", "metadata")))
    assert (session_of(after).title, session_of(after).metadata) == (None, None)
    assert '"title"' not in session_of(after).to_json()
    after.when(clearing).then_nothing()


def test_one_field_cannot_be_set_and_cleared_at_once():
    command = UpdateSession(session_id=SESSION, title="One", unset=("title",))
    sessions.given(started).when(command).then_refused(Invalid, "unset")


def test_true_is_not_one_and_a_change_from_one_to_the_other_is_kept():
    history = sessions.given(started, SessionUpdated(metadata={"a": [1]}))
    history.when(UpdateSession(session_id=SESSION, metadata={"a": [True]})).then(SessionUpdated(metadata={"a": [True]}))


def test_an_update_with_a_status_keeps_the_details_and_then_the_move():
    command = UpdateSession(session_id=SESSION, title="One", status="rolling", timestamp_ms=2_000)
    sessions.given(started).when(command).then(
        SessionUpdated(title="One", timestamp_ms=2_000), SessionStatusMoved(status="rolling", timestamp_ms=2_000)
    )


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False, width=16)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
updates = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["", "One", "Two"]),
        "director_mode": st.sampled_from(["pose", "manual"]),
        "metadata": json_values,
        "status": statuses,
        "timestamp_ms": st.floats(0, 1e6),
        "unset": st.lists(st.sampled_from(get_args(Clearable)), max_size=3).map(tuple),
    },
).map(lambda fields: UpdateSession(session_id=SESSION, **fields))


@given(st.lists(updates, max_size=3), updates)
def test_asking_again_for_what_was_just_done_records_nothing_more(before: list[UpdateSession], command: UpdateSession):
    history = sessions.given(started)
    for earlier in before:
        if (outcome := history.when(earlier)).refusal is None:
            history = outcome.after
    if (outcome := history.when(command)).refusal is None:
        outcome.after.when(command).then_nothing()


@pytest.mark.parametrize(
    "change",
    [
        SessionUpdated(title="One", timestamp_ms=5),
        SessionStatusMoved(status="rolling"),
        SessionEnded(status="complete", timestamp_ms=5),
        SessionReopened(reason="encore"),
    ],
    ids=lambda change: type(change).__name__,
)
def test_every_change_says_when_and_leaves_a_session_that_holds_nothing_else(change: Event):
    session = session_of(sessions.given(started, change))
    assert session.updated_at == RECORDED_AT + 2_000
    assert session.__dict__.keys() == Session.model_fields.keys()


def test_a_status_that_cannot_be_is_told_with_the_one_that_is():
    refused = sessions.given(*PATHS["complete"]).when(UpdateSession(session_id=SESSION, status="rolling")).refusal
    assert str(refused) == "status: a session that is complete cannot become rolling"
