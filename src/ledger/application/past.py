"""The past: what a question would have been answered when the ledger had come to an earlier position."""

from collections.abc import Sequence
from typing import Final

from ledger.application.functions import Query, Reading
from ledger.application.ledger import Answer, Ledger, Place
from ledger.application.live.tags import tags_between
from ledger.application.parked import parked_in
from ledger.domain.refusals import Refusal
from ledger.domain.values import Frozen
from ledger.log.positions import Position
from ledger.log.program import read_program
from ledger.log.reading import sequence_by
from ledger.projections.past import views_of
from ledger.projections.views import PROJECTIONS, Snapshot

ENTRIES_LOOKED_AT_MAX: Final = 5_000
"""Where more have come in since, it is not looked whether they concern a question."""


class TimestampPassed(Refusal):
    """What the question is about has changed since, and is not one session's, whose past can be made anew."""

    code = "conflict"

    def __init__(self) -> None:
        super().__init__(
            "ts: what this is answered from has changed since; ask for another at /api/query_ts,"
            " or about one session, which is answered as of any time",
            field="ts",
        )


def places_of(ledger: Ledger, function: Query, asked: Frozen, heads: Sequence[int]) -> list[Place]:
    """What of these positions the views must show before the question is answered."""
    if function.is_from_log:
        return []
    if function.session is None:
        return list(enumerate(heads))
    shard = ledger.log.shard_of(function.session(asked))
    return [(shard, heads[shard])]


def answer_at(ledger: Ledger, function: Query, asked: Frozen, heads: Sequence[int]) -> Answer:
    """The answer as of a position in each shard, which the views must have reached. Raises TimestampPassed, or as the function."""
    position = Position(ledger.log.epoch, tuple(enumerate(heads)))
    is_of_one = function.session is not None and "trees" not in function.views
    with ledger.views.snapshot() as snapshot:
        if (is_of_one and function.is_from_log) or not _has_changed(ledger, function, asked, heads, snapshot):
            reading = Reading(snapshot.connection, ledger.log, position, is_past=True)
            text = function.answer(asked, reading)
            return Answer(text, position, parked=parked_in(text, function, asked, snapshot.parked))
    if not is_of_one or function.session is None:
        raise TimestampPassed
    partition = function.session(asked)
    with ledger.log.snapshot() as log:
        up_to = sequence_by(log, partition, heads[ledger.log.shard_of(partition)])
        entries = read_program(log, partition, up_to)
    with views_of(entries, ledger.log, PROJECTIONS) as connection:
        return Answer(function.answer(asked, Reading(connection, ledger.log, position, is_past=True)), position)


def _has_changed(ledger: Ledger, function: Query, asked: Frozen, heads: Sequence[int], snapshot: Snapshot) -> bool:
    """Whether anything that has come in since may have changed the answer."""
    came = {shard: shown - heads[shard] for shard, shown in snapshot.position.shards if shown > heads[shard]}
    if sum(came.values()) > ENTRIES_LOOKED_AT_MAX:
        return True
    tags = tags_between(ledger.log, dict(enumerate(heads)), came)
    return tags is None or bool(function.tags(asked) & tags)
