"""What changed between two points of a session's history: its cut log then and later, side by side."""

from typing import Final

from ledger.application.as_of import AtSequence, resolved
from ledger.application.functions import LOG, Query, Reading
from ledger.domain.program import compare, fold
from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen, Name, TimestampMs
from ledger.log import garbage
from ledger.log.program import read_program


class CompareCutLogs(Frozen):
    session_id: Name
    from_sequence: AtSequence | None = None
    from_ms: TimestampMs | None = None
    """Recorded time, instead of a sequence."""
    to_sequence: AtSequence | None = None
    to_ms: TimestampMs | None = None
    """Without either, the head of the session."""


def _compare(asked: CompareCutLogs, reading: Reading) -> str:
    if asked.from_sequence is None and asked.from_ms is None:
        raise Invalid("fromSequence", "is required, or fromMs")
    with reading.log.snapshot() as connection, garbage.paused():
        session_id = asked.session_id
        start = resolved(
            reading, connection, session_id, ("fromSequence", asked.from_sequence), ("fromMs", asked.from_ms)
        )
        end = resolved(reading, connection, session_id, ("toSequence", asked.to_sequence), ("toMs", asked.to_ms))
        if end < start:
            raise Invalid("toMs" if asked.to_sequence is None else "toSequence", "must not be before where it begins")
        history = read_program(connection, session_id, end)
        before, after = fold(history[:start], session_id), fold(history, session_id)
        return compare(before, after, history[start:]).to_json()


FUNCTIONS: Final = (
    Query(
        "production:compareCutLogs",
        "/production/session/cut-log/compare",
        CompareCutLogs,
        _compare,
        lambda asked: asked.session_id,
        "What is different between a session's cut logs at two points of its history, and the entries that lie between.",
        "CutLogComparison",
        scope="read",
        views=LOG,
    ),
)
