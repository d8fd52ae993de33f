"""Where the program stops, for a while or for good."""

from ledger.domain.program import fold
from tests.domain.program.shoots import audited, holds_of, on_air, segment_at, shoot
from tests.recordings import Recording

# 7. Pause and resume.


def test_a_pause_makes_a_gap_and_a_resume_goes_on_with_the_camera_before_it():
    recording = shoot().cut("A", 1000).paused(2000).rolling(3000).ended(4000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), (None, 2000, 3000), ("A", 3000, 4000)]
    assert [segment.reason for segment in fold(recording.entries).segments] == ["cut", "pause", "resume"]
    assert audited(recording) == []


def test_the_last_cut_while_paused_decides_the_camera_at_the_resume():
    recording = shoot().cut("A", 1000).paused(2000).cut("B", 2200, "first").cut("C", 2400, "last", reason="ready")
    recording.rolling(3000).ended(4000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), (None, 2000, 3000), ("C", 3000, 4000)]
    assert segment_at(recording, 3000).reason == "ready"
    assert segment_at(recording, 3000).cause_event_id == recording.id_of("last")
    assert audited(recording) == [("shadow", "first", 2200), ("shadow", "last", 2400)]


def test_a_shadow_cut_breaks_a_hold_only_when_the_program_resumes_with_it():
    recording = shoot().cut("A", 1000).hold(1500).paused(2000).cut("B", 2200, "shadow").rolling(3000).ended(4000)
    assert holds_of(recording) == [("A", 1500, 3000, "broken")]
    assert audited(recording, "hold_broken") == [("hold_broken", "shadow", 3000)]


def test_a_shadow_cut_to_the_camera_before_the_pause_breaks_no_hold():
    recording = shoot().cut("A", 1000).hold(1500).paused(2000).cut("A", 2200).rolling(3000).release(3500).ended(4000)
    assert holds_of(recording) == [("A", 1500, 3500, "released")]


def test_a_shadow_cut_is_forgotten_at_the_next_pause():
    recording = (
        shoot().cut("A", 1000).paused(2000).cut("B", 2200).rolling(3000).cut("A", 3500).paused(4000).rolling(5000)
    )
    assert on_air(fold(recording.ended(6000).entries))[-1] == ("A", 5000, 6000)


def test_a_hold_in_a_pause_is_on_the_camera_that_stands_by():
    recording = shoot().cut("A", 1000).paused(2000).hold(2100).cut("B", 2200).hold(2300).rolling(3000).ended(4000)
    assert holds_of(recording) == [("A", 2100, 3000, "broken"), ("B", 2300, 4000, "open_at_end")]


def test_a_pause_without_length_is_no_edit():
    recording = shoot().cut("A", 1000).paused(2000).rolling(2000).ended(4000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 4000)]


def test_a_resume_onto_a_camera_that_was_lost_meanwhile_is_flagged():
    recording = shoot().cut("A", 1000).paused(2000).camera_lost("A", 2500).rolling(3000).ended(4000)
    assert segment_at(recording, 3000).flags == ("source_inactive",)


# 8. The end.


def test_the_end_closes_the_last_segment():
    cut_log = fold(shoot().cut("A", 1000).decided("bar_fire", 1500).ended(3000).entries)
    assert on_air(cut_log) == [("A", 1000, 3000)]
    assert not cut_log.provisional


def test_without_an_end_the_log_closes_at_the_last_event_and_is_provisional():
    recording = shoot().cut("A", 1000).music(1800, called="last").decided("bar_fire", 1500)
    cut_log = fold(recording.entries)
    assert on_air(cut_log) == [("A", 1000, 1800)]
    assert cut_log.provisional
    assert cut_log.segments[-1].flags == ("open_end",)
    assert audited(recording) == [("open_end", "last", 1800)]


def test_a_still_may_be_the_last_event_and_is_not_audited():
    recording = shoot().cut("A", 1000).still("A", 1900)
    assert on_air(fold(recording.entries)) == [("A", 1000, 1900)]
    assert audited(recording) == [("open_end", None, 1900)]


def test_where_the_last_event_is_a_cut_its_empty_segment_is_kept_and_flagged():
    recording = shoot().cut("A", 1000).cut("B", 2000, "last")
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 2000)]
    assert [segment.flags for segment in fold(recording.entries).segments] == [(), ("open_end",)]
    assert audited(recording) == [("open_end", "last", 2000)]


def test_a_pause_or_a_resume_as_the_last_event_leaves_no_empty_segment():
    recording = shoot().cut("A", 1000).paused(2000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000)]
    assert on_air(fold(recording.rolling(2500).entries)) == [("A", 1000, 2000), (None, 2000, 2500)]
    assert [segment.flags for segment in fold(recording.entries).segments] == [(), ("open_end",)]


def test_a_cut_in_the_millisecond_of_the_end_is_superseded_by_it():
    recording = shoot().cut("A", 1000).cut("B", 2000, "last").ended(2000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000)]
    assert audited(recording) == [("superseded", "last", 2000)]


def test_events_after_the_end_are_listed_and_change_nothing():
    recording = shoot().cut("A", 1000).ended(2000).cut("B", 2500, "cut").music(2600, "music", tempo=90)
    recording.camera_lost("A", 2700).hold(2800, called="hold").rolling(2900).still("A", 3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000)]
    assert holds_of(recording) == []
    assert audited(recording) == [
        ("after_end", "cut", 2500),
        ("after_end", "music", 2600),
        ("after_end", "camera A", 2700),
        ("after_end", "hold", 2800),
        ("after_end", None, 2900),
    ]


def test_in_the_ends_own_millisecond_the_sequence_decides_what_is_after_it():
    recording = shoot().cut("A", 1000).ended(2000).cut("B", 2000, "cut").updated(notes="a good take")
    assert audited(recording) == [("after_end", "cut", 2000)]


def test_a_late_fact_recorded_after_the_end_still_counts_where_it_took_place():
    recording = shoot().cut("A", 1000).ended(3000).cut("B", 2000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]


def test_an_end_before_the_beginning_leaves_an_empty_program():
    recording = Recording().started(1000, status="rolling").camera("A", 0)
    recording.cut("A", 700, "before").cut("A", 2000, "after").ended(500)
    assert fold(recording.entries).segments == ()
    assert audited(recording) == [
        ("after_end", "before", 700),
        ("after_end", None, 1000),
        ("after_end", "after", 2000),
    ]


def test_a_reopened_session_was_paused_at_its_first_end():
    recording = shoot().cut("A", 1000).ended(2000).reopened().cut("B", 2500).rolling(3000).cut("C", 3500).ended(4000)
    assert on_air(fold(recording.entries)) == [
        ("A", 1000, 2000),
        (None, 2000, 3000),
        ("B", 3000, 3500),
        ("C", 3500, 4000),
    ]


def test_a_reopened_session_without_a_new_end_is_provisional():
    assert fold(shoot().cut("A", 1000).ended(2000).reopened().entries).provisional


def test_the_end_that_was_recorded_last_is_the_end_also_where_it_took_place_first():
    recording = shoot().cut("A", 1000).ended(3000).reopened().ended(2000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000)]
    assert audited(recording) == [("after_end", None, 3000), ("after_end", None, 3000)]


def test_rolling_after_the_end_does_not_move_the_beginning():
    recording = Recording().started(1000).camera("A").cut("A", 1200).ended(2000).rolling(3000)
    assert on_air(fold(recording.entries)) == [(None, 1000, 1200), ("A", 1200, 2000)]
    assert audited(recording) == [("after_end", None, 3000)]
