"""Builds of the ledger with one part broken: what the tests of a promise must be able to tell from ours.

``CARELESS=unsynced python -m tests.careless DIRECTORY`` serves with such a build.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from time import sleep
from typing import Annotated, Any, Final

from pydantic import StringConstraints

from ledger import bootstrap
from ledger.application.functions import Mutation
from ledger.application.leases import EXPIRE
from ledger.application.ledger import Ledger
from ledger.client import requests, store
from ledger.client.answers import NoAnswer, Taken
from ledger.client.sender import Sender
from ledger.domain.director import DirectorEventCorrected
from ledger.domain.jobs import Job
from ledger.domain.stills import StillChanged, StillRecorded
from ledger.log import codec, eventlog, restore, writer
from ledger.log.append import Append, insert_added
from ledger.log.database import open_sqlite
from ledger.log.epochs import read_epochs
from ledger.log.group import Group
from ledger.log.known import Known
from ledger.log.requests import Outcome
from ledger.log.waiting import Asked
from ledger.log.writer import Writer
from ledger.projections.projection import Batch
from ledger.projections.stills import StillsProjection
from ledger.projections.tracking import ViewTracking
from ledger.workers.runner import JobRunner
from tests.serving import run

Deliver = Callable[[Outcome], None]
Part = tuple[object, str, Any]
"""Whose part it is, its name, and what stands in for it."""


def _begin_anew(connection: Any) -> None:
    driver = connection.connection.driver_connection
    driver.commit()
    driver.execute("BEGIN IMMEDIATE")


def _unsynced() -> Part:
    """The log's disk is trusted to get round to it."""
    return bootstrap, "open_sqlite", lambda path, **options: open_sqlite(path, **(options | {"durability": "OFF"}))


def _acknowledged_early() -> Part:
    """A request is answered as soon as it is decided, before the commit."""

    carry_out = Writer._carry_out

    def once(deliver: Deliver) -> Deliver:
        left = [deliver]
        return lambda outcome: left.pop()(outcome) if left else None

    def carry_out_and_answer(self: Writer, asked: Asked) -> None:
        class Early(Group):
            def decide(self, connection: Any) -> None:
                super().decide(connection)
                tell(self.outcomes)

        tell = self._deliver
        told_once = [[request._replace(deliver=once(request.deliver)) for request in some] for some in asked.values()]
        vars(writer)["Group"] = Early
        try:
            carry_out(self, dict(zip(asked, told_once, strict=True)))
        finally:
            vars(writer)["Group"] = Group

    return Writer, "_carry_out", carry_out_and_answer


def _batch_in_parts() -> Part:
    """Every event is committed by itself."""

    def insert_one_by_one(connection: Any, appends: Iterable[Append]) -> None:
        for append in appends:
            entries, append.entries = append.entries, []
            append.position -= len(entries)
            for entry in entries:
                append.insert([entry])
                _begin_anew(connection)

    return writer, "insert_added", insert_one_by_one


def _gap_after_failure() -> Part:
    """What a failed commit would have recorded still counts when the next event is given its sequence."""

    return Known, "forget", lambda self, shards: None


def _keys_forgotten() -> Part:
    """A key is remembered for as long as its group lasts."""
    return writer, "remember", lambda connection, answered: None


def _checkpoint_apart() -> Part:
    """Rows of the views in one transaction, their checkpoint a moment later in the next."""
    advance = ViewTracking.advance

    def advance_apart(self: ViewTracking, connection: Any, *rest: Any) -> None:
        _begin_anew(connection)
        sleep(0.01)
        advance(self, connection, *rest)

    return ViewTracking, "advance", advance_apart


def _changes_overlooked() -> Part:
    """What people change of a still is taken into its view only where the still itself comes in the same batch."""
    apply = StillsProjection.apply

    def apply_to_new_ones(self: StillsProjection, batch: Batch, rows: Any) -> None:
        new = {(entry.partition, entry.sequence) for entry, _ in batch.of(StillRecorded)}
        kept = [
            entry
            for entry in batch.entries
            if not isinstance(entry.event, StillChanged) or (entry.partition, entry.event.still) in new
        ]
        apply(self, Batch(kept, batch.numbers, shard=batch.shard, first=batch.first, log=batch._log), rows)

    return StillsProjection, "apply", apply_to_new_ones


