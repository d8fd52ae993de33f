"""The rules of docs/reference/cut-log.md, in its order."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cutlog import CutLog, Segment, Transition
from ledger.domain.program import fold
from tests.recordings import SESSION, Recording


def shoot(*, start: int = 1000, cameras: str = "ABC", **metadata: str) -> Recording:
    """A session that rolls at ``start``, with its cameras registered."""
    recording = Recording().started(0, metadata=metadata or None).cameras(*cameras)
    return recording.rolling(start)


def on_air(cut_log: CutLog) -> list[tuple[str | None, int, int]]:
    return [(segment.camera_id, segment.in_ms, segment.out_ms) for segment in cut_log.segments]


def audited(recording: Recording, *kinds: str) -> list[tuple[str, str | None, int]]:
    """The audit list of a recording: kind, what the event is called there, time. All of it, or only some kinds."""
    entries = [entry for entry in fold(recording.entries).audit if not kinds or entry.kind in kinds]
    return [(entry.kind, recording.name_of(entry.event_id), entry.timestamp_ms) for entry in entries]


def holds_of(recording: Recording) -> list[tuple[str | None, int, int, str]]:
    return [(hold.camera_id, hold.in_ms, hold.out_ms, hold.status) for hold in fold(recording.entries).holds]


def segment_at(recording: Recording, ms: int) -> Segment:
    return next(segment for segment in fold(recording.entries).segments if segment.in_ms <= ms < segment.out_ms)


# Program time.


def test_a_time_counts_rounded_half_up_to_a_millisecond():
    recording = shoot().cut("A", 1999.5).cut("B", 2999.4999).ended(4000)
    assert on_air(fold(recording.entries)) == [(None, 1000, 2000), ("A", 2000, 2999), ("B", 2999, 4000)]


def test_a_fraction_just_below_a_half_is_not_rounded_up():
    assert on_air(fold(shoot(start=0).cut("A", 0.49999999999999994).ended(5).entries)) == [("A", 0, 5)]


def test_a_program_begins_at_the_first_change_to_rolling():
    recording = Recording().started(0).camera("A").rolling(500).cut("A", 500).ended(900)
    assert on_air(fold(recording.entries)) == [("A", 500, 900)]


def test_a_program_that_never_rolled_begins_at_its_start():
    recording = Recording().started(100).camera("A").cut("A", 500).ended(900)
    assert on_air(fold(recording.entries)) == [(None, 100, 500), ("A", 500, 900)]


def test_a_session_that_starts_rolling_begins_there():
    recording = Recording().started(100, status="rolling").camera("A").cut("A", 500).ended(900)
    assert on_air(fold(recording.entries)) == [(None, 100, 500), ("A", 500, 900)]


def test_a_start_without_a_time_takes_place_at_the_first_director_event():
    recording = Recording().started().camera("A").music(50).cut("A", 700).cut("A", 600).ended(900)
    assert on_air(fold(recording.entries)) == [("A", 600, 900)]


def test_a_start_without_a_time_before_music_alone_takes_place_at_the_first_moment():
    assert on_air(fold(Recording().started().music(70).music(50).entries)) == [(None, 50, 70)]


def test_a_change_without_a_time_takes_place_at_the_greatest_time_recorded_before_it():
    recording = Recording().started(0, status="rolling").camera("A").cut("A", 100).music(800).cut("A", 300).paused()
    recording.ended(900)
    assert on_air(fold(recording.entries)) == [(None, 0, 100), ("A", 100, 800), (None, 800, 900)]


def test_a_still_counts_as_a_time_recorded_before_a_change():
    recording = shoot(A="").cut("A", 1000).still("A", 1700).ended()
    assert on_air(fold(recording.entries)) == [("A", 1000, 1700)]


def test_a_corrected_time_and_not_the_original_is_what_was_recorded_before_a_change():
    recording = shoot().cut("A", 1000).decided("bar_fire", 9000, called="typo").ended()
    recording.corrected("typo", timestamp_ms=2000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000)]


def test_a_session_without_any_time_is_an_empty_program():
    assert fold(Recording().started().camera("A").entries).segments == ()
    assert fold(Recording().started().camera("A").entries).provisional
    assert not fold(Recording().started().ended().entries).provisional
    assert fold([], session_id=SESSION) == CutLog(
        session_id=SESSION, sequence=0, provisional=True, segments=(), holds=(), audit=()
    )


def test_a_cut_log_says_which_history_it_folded():
    cut_log = fold(shoot().cut("A", 1500).entries)
    assert (cut_log.session_id, cut_log.sequence) == (SESSION, 6)


# 1. Order.


def test_cuts_count_in_the_order_of_their_time_and_not_of_their_recording():
    recording = shoot().cut("A", 1000).cut("C", 3000).cut("B", 2000).ended(4000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000), ("C", 3000, 4000)]


def test_a_late_cut_is_flagged_with_how_late_it_was_and_audited():
    recording = shoot().cut("A", 1000).cut("C", 3000).cut("B", 2000, "late").ended(4000)
    assert segment_at(recording, 2500).flags == ("late:1000 ms",)
    assert segment_at(recording, 3500).flags == ()
    assert audited(recording) == [("late", "late", 2000)]


def test_late_is_measured_against_director_events_only():
    recording = (
        shoot()
        .music(5000)
        .cut("A", 1000)
        .decided("bar_fire", 2000)
        .decided("bar_fire", 1999, called="late")
        .ended(6000)
    )
    assert audited(recording) == [("late", "late", 1999)]


def test_a_time_that_was_corrected_makes_nobody_late():
    recording = shoot().cut("A", 9_000_000, "typo").cut("B", 2000).corrected("typo", timestamp_ms=1000).ended(3000)
    assert audited(recording, "late") == []


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


# 5. Holds.


def test_a_hold_is_a_range_beside_the_program_on_the_camera_on_air():
    recording = shoot().cut("A", 1000).hold(1500, called="hold").release(1800).ended(3000)
    assert holds_of(recording) == [("A", 1500, 1800, "released")]
    assert fold(recording.entries).holds[0].hold_id == recording.id_of("hold")
    assert fold(recording.entries).holds[0].held_by == "multicam"
    assert on_air(fold(recording.entries)) == [("A", 1000, 3000)]


def test_a_hold_may_name_a_camera_and_overlap_another():
    recording = shoot().cut("A", 1000).hold(1100).hold(1200, "B").release(1300, "A").release(1400, "B").ended(3000)
    assert holds_of(recording) == [("A", 1100, 1300, "released"), ("B", 1200, 1400, "released")]


def test_a_cut_away_from_a_held_camera_happens_and_breaks_the_hold():
    recording = shoot().cut("A", 1000).hold(1500).hold(1500, "B").cut("B", 2000, "away").release(2500, "B").ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]
    assert holds_of(recording) == [("A", 1500, 2000, "broken"), ("B", 1500, 2500, "released")]
    assert audited(recording) == [("hold_broken", "away", 2000)]


def test_a_superseded_cut_breaks_no_hold():
    recording = shoot().cut("A", 1000).hold(1500).cut("B", 2000).cut("A", 2000).release(2500).ended(3000)
    assert holds_of(recording) == [("A", 1500, 2500, "released")]
    assert audited(recording, "hold_broken") == []


def test_a_release_goes_by_hold_id_then_by_camera_then_to_the_latest():
    recording = shoot().cut("A", 1000).hold(1100, "A", "one").hold(1200, "A", "two").hold(1300, "B", "three")
    recording.release(1400, "B", "one").release(1500, "A").release(1600).ended(3000)
    assert [(hold.hold_id, hold.out_ms) for hold in fold(recording.entries).holds] == [
        ("one", 1400),
        ("two", 1500),
        ("three", 1600),
    ]


@pytest.mark.parametrize("release", [{}, {"camera": "B"}, {"hold_id": "other"}], ids=str)
def test_a_release_without_its_hold_is_audited(release: dict[str, Any]):
    recording = shoot().cut("A", 1000)
    if release:
        recording.hold(1100, "A", "one")
    recording.release(1200, called="alone", **release).release(1300, "A", "one").ended(2000)
    assert ("release_without_hold", "alone", 1200) in audited(recording)


def test_holds_of_one_id_are_released_the_latest_first():
    recording = shoot().cut("A", 1000).hold(1100, hold_id="pose").hold(1200, hold_id="pose")
    recording.release(1300, hold_id="pose").release(1400, hold_id="pose").ended(3000)
    assert holds_of(recording) == [("A", 1100, 1400, "released"), ("A", 1200, 1300, "released")]


def test_a_hold_without_an_id_of_its_own_goes_by_its_events():
    recording = shoot().cut("A", 1000).hold(1100, called="hold").hold(1200, "B")
    recording.release(1300, hold_id=recording.id_of("hold")).ended(3000)
    assert holds_of(recording) == [("A", 1100, 1300, "released"), ("B", 1200, 3000, "open_at_end")]


def test_a_hold_that_nobody_releases_is_open_at_the_end():
    recording = shoot().cut("A", 1000).hold(1500, called="hold").ended(3000)
    assert holds_of(recording) == [("A", 1500, 3000, "open_at_end")]
    assert audited(recording) == [("hold_open_at_end", "hold", 1500)]


# 6. Cameras.


def test_a_camera_going_inactive_flags_its_segment_and_cuts_nothing():
    recording = shoot().cut("A", 1000).camera_lost("A", 1500, "lost").ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 3000)]
    assert segment_at(recording, 1000).flags == ("source_lost@1500",)
    assert audited(recording) == [("source_lost", "lost", 1500)]


def test_a_camera_that_goes_inactive_off_air_is_no_oddity():
    assert audited(shoot().cut("A", 1000).camera_lost("B", 1500).ended(3000)) == []


def test_a_cut_to_an_inactive_camera_happens_and_is_flagged():
    recording = (
        shoot().cut("A", 1000).camera_lost("B", 1500).cut("B", 2000, "dead").camera_changed("B", 2500, is_active=True)
    )
    recording.cut("A", 2600).cut("B", 2800).ended(3000)
    assert segment_at(recording, 2000).flags == ("source_inactive",)
    assert segment_at(recording, 2800).flags == ()
    assert audited(recording) == [("source_inactive", "dead", 2000)]


def test_holds_on_a_camera_that_goes_inactive_are_voided():
    recording = (
        shoot().cut("A", 1000).hold(1100).hold(1200, "B").camera_lost("B", 1500, "lost").release(1600).ended(3000)
    )
    assert holds_of(recording) == [("A", 1100, 1600, "released"), ("B", 1200, 1500, "voided")]
    assert audited(recording) == [("hold_voided", "lost", 1500)]


def test_a_camera_that_nobody_registered_is_flagged():
    recording = shoot().cut("Z", 1000, "stranger").cut("A", 1500).cut("Z", 2000).ended(3000)
    assert [segment.flags for segment in fold(recording.entries).segments] == [("unregistered",), (), ("unregistered",)]
    assert audited(recording) == [("unregistered", "stranger", 1000)]


def test_a_marker_too_may_name_a_camera_that_nobody_registered():
    recording = shoot().cut("A", 1000).decided("hero_pose_marker", 1500, "Z", "pose").ended(3000)
    assert audited(recording) == [("unregistered", "pose", 1500)]


def test_a_camera_that_is_registered_after_its_first_cut_is_registered():
    recording = shoot(cameras="A").cut("B", 1000).camera("B", 1500, weight=7).cut("A", 2000).ended(3000)
    assert audited(recording) == []
    assert segment_at(recording, 1000).context.priorities == {"A": 1, "B": 7}


def test_a_camera_is_as_it_was_first_stated_before_anything_happened_to_it():
    recording = shoot(cameras="A").cut("B", 1000, "dead").camera("B", 1500, active=False).ended(3000)
    assert audited(recording) == [("source_inactive", "dead", 1000)]


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


def test_a_cut_in_the_millisecond_of_the_end_is_superseded_by_it():
    recording = shoot().cut("A", 1000).cut("B", 2000, "last").ended(2000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000)]
    assert audited(recording) == [("superseded", "last", 2000)]


def test_events_after_the_end_are_listed_and_change_nothing():
    recording = shoot().cut("A", 1000).ended(2000).cut("B", 2500, "cut").music(2600, "music", tempo=90)
    recording.camera_lost("A", 2700, "camera").hold(2800, called="hold").rolling(2900, "session").still("A", 3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000)]
    assert holds_of(recording) == []
    assert audited(recording) == [
        ("after_end", "cut", 2500),
        ("after_end", "music", 2600),
        ("after_end", "camera", 2700),
        ("after_end", "hold", 2800),
        ("after_end", "session", 2900),
    ]


def test_in_the_ends_own_millisecond_the_sequence_decides_what_is_after_it():
    recording = shoot().cut("A", 1000).ended(2000).cut("B", 2000, "cut").updated(notes="a good take")
    assert audited(recording) == [("after_end", "cut", 2000)]


def test_a_late_fact_recorded_after_the_end_still_counts_where_it_took_place():
    recording = shoot().cut("A", 1000).ended(3000).cut("B", 2000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]


def test_an_end_before_everything_leaves_an_empty_program():
    recording = Recording().started(1000, status="rolling").camera("A").cut("A", 2000, "cut").ended(500)
    assert fold(recording.entries).segments == ()
    assert ("after_end", "cut", 2000) in audited(recording)


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


# 9. Context.


def test_a_segment_keeps_what_was_in_force_at_its_start():
    recording = (
        Recording().started(0, director_mode="motion").camera("A", weight=1).camera("B", weight=0.5).rolling(1000)
    )
    recording.music(1100, section="intro", tempo=96).cut("A", 1200, score=0.9)
    recording.decided("mode_change", 1300, metadata={"mode": "pose"}).music(1400, section="build").music(
        1500, tempo=120.5
    )
    recording.decided("camera_priority_change", 1600, "B", metadata={"priorityWeight": 2}).cut("B", 1700).ended(3000)
    first, second = (segment.context for segment in fold(recording.entries).segments[1:])
    assert first.model_dump() == {
        "mode": "motion",
        "priorities": {"A": 1, "B": 0.5},
        "section": "intro",
        "tempo": 96,
        "score": 0.9,
    }
    assert second.model_dump() == {"mode": "pose", "priorities": {"A": 1, "B": 2}, "section": "build", "tempo": 120.5}


def test_context_events_are_no_edits():
    recording = shoot().cut("A", 1000).decided("mode_change", 1500, "B", reason="pose").music(1600, section="drop")
    recording.decided("camera_priority_change", 1700, "B", score=9.0).ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 3000)]


@pytest.mark.parametrize(
    ("facts", "mode"),
    [
        ({"metadata": {"mode": "pose", "directorMode": "reset"}, "reason": "manual"}, "pose"),
        ({"metadata": {"directorMode": "reset"}, "reason": "manual"}, "reset"),
        ({"metadata": {"mode": 7}, "reason": "manual"}, "manual"),
        ({"reason": "manual"}, "manual"),
        ({"metadata": ["mode"]}, "motion"),
    ],
    ids=str,
)
def test_a_mode_change_says_the_mode_in_its_metadata_or_as_its_reason(facts: dict[str, Any], mode: str):
    recording = Recording().started(0, director_mode="motion").camera("A").rolling(1000)
    recording.decided("mode_change", 1500, **facts).cut("A", 2000).ended(3000)
    assert segment_at(recording, 2000).context.mode == mode


@pytest.mark.parametrize(
    ("facts", "weight"),
    [
        ({"metadata": {"priorityWeight": 2, "priority": 3}, "score": 4.0}, 2),
        ({"metadata": {"priority": 3}, "score": 4.0}, 3),
        ({"metadata": {"priorityWeight": True}, "score": 4.0}, 4.0),
        ({"metadata": {"priorityWeight": "high"}}, 1),
    ],
    ids=str,
)
def test_a_priority_change_says_the_weight_in_its_metadata_or_as_its_score(facts: dict[str, Any], weight: float):
    recording = shoot().decided("camera_priority_change", 1500, "B", **facts).cut("A", 2000).ended(3000)
    assert segment_at(recording, 2000).context.priorities == {"A": 1, "B": weight, "C": 1}


@pytest.mark.parametrize(
    ("facts", "tempo"),
    [
        ({"metadata": {"tempo": 90, "bpm": 91}, "score": 92.0}, 90),
        ({"metadata": {"bpm": 91}, "score": 92.0}, 91),
        ({"score": 92.0}, 92.0),
        ({"metadata": {"tempo": None}}, 120),
    ],
    ids=str,
)
def test_a_tempo_update_says_the_tempo_in_its_metadata_or_as_its_score(facts: dict[str, Any], tempo: float):
    recording = shoot().music(1100, tempo=120).decided("tempo_update", 1500, **facts).cut("A", 2000).ended(3000)
    assert segment_at(recording, 2000).context.tempo == tempo


def test_a_phrase_may_name_its_section():
    recording = shoot().decided("music_phrase_start", 1500, metadata={"section": "drop"}).cut("A", 2000).ended(3000)
    assert segment_at(recording, 2000).context.section == "drop"


def test_sessions_and_cameras_change_the_context_at_their_own_time():
    recording = shoot().cut("A", 1000).updated(1500, director_mode="pose").camera_changed("B", 1600, priority_weight=5)
    recording.cut("B", 2000).updated(2100, unset=("directorMode",)).cut("C", 2200).ended(3000)
    assert segment_at(recording, 1000).context.mode is None
    assert segment_at(recording, 2000).context.mode == "pose"
    assert segment_at(recording, 2000).context.priorities["B"] == 5
    assert segment_at(recording, 2200).context.mode is None


@pytest.mark.parametrize(
    "metadata", [7, "x", [], {"transition": 7}, {"holdId": {}}, {"mode": []}, {"priorityWeight": []}], ids=str
)
@pytest.mark.parametrize(
    "event_type", ["cut", "hold", "release", "mode_change", "camera_priority_change", "tempo_update"]
)
def test_metadata_that_makes_no_sense_never_breaks_a_replay(event_type: str, metadata: Any):
    recording = shoot().cut("A", 1000).decided(event_type, 1500, "A", metadata=metadata).cut("B", 2000).ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]


def test_what_a_replay_could_not_read_is_audited():
    recording = Recording().started(0, metadata={"initialCamera": 7}).camera("A").rolling(1000).cut("A", 1000)
    recording.decided("mode_change", 1500, called="mode").decided("camera_priority_change", 1600, called="priority")
    recording.cut("B", 2000, "cut", metadata={"transition": {"type": "dissolve"}}).ended(3000)
    assert audited(recording, "unreadable") == [
        ("unreadable", None, 1000),
        ("unreadable", "mode", 1500),
        ("unreadable", "priority", 1600),
        ("unreadable", "cut", 2000),
    ]


# 10. Dissolves.


def test_a_dissolve_starts_at_its_time_and_belongs_to_the_incoming_camera():
    dissolve = {"type": "dissolve", "durationMs": 400}
    recording = shoot().cut("A", 1000).cut("B", 2000, metadata={"transition": dissolve}).ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]
    assert [segment.transition for segment in fold(recording.entries).segments] == [
        None,
        Transition(type="dissolve", duration_ms=400),
    ]


# 11. Corrections.


def test_a_corrected_cut_counts_as_its_correction_says():
    recording = (
        shoot().cut("A", 1000).cut("B", 2000, "cut", reason="wide").corrected("cut", camera_id="C", timestamp_ms=2200)
    )
    recording.ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2200), ("C", 2200, 3000)]
    assert (segment_at(recording, 2500).reason, segment_at(recording, 2500).cause_event_id) == (
        "wide",
        recording.id_of("cut"),
    )
    assert audited(recording) == [("corrected", "cut", 2200)]


def test_a_corrected_event_keeps_the_originals_place_among_equals():
    recording = shoot().cut("A", 1000).cut("B", 1500, "moved").cut("C", 2000).corrected("moved", timestamp_ms=2000)
    assert on_air(fold(recording.ended(3000).entries)) == [("A", 1000, 2000), ("C", 2000, 3000)]
    assert audited(recording, "superseded") == [("superseded", "moved", 2000)]


def test_the_latest_correction_wins():
    recording = (
        shoot().cut("A", 1000).cut("B", 2000, "cut").corrected("cut", camera_id="C").corrected("cut", camera_id="A")
    )
    recording.corrected("cut", camera_id="C")
    assert on_air(fold(recording.ended(3000).entries)) == [("A", 1000, 2000), ("C", 2000, 3000)]


def test_a_voided_event_changes_nothing_and_is_audited():
    recording = shoot().cut("A", 1000).cut("B", 9000, "slip").decided("bar_fire", 2000).voided("slip")
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000)]
    assert audited(recording, "voided", "late") == [("voided", "slip", 9000)]


def test_a_voided_event_may_come_back():
    recording = (
        shoot().cut("A", 1000).cut("B", 2000, "cut").voided("cut").corrected("cut", reason="it was real after all")
    )
    assert on_air(fold(recording.ended(3000).entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]


def test_an_event_may_be_corrected_into_a_cut_or_out_of_one():
    recording = shoot().cut("A", 1000).decided("bar_fire", 2000, called="in").cut("C", 2500, "out")
    recording.corrected("in", event_type="cut", camera_id="B").corrected("out", event_type="bar_fire").ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]


# What holds of every program.

times = st.integers(900, 1100)
cameras = st.sampled_from([*"ABCZ", None])
director_events = st.tuples(
    st.sampled_from(["cut"] * 4 + ["hold", "release", "mode_change", "bar_fire", "tempo_update"]), times, cameras
)
changes = st.tuples(
    st.sampled_from(["paused", "rolling", "ended", "reopened", "lost", "found", "music", "still"]), st.none() | times
)


def recorded(happenings: list[tuple[Any, ...]]) -> Recording:
    """Any history at all, also one that no caller could bring about: a replay has to stand it."""
    recording = shoot()
    for what, at, *camera in happenings:
        match what:
            case "paused" | "rolling" | "ended":
                getattr(recording, what)(at)
            case "reopened":
                recording.reopened()
            case "lost" | "found":
                recording.camera_changed("A", at, is_active=what == "found")
            case "music":
                recording.music(at or 1000, section="drop")
            case "still":
                recording.still("A", at or 1000)
            case _:
                recording.decided(what, at, camera[0])
    return recording


@given(st.lists(director_events | changes, max_size=40))
def test_segments_tile_the_program_and_every_cut_is_in_it_or_audited(happenings: list[tuple[Any, ...]]):
    recording = recorded(happenings)
    cut_log = fold(recording.entries)
    boundaries = [(segment.in_ms, segment.out_ms) for segment in cut_log.segments]
    assert all(before[1] == after[0] for before, after in pairwise(boundaries))
    empty = [segment for segment in cut_log.segments if segment.in_ms >= segment.out_ms]
    assert empty in ([], [*cut_log.segments[-1:]])
    assert not empty or cut_log.provisional
    accounted = {segment.cause_event_id for segment in cut_log.segments} | {entry.event_id for entry in cut_log.audit}
    cuts = [entry.sequence for entry in recording.entries if getattr(entry.event, "event_type", None) == "cut"]
    assert {f"{SESSION}-e{sequence}" for sequence in cuts} <= accounted


@given(st.lists(director_events | changes, max_size=40))
def test_holds_end_and_none_before_it_began(happenings: list[tuple[Any, ...]]):
    recording = recorded(happenings)
    holds = fold(recording.entries).holds
    assert all(hold.in_ms <= hold.out_ms for hold in holds)


@given(st.lists(director_events, max_size=20, unique_by=lambda happening: happening[1]), st.randoms())
def test_the_program_does_not_depend_on_the_order_in_which_facts_arrive(happenings: list[tuple[Any, ...]], random: Any):
    shuffled = list(happenings)
    random.shuffle(shuffled)
    assert as_it_looks(recorded(shuffled).ended(1100)) == as_it_looks(recorded(happenings).ended(1100))


def as_it_looks(recording: Recording) -> list[Any]:
    return [
        (segment.camera_id, segment.in_ms, segment.out_ms, segment.reason, segment.context)
        for segment in fold(recording.entries).segments
    ] + holds_of(recording)


@given(st.lists(director_events | changes, max_size=30))
def test_a_cut_log_reads_back_as_it_was_written(happenings: list[tuple[Any, ...]]):
    cut_log = fold(recorded(happenings).entries)
    assert CutLog.model_validate_json(cut_log.to_json()) == cut_log


def test_a_cut_log_is_written_as_the_contract_says():
    recording = shoot().cut("A", 2000).hold(2100, "A", "h").release(2200).ended(3000)
    assert fold(recording.entries).to_json() == (
        f'{{"sessionId":"{SESSION}","sequence":9,"provisional":false,"segments":['
        '{"cameraId":null,"inMs":1000,"outMs":2000,"reason":"no_camera",'
        '"context":{"mode":null,"priorities":{"A":1,"B":1,"C":1},"section":null,"tempo":null},"flags":[]},'
        f'{{"cameraId":"A","inMs":2000,"outMs":3000,"reason":"cut","causeEventId":"{SESSION}-e6",'
        '"context":{"mode":null,"priorities":{"A":1,"B":1,"C":1},"section":null,"tempo":null},"flags":[]}],'
        '"holds":[{"holdId":"h","cameraId":"A","inMs":2100,"outMs":2200,"status":"released","heldBy":"multicam"}],'
        '"audit":[]}'
    )
