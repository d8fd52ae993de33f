from ledger.domain.cutlog import AuditEntry
from ledger.domain.program.audit import Audit


def test_the_list_is_in_the_order_of_program_time_then_of_the_history():
    audit = Audit("s1")
    audit.add("late", 20, 3, "c")
    audit.add("shadow", 10, 9, "b")
    audit.add("shadow", 10, 2, "a")
    assert [entry.note for entry in audit.entries()] == ["a", "b", "c"]


def test_what_is_odd_about_one_fact_stays_in_the_order_in_which_it_was_noticed():
    audit = Audit("s1")
    audit.add("source_lost", 10, 2, "first")
    audit.add("hold_voided", 10, 2, "then")
    assert [entry.kind for entry in audit.entries()] == ["source_lost", "hold_voided"]


def test_an_entry_names_the_thing_by_the_id_that_callers_know():
    audit = Audit("s1")
    audit.add("late", 1, 7, "x")
    audit.add("source_lost", 2, 8, "y", "camera")
    audit.add("open_end", 3, 9, "z", None)
    assert audit.entries()[:2] == (
        AuditEntry(event_id="s1-e7", timestamp_ms=1, kind="late", note="x"),
        AuditEntry(event_id="s1-c8", timestamp_ms=2, kind="source_lost", note="y"),
    )
    assert audit.entries()[2].event_id is None
