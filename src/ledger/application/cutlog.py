"""The cut log: a session replayed from the log, up to the point in its history that the caller names."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from ledger.application.as_of import AsOf, sequence_of
from ledger.application.functions import LOG, Query, Reading
from ledger.domain.cutlog import CutLog
from ledger.domain.program import fold, with_frames
from ledger.domain.refusals import Invalid
from ledger.domain.timecode import parse_rate
from ledger.domain.values import Name
from ledger.log import garbage
from ledger.log.program import read_replay


def _as_text(value: Any) -> Any:
    """A rate may come as the number that it is: 25, 23.976."""
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else value


class GetCutLog(AsOf):
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


def fold_at(reading: Reading, asked: AsOf) -> CutLog:
    """The cut log of the history up to the point asked for. Raises SessionNotFound, or Invalid for a point that is none."""
    with reading.log.snapshot() as connection, garbage.paused():
        entries = read_replay(connection, asked.session_id, sequence_of(reading, connection, asked))
        return fold(entries, asked.session_id)


FUNCTIONS: Final = (
    Query(
        "production:getCutLog",
        "/production/session/cut-log",
        GetCutLog,
        _get,
        lambda asked: asked.session_id,
        "The program as it was on air, rebuilt from the session's facts; with a rate also in frames and timecode.",
        "CutLog",
        scope="read",
        views=LOG,
    ),
)
