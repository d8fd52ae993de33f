"""What was said wrongly, and put right."""

from ledger.domain.program import fold
from tests.domain.program.shoots import audited, on_air, segment_at, shoot


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
