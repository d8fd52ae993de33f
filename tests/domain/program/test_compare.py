"""What a later point of the history changed about the program."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cutlog import Segment
from ledger.domain.program import compare, fold
from ledger.domain.program.compare import ENTRIES_MAX, CutLogComparison
from tests.domain.program.shoots import changes, director_events, recorded, shoot
from tests.recordings import SESSION, Recording


def since(recording: Recording, sequence: int) -> CutLogComparison:
    """What was changed by everything that was recorded after a sequence."""
    history = recording.entries
    return compare(fold(history[:sequence], SESSION), fold(history, SESSION), history[sequence:])


def brief(segment: Segment) -> tuple[str | None, int, int]:
    return segment.camera_id, segment.in_ms, segment.out_ms


def test_a_late_cut_adds_its_segment_and_shortens_the_one_it_falls_into():
    recording = shoot().cut("A", 1000).cut("B", 3000).ended(4000)
    head = recording.sequence
    recording.actor = "tardy"
    told = since(recording.cut("C", 2000, "late"), head)
    assert [brief(segment) for segment in told.segments_added] == [("C", 2000, 3000)]
    assert told.segments_removed == ()
    assert [(brief(it.before), brief(it.after), it.changed) for it in told.segments_changed] == [
        (("A", 1000, 3000), ("A", 1000, 2000), ("outMs",))
    ]
    assert [(odd.kind, odd.event_id) for odd in told.audit_added] == [("late", recording.id_of("late"))]
    assert [(it.sequence, it.type, it.actor, it.event_type, it.timestamp_ms) for it in told.entries] == [
        (head + 1, "director-event-recorded.1", "tardy", "cut", 2000)
    ]
    assert (told.from_sequence, told.to_sequence) == (head, head + 1)


def test_a_voided_cut_removes_its_segment():
    recording = shoot().cut("A", 1000).cut("B", 2000, "slip").cut("C", 3000).ended(4000)
    told = since(recording.voided("slip"), recording.sequence - 1)
    assert [brief(segment) for segment in told.segments_removed] == [("B", 2000, 3000)]
    assert [(it.changed, it.after.out_ms) for it in told.segments_changed] == [(("outMs",), 3000)]
    assert [odd.kind for odd in told.audit_added] == ["voided"]


def test_a_corrected_cut_is_the_same_segment_wherever_it_went():
    recording = shoot().cut("A", 1000).cut("B", 2000, "cut").ended(4000)
    told = since(recording.corrected("cut", camera_id="C", timestamp_ms=2500), recording.sequence - 1)
    assert [(it.changed, brief(it.after)) for it in told.segments_changed] == [
        (("outMs",), ("A", 1000, 2500)),
        (("cameraId", "inMs"), ("C", 2500, 4000)),
    ]
    assert (told.segments_added, told.segments_removed) == ((), ())


def test_another_cause_at_the_same_time_is_a_change():
    recording = shoot(initialCamera="A").paused(2000).rolling(3000).ended(4000)
    told = since(recording.cut("B", 2500), recording.sequence - 1)
    assert [(it.changed, brief(it.before), brief(it.after)) for it in told.segments_changed] == [
        (("cameraId", "causeEventId"), ("A", 3000, 4000), ("B", 3000, 4000))
    ]


def test_the_cut_comes_before_the_time_in_saying_which_segment_is_which():
    recording = shoot().cut("A", 1000).cut("B", 2000, "b").cut("C", 3000, "c").ended(4000)
    head = recording.sequence
    told = since(recording.corrected("b", timestamp_ms=3000).corrected("c", timestamp_ms=2000), head)
    assert [(it.after.camera_id, it.changed) for it in told.segments_changed] == [
        ("C", ("inMs", "outMs", "flags")),
        ("B", ("inMs", "outMs")),
    ]


def test_segments_that_no_cut_decided_are_told_apart_by_when_they_begin():
    recording = shoot(initialCamera="A").paused(3000).rolling(4000).ended(5000)
    head = recording.sequence
    told = since(recording.paused(1500).rolling(1700), head)
    assert [brief(segment) for segment in told.segments_added] == [(None, 1500, 1700), ("A", 1700, 3000)]
    assert [(brief(it.after), it.changed) for it in told.segments_changed] == [(("A", 1000, 1500), ("outMs",))]


def test_changes_are_listed_in_the_order_of_what_is_and_a_beginning_may_move():
    recording = shoot().cut("A", 2000, "cut").ended(3000)
    told = since(recording.rolling(500).corrected("cut", reason="why"), recording.sequence - 2)
    assert [(brief(it.after), it.changed) for it in told.segments_changed] == [
        ((None, 500, 2000), ("inMs",)),
        (("A", 2000, 3000), ("reason",)),
    ]


def test_a_later_end_and_a_changed_context_are_told_by_their_fields():
    recording = shoot().cut("A", 1000)
    head = recording.sequence
    told = since(recording.music(500, section="drop").ended(2000), head)
    assert [(it.after.in_ms, it.changed) for it in told.segments_changed] == [(1000, ("outMs", "context", "flags"))]
    assert ([odd.kind for odd in told.audit_removed], told.audit_added) == (["open_end"], ())


def test_holds_come_and_go_and_end_otherwise():
    recording = shoot().cut("A", 1000).hold(1100, hold_id="a", called="a").hold(1200, hold_id="b").ended(4000)
    head = recording.sequence
    told = since(recording.release(3000, hold_id="b").hold(2000, hold_id="c").voided("a"), head)
    assert [hold.hold_id for hold in told.holds_added] == ["c"]
    assert [hold.hold_id for hold in told.holds_removed] == ["a"]
    assert [(it.after.hold_id, it.changed) for it in told.holds_changed] == [("b", ("outMs", "status"))]


def test_of_two_holds_of_one_name_the_one_that_went_is_told():
    recording = shoot().cut("A", 1000).hold(1100, hold_id="h", called="first").hold(1500, hold_id="h").ended(4000)
    told = since(recording.voided("first"), recording.sequence - 1)
    assert [(hold.hold_id, hold.in_ms) for hold in told.holds_removed] == [("h", 1100)]
    assert (told.holds_changed, told.holds_added) == ((), ())


def test_what_was_odd_once_and_is_so_twice_is_told_once():
    recording = shoot().cut("A", 1000).hold(1100, "A", "h").cut("B", 2000).ended(3000)
    told = since(recording.hold(1100, "A", "h"), recording.sequence - 1)
    assert [odd.kind for odd in told.audit_added if odd.kind != "late"] == ["hold_broken"]


def test_of_very_many_entries_the_first_are_listed():
    recording = shoot()
    history = fold(recording.entries)
    told = compare(history, history, recording.entries[:1] * ENTRIES_MAX)
    assert (len(told.entries), told.truncated) == (ENTRIES_MAX, None)
    told = compare(history, history, recording.entries[:1] * (ENTRIES_MAX + 1))
    assert (len(told.entries), told.truncated) == (ENTRIES_MAX, True)


def test_it_is_written_as_the_contract_writes():
    recording = shoot().cut("A", 1000)
    told = json.loads(since(recording.cut("B", 2000), recording.sequence - 1).to_json())
    assert set(told) == {
        *("sessionId", "fromSequence", "toSequence", "entries", "auditAdded", "auditRemoved"),
        *("segmentsAdded", "segmentsRemoved", "segmentsChanged", "holdsAdded", "holdsRemoved", "holdsChanged"),
    }


@given(st.lists(director_events | changes, max_size=30), st.integers(0, 35))
def test_what_was_there_with_the_differences_is_what_is_there(happenings: list[tuple[Any, ...]], at: int):
    recording = recorded(happenings)
    before, after = fold(recording.entries[:at], SESSION), fold(recording.entries, SESSION)
    told = since(recording, at)
    for old, new, came, went, changed in (
        (before.segments, after.segments, told.segments_added, told.segments_removed, told.segments_changed),
        (before.holds, after.holds, told.holds_added, told.holds_removed, told.holds_changed),
        (before.audit, after.audit, told.audit_added, told.audit_removed, ()),
    ):
        there: list[Any] = list(old)
        for gone in (*went, *(it.before for it in changed)):
            there.remove(gone)
        there += [*came, *(it.after for it in changed)]
        assert sorted(there, key=repr) == sorted(new, key=repr)
        assert all(it.before != it.after and it.changed for it in changed)
        assert [gone for gone in went if gone in came] == []
