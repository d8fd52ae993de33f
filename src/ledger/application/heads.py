"""Heads of trees, and that one head is the beginning of another: computed from the log and the trees over it."""

from typing import Annotated, Final, NamedTuple

from pydantic import Field
from sqlalchemy import Connection

from ledger.application.as_of import AtSequence
from ledger.application.functions import Query, Reading
from ledger.domain.proofs import LedgerHead, SessionConsistency, SessionHead, ShardConsistency, ShardHead
from ledger.domain.refusals import Invalid, SessionNotFound
from ledger.domain.values import Frozen, Name, Whole
from ledger.log.epochs import OfAnotherEpoch
from ledger.log.merkle import consistency_path
from ledger.log.reading import head_of
from ledger.log.standing import shard_rows
from ledger.log.stored import stored_row
from ledger.projections.trees import Tree

Position = Annotated[Whole, Field(ge=1)]


class Kept(Frozen):
    """Arguments that may say of which epoch the head or receipt is whose places they name; else they are of the present one."""

    epoch: Name | None = None


class GetSessionHead(Frozen):
    session_id: Name
    at_sequence: AtSequence | None = None


class GetSessionConsistency(Kept):
    session_id: Name
    from_sequence: AtSequence
    to_sequence: AtSequence | None = None


class GetLedgerHead(Frozen):
    pass


class GetConsistency(Kept):
    shard: Annotated[Whole, Field(ge=0)] = 0
    from_position: Position
    to_position: Position | None = None


class Trees(NamedTuple):
    """The trees of one question: what the views store of them, and one snapshot of the log."""

    reading: Reading
    log: Connection

    def of_session(self, session_id: str) -> Tree:
        return Tree.of_session(session_id, self.reading.views, self.log)

    def of_shard(self, shard: int) -> Tree:
        return Tree.of_shard(shard, self.reading.views, self.log)

    def sequence(self, session_id: str, asked: int | None, field: str = "atSequence", least: int = 1) -> int:
        """How much of a session is meant: all of it where nothing is asked. Raises SessionNotFound, or Invalid."""
        head = head_of(self.log, session_id).sequence
        if not head:
            raise SessionNotFound(session_id)
        return _within(asked, least, head, field, "the session's history has come to")

    def position(self, shard: int, asked: int | None, field: str = "atPosition", least: int = 1) -> int:
        """How much of a shard is meant: all of it where nothing is asked. Raises Invalid."""
        return _within(asked, least, shard_rows(self.log)[shard].position, field, "the shard has come to")

    def require_kept(self, asked: Kept, session_id: str, sequence: int, field: str) -> None:
        """Let pass what was kept of a session, in any epoch, that the present one has as well.

        Raises OfAnotherEpoch, with the place up to which both hold the same.
        """
        epochs = self.reading.log.epochs
        if asked.epoch is None or asked.epoch == epochs.present.name:
            return
        parting = epochs.parting(asked.epoch)
        shared = self.reading.sequence_by(session_id, parting)
        if sequence > shared:
            advice = f"both hold the same of this session up to sequence {shared}, and no further"
            refusal = OfAnotherEpoch(field, asked.epoch, parting, advice=advice)
            refusal.detail["sequence"] = shared
            raise refusal

    def require_kept_position(self, asked: Kept, shard: int, position: int, field: str) -> None:
        """The same of a shard. Raises OfAnotherEpoch."""
        if asked.epoch is not None:
            self.reading.log.epochs.require_shared(asked.epoch, shard, position, field)

    def session_head(self, session_id: str, sequence: int) -> SessionHead:
        last = stored_row(self.log, session_id, sequence)
        assert last is not None, f"{session_id} has come to {sequence}"
        return SessionHead(
            session_id=session_id,
            sequence=sequence,
            root=self.of_session(session_id).root(sequence).hex(),
            epoch=self.reading.log.epoch,
            shard=last.shard,
            position=last.position,
            recorded_at=last.recorded_at,
        )


def _within(asked: int | None, least: int, head: int, field: str, come_to: str) -> int:
    if asked is None:
        return head
    if asked > head:
        raise Invalid(field, f"{come_to} {head}")
    if asked < least:
        raise Invalid(field, f"must be {least} or more, to reach what is to be proved")
    return asked


