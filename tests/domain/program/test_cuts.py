"""What is on air: the first cut, every other, and dissolves."""

from ledger.domain.cutlog import Transition
from ledger.domain.program import fold
from tests.domain.program.shoots import audited, on_air, segment_at, shoot
from tests.recordings import Recording

# 2. The first cut.


def test_a_program_begins_with_its_declared_camera():
    recording = shoot(initialCamera="B").cut("A", 2000).ended(3000)
    assert on_air(fold(recording.entries)) == [("B", 1000, 2000), ("A", 2000, 3000)]
    assert fold(recording.entries).segments[0].reason == "initial"
    assert fold(recording.entries).segments[0].cause_event_id is None


def test_the_declared_camera_wins_over_a_cut_before_the_beginning():
    recording = Recording().started(0, metadata={"initialCamera": "B"}).cameras("A", "B").cut("A", 500, "early")
    recording.rolling(1000).ended(2000)
    assert on_air(fold(recording.entries)) == [("B", 1000, 2000)]
    assert audited(recording) == [("before_start", "early", 500)]


def test_the_latest_declaration_before_the_beginning_counts():
    recording = Recording().started(0, metadata={"initialCamera": "A"}).cameras("A", "B", "C")
    recording.updated(500, metadata={"initialCamera": "B"}).rolling(1000).updated(1500, metadata={"initialCamera": "C"})
    assert fold(recording.ended(2000).entries).segments[0].camera_id == "B"


def test_a_declaration_may_be_withdrawn():
    recording = Recording().started(0, metadata={"initialCamera": "A"}).camera("A").updated(500, unset=("metadata",))
    assert on_air(fold(recording.rolling(1000).ended(2000).entries)) == [(None, 1000, 2000)]


def test_without_times_a_declaration_after_the_start_still_counts():
    recording = Recording().started(status="rolling").camera("A").updated(metadata={"initialCamera": "A"})
    assert on_air(fold(recording.decided("bar_fire", 1000).ended(2000).entries)) == [("A", 1000, 2000)]


def test_else_a_program_begins_with_the_camera_of_the_last_cut_before_its_beginning():
    recording = (
        Recording().started(0).cameras("A", "B").cut("A", 500, "first").cut("B", 600, "second", reason="framing")
    )
    recording.rolling(1000).ended(2000)
    segment = fold(recording.entries).segments[0]
    assert (segment.camera_id, segment.in_ms, segment.reason) == ("B", 1000, "framing")
    assert segment.cause_event_id == recording.id_of("second")
    assert audited(recording) == [("before_start", "first", 500), ("before_start", "second", 600)]


def test_else_there_is_an_explicit_gap_until_the_first_cut():
    recording = shoot().cut("A", 2000).ended(3000)
    assert on_air(fold(recording.entries)) == [(None, 1000, 2000), ("A", 2000, 3000)]
    assert segment_at(recording, 1000).reason == "no_camera"


def test_a_cut_in_the_beginnings_millisecond_leaves_no_empty_segment():
    assert on_air(fold(shoot(initialCamera="B").cut("A", 1000).ended(2000).entries)) == [("A", 1000, 2000)]


# 3. Segments.


def test_a_segment_ends_where_the_next_begins():
    recording = shoot().cut("A", 1000).cut("B", 2000).ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]


def test_a_segment_keeps_its_events_own_reason_and_its_id():
    recording = shoot().cut("A", 1000, "plain").cut("B", 2000, "why", reason="hands in frame").ended(3000)
    assert [(segment.reason, segment.cause_event_id) for segment in fold(recording.entries).segments] == [
        ("cut", recording.id_of("plain")),
        ("hands in frame", recording.id_of("why")),
    ]


# 4. Cuts that change nothing, or not for long.


def test_a_cut_to_the_camera_on_air_changes_nothing_and_is_audited():
    recording = shoot().cut("A", 1000).cut("A", 2000, "again").ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 3000)]
    assert audited(recording) == [("same_camera", "again", 2000)]


def test_of_two_cuts_in_one_millisecond_the_later_sequence_wins():
    recording = shoot().cut("A", 1000).cut("B", 2000, "first").cut("C", 2000.4, "second").ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("C", 2000, 3000)]
    assert audited(recording) == [("superseded", "first", 2000)]


def test_a_cut_away_and_back_in_one_millisecond_is_no_edit():
    recording = shoot().cut("A", 1000).cut("B", 2000, "away").cut("A", 2000, "back").ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 3000)]
    assert audited(recording) == [("superseded", "away", 2000), ("same_camera", "back", 2000)]


def test_a_cut_in_the_millisecond_of_a_pause_is_superseded_and_decides_the_resume():
    recording = shoot().cut("A", 1000).cut("B", 2000, "overtaken").paused(2000).rolling(3000).ended(4000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), (None, 2000, 3000), ("B", 3000, 4000)]
    assert audited(recording) == [("superseded", "overtaken", 2000)]


def test_a_cut_to_nothing_is_a_gap_flagged_and_audited():
    recording = shoot().cut("A", 1000).cut(None, 2000, "nowhere").cut("A", 2500).ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), (None, 2000, 2500), ("A", 2500, 3000)]
    gap = segment_at(recording, 2200)
    assert (gap.reason, gap.flags, gap.cause_event_id) == ("no_camera", ("no_camera",), recording.id_of("nowhere"))
    assert audited(recording) == [("no_camera", "nowhere", 2000)]


# 10. Dissolves.


def test_a_dissolve_starts_at_its_time_and_belongs_to_the_incoming_camera():
    dissolve = {"type": "dissolve", "durationMs": 400}
    recording = shoot().cut("A", 1000).cut("B", 2000, metadata={"transition": dissolve}).ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]
    assert [segment.transition for segment in fold(recording.entries).segments] == [
        None,
        Transition(type="dissolve", duration_ms=400),
    ]


def test_a_dissolve_before_the_beginning_is_over_when_the_program_begins():
    recording = Recording().started(0).camera("A")
    recording.cut("A", 500, metadata={"transition": {"type": "dissolve", "durationMs": 400}}).rolling(1000).ended(2000)
    assert [segment.transition for segment in fold(recording.entries).segments] == [None]
