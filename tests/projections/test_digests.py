"""Of a great many, those are found that are not shown as they were recorded, and no others."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert

from ledger.domain.documents import recorded_document
from ledger.log.database import open_scratch
from ledger.projections import digests
from ledger.projections.digests import DECISIONS, MOMENTS, Digests, Many
from ledger.projections.projection import METADATA
from tests.recordings import Recording

SESSION = 7


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setattr(digests, "_ROWS_A_PART", 2)
    engine = open_scratch()
    with engine.connect() as connection:
        METADATA.create_all(connection)
        yield connection
    engine.dispose()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(played=st.sets(st.integers(1, 9)), shown=st.dictionaries(st.integers(1, 9), st.booleans()))
def test_what_is_missing_what_is_too_much_and_what_differs_is_suspected(
    rows: Connection, played: set[int], shown: dict[int, bool]
):
    recording = Recording()
    for at in range(1, 10):
        recording.music(at, section="drop")
    expected = Digests()
    for entry, digest in MOMENTS.digests_of([it for it in recording.entries if it.sequence in played]):
        expected.add(entry.sequence, digest)
    rows.execute(delete(MOMENTS.table))
    for sequence, is_right in shown.items():
        document = recorded_document(recording.entries[sequence - 1], "music")
        row = {"session": SESSION, "sequence": sequence, "timestamp_ms": sequence, "document": document}
        rows.execute(insert(MOMENTS.table).values(row | {"section": "drop" if is_right else "build"}))
    right = {sequence for sequence, is_right in shown.items() if is_right}
    assert list(MOMENTS.suspects(rows, SESSION, expected)) == sorted((played | set(shown)) - (played & right))
    assert set(MOMENTS.suspects(rows, SESSION + 1, expected)) == played


@pytest.mark.parametrize(
    "changed", [{"document": "{}"}, {"camera_id": "B"}, {"timestamp_ms": 2.5}, {"event_type": "x"}]
)
def test_a_column_counts_as_the_document_does(rows: Connection, changed: dict[str, Any]):
    recording = Recording().cut("A", 2)
    ((entry, digest),) = DECISIONS.digests_of(recording.entries)
    expected = Digests()
    expected.add(entry.sequence, digest)
    row = {
        "session": SESSION,
        "sequence": 1,
        "timestamp_ms": 2.0,
        "event_type": "cut",
        "camera_id": "A",
        "voided": False,
        "document": recorded_document(entry, "event"),
    }
    for values, suspects in ((row, []), (row | changed, [1])):
        rows.execute(delete(DECISIONS.table))
        rows.execute(insert(DECISIONS.table).values(values))
        assert list(DECISIONS.suspects(rows, SESSION, expected)) == suspects


@pytest.mark.parametrize("many", [DECISIONS, MOMENTS], ids=lambda many: many.table.name)
def test_what_others_show_is_passed_over(many: Many):
    other = Recording().started(1).still("A", 2)
    assert list(many.digests_of(other.entries)) == []