def as_json(answer: Frozen) -> str:
    return answer.__pydantic_serializer__.to_json(answer, by_alias=True, exclude_none=True).decode()


def as_hex(hashes: list[bytes]) -> tuple[str, ...]:
    return tuple(hashed.hex() for hashed in hashes)


def _session_head(asked: GetSessionHead, reading: Reading) -> str:
    with reading.log.snapshot() as log:
        trees = Trees(reading, log)
        return as_json(trees.session_head(asked.session_id, trees.sequence(asked.session_id, asked.at_sequence)))


def _ledger_head(_: GetLedgerHead, reading: Reading) -> str:
    with reading.log.snapshot() as log:
        trees = Trees(reading, log)
        rows = shard_rows(log)
        shards = tuple(
            ShardHead(shard=row.shard, position=row.position, root=trees.of_shard(row.shard).root(row.position).hex())
            for row in rows
        )
    recorded_at = max(row.recorded_at for row in rows)
    return as_json(LedgerHead(epoch=reading.log.epoch, recorded_at=recorded_at, shards=shards))


def _session_consistency(asked: GetSessionConsistency, reading: Reading) -> str:
    with reading.log.snapshot() as log:
        trees = Trees(reading, log)
        trees.require_kept(asked, asked.session_id, asked.from_sequence, "fromSequence")
        earlier = trees.sequence(asked.session_id, asked.from_sequence, "fromSequence")
        later = trees.sequence(asked.session_id, asked.to_sequence, "toSequence", least=earlier)
        tree = trees.of_session(asked.session_id)
        return as_json(
            SessionConsistency(
                session_id=asked.session_id,
                from_sequence=earlier,
                from_root=tree.root(earlier).hex(),
                to_sequence=later,
                to_root=tree.root(later).hex(),
                path=as_hex(consistency_path(earlier, later, tree.hash_of)),
            )
        )


def _consistency(asked: GetConsistency, reading: Reading) -> str:
    if asked.shard >= reading.log.shard_count:
        raise Invalid("shard", f"the ledger's shards are 0 to {reading.log.shard_count - 1}")
    with reading.log.snapshot() as log:
        trees = Trees(reading, log)
        trees.require_kept_position(asked, asked.shard, asked.from_position, "fromPosition")
        earlier = trees.position(asked.shard, asked.from_position, "fromPosition")
        later = trees.position(asked.shard, asked.to_position, "toPosition", least=earlier)
        tree = trees.of_shard(asked.shard)
        return as_json(
            ShardConsistency(
                epoch=reading.log.epoch,
                shard=asked.shard,
                from_position=earlier,
                from_root=tree.root(earlier).hex(),
                to_position=later,
                to_root=tree.root(later).hex(),
                path=as_hex(consistency_path(earlier, later, tree.hash_of)),
            )
        )


FUNCTIONS: Final = (
    Query(
        "production:getSessionHead",
        "/production/session/head",
        GetSessionHead,
        _session_head,
        lambda asked: asked.session_id,
        "The root of a session's tree: keep it elsewhere, and any later change of its history can be told.",
        "SessionHead",
        scope="read",
        views=frozenset({"trees"}),
    ),
    Query(
        "production:getSessionConsistency",
        "/production/session/consistency",
        GetSessionConsistency,
        _session_consistency,
        lambda asked: asked.session_id,
        "That a session's history at one sequence is the beginning of that at another.",
        "SessionConsistency",
        scope="read",
        views=frozenset({"trees"}),
    ),
    Query(
        "ledger:getHead",
        "/ledger/head",
        GetLedgerHead,
        _ledger_head,
        None,
        "The roots of all shards' trees: what the whole ledger amounts to, to be kept elsewhere.",
        "LedgerHead",
        scope="read",
        views=frozenset({"trees"}),
    ),
    Query(
        "ledger:getConsistency",
        "/ledger/consistency",
        GetConsistency,
        _consistency,
        None,
        "That a shard at one position is the beginning of the shard at another.",
        "ShardConsistency",
        scope="read",
        views=frozenset({"trees"}),
    ),
)
