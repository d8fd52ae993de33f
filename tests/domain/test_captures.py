"""Captures, decision by decision; the statuses as the lattice that they are."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.domain.captures import (
    SOURCE_UNTOLD,
    STATUSES,
    Capture,
    CaptureCannotMove,
    CaptureEvent,
    CaptureNotFound,
    CaptureRecorded,
    CaptureReported,
    CaptureStatusMoved,
    MoveCapture,
    RecordCapture,
    Report,
    Status,
    StoreCapture,
    decide_move,
    decide_recording,
    decide_report,
    evolve,
    partition_of,
)
from ledger.domain.entries import Entry
from ledger.domain.ids import partition_kind

PARTITION: Final = partition_of("f-17")
CAPTURE: Final = f"{PARTITION}-p1"
UNKNOWN: Final = "enhancing"
statuses = st.sampled_from(STATUSES)
people = st.none() | st.sampled_from(["ann", "bo"])


class Frame:
    """A frame, and what has been said of it."""

    def __init__(self) -> None:
        self.events: list[CaptureEvent] = []

    @property
    def capture(self) -> Capture | None:
        state: Capture | None = None
        for sequence, event in enumerate(self.events, 1):
            state = evolve(state, Entry(PARTITION, sequence, sequence, "ann", None, event.entity(sequence), event, ""))
        return state

    def store(self, status: str | None = None, person: str | None = None, **more: Any) -> list[CaptureEvent]:
        report = Report(capture_id="f-17", status=status, person_id=person, **more)
        return self._record(decide_report(StoreCapture(report=report), self.capture))

    def move(self, status: Status, person: str | None = None) -> list[CaptureEvent]:
        return self._record(decide_move(MoveCapture(id=CAPTURE, status=status, person_id=person), self.capture))

    def _record(self, events: list[CaptureEvent]) -> list[CaptureEvent]:
        self.events += events
        return events

    @property
    def status(self) -> str:
        assert self.capture is not None
        return self.capture.status


def frame_that_is(status: Status, person: str | None = None) -> Frame:
    frame = Frame()
    frame.store(status, person)
    assert frame.status == status
    return frame


def test_a_capture_begins_pending():
    (event,) = decide_recording(RecordCapture(image_url="https://f/1.jpg", source="telegram"))
    assert event == CaptureRecorded(image_url="https://f/1.jpg", source="telegram", status="pending")


def test_what_a_pipeline_stores_first_is_a_capture_as_it_says():
    frame = Frame()
    frame.store("identified", "ann", source="glasses_stream")
    capture = frame.capture
    assert capture is not None
    assert (capture.id, capture.image_url, capture.timestamp) == (CAPTURE, "f-17", 1)
    assert (capture.source, capture.status, capture.person_id) == ("glasses_stream", "identified", "ann")


@pytest.mark.parametrize("said", [None, UNKNOWN])
def test_a_new_one_whose_status_nobody_knows_is_pending(said: str | None):
    frame = Frame()
    frame.store(said)
    assert frame.events == [CaptureRecorded(image_url="f-17", source=SOURCE_UNTOLD, status="pending")]


FORWARD: Final[set[tuple[Status, Status]]] = {
    ("pending", "identifying"),
    ("pending", "identified"),
    ("pending", "failed"),
    ("identifying", "identified"),
    ("identifying", "failed"),
    ("failed", "pending"),
    ("failed", "identifying"),
    ("failed", "identified"),
}


@given(statuses, statuses)
def test_a_status_moves_one_way_and_begins_anew_after_a_failure(status: Status, wanted: Status):
    frame = frame_that_is(status)
    if wanted == status:
        assert frame.move(wanted) == []
    elif (status, wanted) in FORWARD:
        assert frame.move(wanted, "ann") == [CaptureStatusMoved(capture=1, status=wanted, person_id="ann")]
        assert frame.status == wanted
    else:
        with pytest.raises(CaptureCannotMove, match=f"{status} cannot become {wanted}"):
            frame.move(wanted)


@given(statuses, statuses)
def test_a_store_that_would_move_it_back_is_kept_and_moves_nothing(status: Status, said: Status):
    frame = frame_that_is(status)
    told = frame.store(said)
    if said == status:
        assert told == []
    elif (status, said) in FORWARD:
        assert told == [CaptureReported(capture=1, said=said, status=said)]
    else:
        assert told == [CaptureReported(capture=1, said=said)]
    assert frame.status == (said if (status, said) in FORWARD else status)


@given(statuses)
def test_an_unknown_status_is_kept_and_moves_nothing(status: Status):
    frame = frame_that_is(status)
    assert frame.store(UNKNOWN) == [CaptureReported(capture=1, said=UNKNOWN)]
    assert frame.status == status


@given(st.lists(st.tuples(st.none() | statuses | st.just(UNKNOWN), people), min_size=1, max_size=8))
def test_whatever_pipelines_say_in_whatever_order_no_step_is_back(said: list[tuple[str | None, str | None]]):
    frame = Frame()
    for status, person in said:
        before = frame.capture
        frame.store(status, person)
        after = frame.capture
        assert after is not None
        if before is not None:
            assert after.status == before.status or (before.status, after.status) in FORWARD
            assert after.person_id is not None or before.person_id is None
        assert frame.store() == [], "to say nothing is no fact"
        if status in STATUSES and after.status == status:
            assert frame.store(status, after.person_id) == [], "nor is to say it again"


def test_a_person_is_named_and_named_better_but_not_by_a_late_report():
    frame = frame_that_is("identifying")
    frame.store("identified", "ann")
    frame.store("identified", "bo")
    frame.store("identifying", "ann")
    assert frame.capture is not None
    assert (frame.status, frame.capture.person_id) == ("identified", "bo")


def test_a_late_report_may_name_whom_nobody_has_named():
    frame = frame_that_is("identified")
    assert frame.store("identifying", "ann") == [CaptureReported(capture=1, said="identifying", person_id="ann")]


def test_a_capture_that_is_identified_may_be_named_again():
    frame = frame_that_is("identified", "ann")
    assert frame.move("identified", "bo") == [CaptureStatusMoved(capture=1, status="identified", person_id="bo")]


def test_where_there_is_no_capture_none_moves():
    with pytest.raises(CaptureNotFound):
        Frame().move("identified")


@pytest.mark.parametrize("image", ["data:image/png;base64,iVBORw0KGgo=", "DATA:,x", "", " ", "a\x00b", "x" * 4_097])
def test_a_capture_keeps_a_url_and_no_image(image: str):
    for make in (
        lambda: RecordCapture(image_url=image, source="s"),
        lambda: Report(capture_id=image),
    ):
        with pytest.raises(ValidationError):
            make()


def test_what_else_a_pipeline_says_is_not_kept():
    frame = Frame()
    frame.store("pending", image_base64="iVBORw0KGgo=")
    assert "iVBORw0KGgo=" not in str(frame.events)


@given(st.text(min_size=1))
def test_a_frame_has_one_place_of_its_own(name: str):
    assert partition_of(name) == partition_of(name)
    assert partition_kind(partition_of(name)) == "capture"