def _changes_never_taken() -> Part:
    """What people change of a still is taken into no view, whoever folds it."""
    apply = StillsProjection.apply

    def apply_what_was_recorded(self: StillsProjection, batch: Batch, rows: Any) -> None:
        kept = [entry for entry in batch.entries if not isinstance(entry.event, StillChanged)]
        apply(self, Batch(kept, batch.numbers, shard=batch.shard, first=batch.first, log=batch._log), rows)

    return StillsProjection, "apply", apply_what_was_recorded


def _read_at_once() -> Part:
    """A question is answered from the views as they stand, however far they are behind."""
    return Ledger, "missing", lambda self, *question: []


def _corrected_in_place() -> Part:
    """A correction goes into the event that it corrects."""

    def insert_and_correct(connection: Any, appends: Sequence[Append]) -> None:
        insert_added(connection, appends)
        for entry in chain.from_iterable(append.entries for append in appends):
            if isinstance(entry.event, DirectorEventCorrected):
                connection.exec_driver_sql(
                    "UPDATE events SET body = json_set(body, '$.reason', 'corrected') WHERE partition = ? AND sequence = ?",
                    (entry.partition, entry.event.corrects),
                )

    return writer, "insert_added", insert_and_correct


def _restored_as_the_same() -> Part:
    """A restored ledger goes on in the life of the one it was copied from."""
    return restore, "begin_epoch", lambda connection, now_ms, also_known=(): read_epochs(connection).present


def _half_a_copy() -> Part:
    """A copy that was interrupted is opened as if it were whole."""
    return eventlog, "require_whole", lambda connection: None


def _rule_tightened() -> Part:
    """A stored event is given a rule that it did not have when it was first stored."""

    class Tightened(StillRecorded):
        pose_label: Annotated[str, StringConstraints(max_length=3)] | None = None

    validators = codec._VALIDATORS | {Tightened.stored_as: Tightened.__pydantic_validator__}
    return codec, "_VALIDATORS", validators


def _spool_unsynced() -> Part:
    """A device's disk is trusted to get round to it."""
    return store, "SYNCED", "PRAGMA synchronous = OFF"


def _acknowledged_unanswered() -> Part:
    """What a device has sent is taken to have arrived, answer or not."""
    post = Sender._post

    def post_and_hope(self: Sender, ready: Any, on_out: Any) -> Any:
        answers = post(self, ready, on_out)
        return [Taken([None] * len(batch)) for batch in ready.batches] if isinstance(answers, NoAnswer) else answers

    return Sender, "_post", post_and_hope


def _overtaken() -> Part:
    """What a device has sent behind a batch that is refused is recorded before the parts of it that are sent once more."""
    return requests, "_beside", lambda call: b',"idempotencyKey":"%b"' % call.key.encode()


def _completed_twice() -> Part:
    """What is completed is completed again by whoever answers next."""
    return Job, "has_ended", property(lambda job: job.status in ("failed", "cancelled"))


def _leases_trusted() -> Part:
    """Whoever has taken a job is waited for, for ever."""
    write = JobRunner._write

    def write_but_expire(self: JobRunner, function: Mutation, *about: Any) -> None:
        if function is not EXPIRE:
            write(self, function, *about)

    return JobRunner, "_write", write_but_expire


FAULTS: Final[dict[str, Callable[[], Part]]] = {
    "unsynced": _unsynced,
    "acknowledged-early": _acknowledged_early,
    "batch-in-parts": _batch_in_parts,
    "gap-after-failure": _gap_after_failure,
    "keys-forgotten": _keys_forgotten,
    "checkpoint-apart": _checkpoint_apart,
    "changes-overlooked": _changes_overlooked,
    "changes-never-taken": _changes_never_taken,
    "read-at-once": _read_at_once,
    "corrected-in-place": _corrected_in_place,
    "restored-as-the-same": _restored_as_the_same,
    "half-a-copy": _half_a_copy,
    "rule-tightened": _rule_tightened,
    "spool-unsynced": _spool_unsynced,
    "acknowledged-unanswered": _acknowledged_unanswered,
    "overtaken": _overtaken,
    "completed-twice": _completed_twice,
    "leases-trusted": _leases_trusted,
}
"""By the names under which docs/GUARANTEES.md speaks of them."""


@contextmanager
def careless(fault: str) -> Iterator[None]:
    """Ledgers of this process have the fault."""
    owner, name, broken = FAULTS[fault]()
    sound = vars(owner)[name]
    setattr(owner, name, broken)
    try:
        yield
    finally:
        setattr(owner, name, sound)


if __name__ == "__main__":
    with careless(os.environ["CARELESS"]):
        run(Path(sys.argv[1]))
