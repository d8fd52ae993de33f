from ledger.domain.cutlog import AuditEntry
from ledger.domain.entries import History
from ledger.domain.program.audit import Audit, named_in
from ledger.domain.program.explain import explain
from ledger.domain.program.replay import fold
from tests.domain.program.shoots import shoot
from tests.recordings import SESSION


def _audit() -> Audit:
    return Audit(lambda sequence: f"s1-e{sequence}")


def test_the_list_is_in_the_order_of_program_time_then_of_the_history():
    audit = _audit()
    audit.add("late", 20, 3, "c")
    audit.add("shadow", 10, 9, "b")
    audit.add("shadow", 10, 2, "a")
    assert [entry.note for entry in audit.entries()] == ["a", "b", "c"]


def test_what_is_odd_about_one_fact_stays_in_the_order_in_which_it_was_noticed():
    audit = _audit()
    audit.add("source_lost", 10, 2, "first")
    audit.add("hold_voided", 10, 2, "then")
    assert [entry.kind for entry in audit.entries()] == ["source_lost", "hold_voided"]


def test_what_is_the_sessions_own_has_no_id():
    audit = _audit()
    audit.add("late", 1, 7, "x")
    audit.add("unreadable", 2, 8, "y", is_named=False)
    assert audit.entries() == (
        AuditEntry(event_id="s1-e7", timestamp_ms=1, kind="late", note="x"),
        AuditEntry(event_id=None, timestamp_ms=2, kind="unreadable", note="y"),
    )


def test_a_fact_is_named_by_the_thing_that_it_is_about():
    recording = shoot(cameras="AB").cut("A", 1000, "cut").music(1100, "music").still("A", 1200, "still")
    recording.camera("B", 1300).camera_lost("A", 1400).camera_lost("Z", 1500).paused(1600).corrected(
        "cut", camera_id="B"
    )
    name_of = named_in(History.of(recording.entries))
    assert [name_of(entry.sequence) for entry in recording.entries] == [
        None,
        f"{SESSION}-c2",
        f"{SESSION}-c3",
        None,
        recording.id_of("cut"),
        recording.id_of("music", "music"),
        recording.id_of("still", "still"),
        f"{SESSION}-c3",
        f"{SESSION}-c2",
        None,
        None,
        None,
    ]


def test_whatever_is_listed_as_a_directors_event_can_be_explained():
    recording = shoot().cut("A", 1000).hold(1100).camera_lost("A", 1200).cut("Z", 1300).paused(1400).cut("B", 1500)
    recording.ended(1600).rolling(1700)
    listed = [odd.event_id for odd in fold(recording.entries).audit]
    assert f"{SESSION}-c2" in listed
    assert None in listed
    for event_id in listed:
        if event_id is not None and event_id.startswith(f"{SESSION}-e"):
            assert explain(recording.entries, event_id).event.id == event_id


def test_an_audit_says_in_words_what_was_odd():
    recording = shoot().release(1000).release(1001, "A").release(1002, hold_id="look").hold(1003, None, "wide")
    recording.cut("Z", 1004).cut("Z", 1005)
    notes = [entry.note for entry in fold(recording.entries).audit]
    assert [note for note in notes if "is open" in note] == [
        "no hold at all is open",
        "no hold A is open",
        "no hold look is open",
    ]
    assert "nobody registered Z" in notes
    assert "the session has not ended: this cut log is provisional" in notes
    assert any(note.startswith("hold wide on no camera, from 1003,") for note in notes)


def test_an_audit_names_the_cameras_that_cuts_were_to():
    recording = shoot(initialCamera="A").cut("B", 900).cut("A", 1100).cut("B", 1200).cut(None, 1200).paused(1300)
    recording.cut("C", 1400).ended(2000).cut("A", 2005)
    notes = {entry.kind: entry.note for entry in fold(recording.entries).audit}
    assert notes["before_start"] == "a cut to B before the program begins"
    assert notes["same_camera"] == "A is already on air"
    assert notes["superseded"] == "a later cut, to no camera, in the same millisecond"
    assert notes["no_camera"] == "a cut that names no camera leaves a gap"
    assert notes["shadow"] == "a cut to C while paused"
    assert notes["after_end"] == "5 ms after the end of the program; it changes nothing"
