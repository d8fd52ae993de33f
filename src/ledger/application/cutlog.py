"""The cut log: a session replayed from the log, up to the point in its history that the caller names."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from ledger.application.functions import Query, Reading
from ledger.domain.cutlog import CutLog
from ledger.domain.program import fold, with_frames
from ledger.domain.refusals import Invalid, SessionNotFound
from ledger.domain.timecode import parse_rate
from ledger.domain.values import Frozen, Name, TimestampMs, Whole
from ledger.log import garbage
from ledger.log.reading import head_of, read_program, sequence_at


def _as_text(value: Any) -> Any:
    """A rate may come as the number that it is: 25, 23.976."""
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else value


class GetCutLog(Frozen):
    session_id: Name
    at_sequence: Annotated[Whole, Field(ge=1)] | None = None
    at_ms: TimestampMs | None = None
    """Recorded time: the cut log as it could be known then."""
    rate: Annotated[Name, BeforeValidator(_as_text)] | None = None
    start_timecode: Name | None = None


def _get(asked: GetCutLog, reading: Reading) -> str:
    if asked.start_timecode is not None and asked.rate is None:
        raise Invalid("startTimecode", "needs a rate")
    rate = parse_rate(asked.rate) if asked.rate is not None else None
    cut_log = fold_at(reading, asked)
    if rate is not None:
        cut_log = with_frames(cut_log, rate, asked.start_timecode)
    return cut_log.__pydantic_serializer__.to_json(cut_log, by_alias=True).decode()


def fold_at(reading: Reading, asked: GetCutLog) -> CutLog:
    """The cut log of the history up to the point asked for. Raises SessionNotFound, or Invalid for a point that is none."""
    with reading.log.snapshot() as connection:
        head = head_of(connection, asked.session_id).sequence
        if not head:
            raise SessionNotFound(asked.session_id)
        up_to = head
        if asked.at_sequence is not None:
            if asked.at_ms is not None:
                raise Invalid("atMs", "give either atSequence or atMs")
            if asked.at_sequence > head:
                raise Invalid("atSequence", f"the session's history has come to {head}")
            up_to = asked.at_sequence
        elif asked.at_ms is not None:
            up_to = sequence_at(connection, asked.session_id, asked.at_ms)
            if not up_to:
                raise Invalid("atMs", "is before the session's first entry was recorded")
        with garbage.paused():
            return fold(read_program(connection, asked.session_id, up_to), asked.session_id)


FUNCTIONS: Final = (
    Query(
        "production:getCutLog",
        "/production/session/cut-log",
        GetCutLog,
        _get,
        lambda asked: asked.session_id,
        "The program as it was on air, rebuilt from the session's facts; with a rate also in frames and timecode.",
        "CutLog",
    ),
)
