"""As of a point in a session's history: which point a caller means, and what the session was then."""

from typing import Annotated, Final

from pydantic import Field
from sqlalchemy import Connection

from ledger.application.functions import LOG, Query, Reading
from ledger.domain.as_of import as_of
from ledger.domain.refusals import Invalid, SessionNotFound
from ledger.domain.values import Frozen, Name, TimestampMs, Whole
from ledger.log import garbage
from ledger.log.program import read_program
from ledger.log.reading import sequence_at
from ledger.projections.projection import ANSWER_LENGTH_DEFAULT

AtSequence = Annotated[Whole, Field(ge=1)]


class AsOf(Frozen):
    """Arguments that may name a point in a session's history; without one, its head is meant."""

    session_id: Name
    at_sequence: AtSequence | None = None
    at_ms: TimestampMs | None = None
    """Recorded time: the session as it could be known then."""


def sequence_of(reading: Reading, connection: Connection, asked: AsOf) -> int:
    """The last sequence up to the point that is asked for. Raises SessionNotFound, or Invalid for a point that is none."""
    return resolved(reading, connection, asked.session_id, ("atSequence", asked.at_sequence), ("atMs", asked.at_ms))


def resolved(
    reading: Reading,
    connection: Connection,
    session_id: str,
    sequence: tuple[str, int | None],
    time: tuple[str, float | None],
) -> int:
    """The last sequence up to a point that is named by one of two arguments, or the head where neither is given.

    Each comes with its own name, for the errors. Raises as ``sequence_of`` does.
    """
    head = reading.head_of(connection, session_id)
    if not head:
        raise SessionNotFound(session_id)
    (sequence_name, at_sequence), (time_name, at_ms) = sequence, time
    if at_sequence is not None:
        if at_ms is not None:
            raise Invalid(time_name, f"give either {sequence_name} or {time_name}")
        if at_sequence > head:
            raise Invalid(sequence_name, f"the session's history has come to {head}")
        return at_sequence
    if at_ms is None:
        return head
    up_to = sequence_at(connection, session_id, at_ms)
    if not up_to:
        raise Invalid(time_name, "is before the session's first entry was recorded")
    return up_to


def _get(asked: AsOf, reading: Reading) -> str:
    with reading.log.snapshot() as connection, garbage.paused():
        entries = read_program(connection, asked.session_id, sequence_of(reading, connection, asked))
        return as_of(entries).timeline(ANSWER_LENGTH_DEFAULT).to_json()


FUNCTIONS: Final = (
    Query(
        "production:getSessionAsOf",
        "/production/session/as-of",
        AsOf,
        _get,
        lambda asked: asked.session_id,
        "The timeline as it stood at a point of the session's history, folded from the facts up to there.",
        "Timeline",
        scope="read",
        views=LOG,
    ),
)
