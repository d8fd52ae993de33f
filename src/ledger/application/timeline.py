"""The timeline: the operator's view of a session, which later tools also read."""

from typing import Final

from ledger.application.functions import Query, Reading
from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen, Name, TimestampMs
from ledger.projections import timeline


class GetTimeline(Frozen):
    session_id: Name
    window_start_ms: TimestampMs | None = None
    window_end_ms: TimestampMs | None = None


def _get(asked: GetTimeline, reading: Reading) -> str:
    start, end = asked.window_start_ms, asked.window_end_ms
    if start is not None and end is not None and start > end:
        raise Invalid("windowEndMs", "must not be before windowStartMs")
    reading.require_session(asked.session_id)
    if start is None and end is None:
        shown = timeline.newest(reading.views, asked.session_id)
    else:
        shown = timeline.window(reading.views, asked.session_id, start, end)
    return shown.to_json()


FUNCTIONS: Final = (
    Query(
        "production:getProductionTimeline",
        "/production/session/timeline",
        GetTimeline,
        _get,
        lambda asked: asked.session_id,
        "Session, cameras, director events, stills and music moments in one coherent snapshot.",
        "Timeline",
        scope="read",
        views=frozenset({"sessions", "cameras", "director_events", "stills", "music_moments"}),
    ),
)
