"""When things happen, and in which order."""

from ledger.domain.cutlog import CutLog
from ledger.domain.program import fold
from tests.domain.program.shoots import audited, on_air, segment_at, shoot
from tests.recordings import SESSION, Recording

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


def test_the_audit_list_is_in_the_order_of_program_time():
    recording = (
        shoot()
        .cut("A", 1000)
        .cut("A", 1500, "again")
        .decided("bar_fire", 3000)
        .decided("bar_fire", 2000, called="late")
    )
    assert audited(recording.ended(4000)) == [("same_camera", "again", 1500), ("late", "late", 2000)]
