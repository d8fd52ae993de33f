"""Why a decision was made: one director event in its context."""

from typing import Final

from ledger.application.functions import LOG, Query, Reading
from ledger.domain.program import explain
from ledger.domain.values import Frozen, Name
from ledger.log import garbage


class ExplainCut(Frozen):
    session_id: Name
    event_id: Name


def _explain(asked: ExplainCut, reading: Reading) -> str:
    with reading.log.snapshot() as connection, garbage.paused():
        history = reading.history_of(connection, asked.session_id)
        return explain(history, asked.event_id).to_json()


FUNCTIONS: Final = (
    Query(
        "production:explainCut",
        "/production/session/explain",
        ExplainCut,
        _explain,
        lambda asked: asked.session_id,
        "A director event in its context: what was in force, on air and held, who recorded it when, and what it came to.",
        "Explanation",
        scope="read",
        views=LOG,
    ),
)
