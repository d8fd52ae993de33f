"""Stretches become segments: each ends where the next begins, and what has no length is told of, not shown."""

from typing import Any

import pytest

from ledger.domain.cutlog import Context, Segment, Transition
from ledger.domain.program.audit import Audit
from ledger.domain.program.on_air import Cut, Stretch, segments

DISSOLVE = Transition(type="dissolve", duration_ms=40)


@pytest.fixture
def audit() -> Audit:
    return Audit(lambda sequence: f"s1-e{sequence}")


def cut(ms: int, sequence: int) -> Cut:
    return Cut(ms, sequence, f"cam-{sequence}", "pose", None, DISSOLVE, None)


def stretch(in_ms: int, cause: Cut | None = None, **facts: Any) -> Stretch:
    told: dict[str, Any] = {"reason": "cut", "is_cut": cause is not None, "context": Context(), "flags": []} | facts
    return Stretch(camera_id=cause.camera_id if cause else None, in_ms=in_ms, cause=cause, **told)


def test_each_ends_where_the_next_begins_and_the_last_where_the_program_does(audit: Audit):
    made = segments(
        [stretch(0), stretch(10, cut(10, 2)), stretch(30, cut(30, 3), flags=["late:5 ms"])],
        100,
        open_end=False,
        partition="s1",
        audit=audit,
    )
    assert [(it.camera_id, it.in_ms, it.out_ms) for it in made] == [
        (None, 0, 10),
        ("cam-2", 10, 30),
        ("cam-3", 30, 100),
    ]
    assert [it.cause_event_id for it in made] == [None, "s1-e2", "s1-e3"]
    assert made[1].transition == DISSOLVE
    assert made[2].flags == ("late:5 ms",)
    assert audit.entries() == ()


def test_a_transition_belongs_to_the_cut_that_took_place_here(audit: Audit):
    resumed = stretch(10, cut(5, 2), reason="resume", is_cut=False)
    (made,) = segments([resumed], 20, open_end=False, partition="s1", audit=audit)
    assert made.transition is None
    assert made.cause_event_id == "s1-e2"


def test_a_cut_without_length_is_audited_and_a_gap_without_length_is_nothing(audit: Audit):
    made = segments(
        [stretch(0), stretch(10, cut(10, 2)), stretch(10), stretch(10, cut(10, 4))],
        20,
        open_end=False,
        partition="s1",
        audit=audit,
    )
    assert [it.camera_id for it in made] == [None, "cam-4"]
    assert [(it.kind, it.event_id) for it in audit.entries()] == [("superseded", "s1-e2")]


def test_the_last_cut_of_an_open_log_is_kept_and_flagged(audit: Audit):
    def last(*, open_end: bool) -> Segment:
        told = [stretch(0, cut(0, 2)), stretch(10, cut(10, 3))]
        return segments(told, 10, open_end=open_end, partition="s1", audit=audit)[-1]

    assert (last(open_end=True).camera_id, last(open_end=True).flags) == ("cam-3", ("open_end",))
    assert (last(open_end=False).camera_id, last(open_end=False).flags) == ("cam-2", ())


def test_nothing_on_air_is_no_program(audit: Audit):
    assert segments([], 10, open_end=True, partition="s1", audit=audit) == ()
