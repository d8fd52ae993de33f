"""Receipts and proofs: what a stranger needs to check an entry, or a whole session, against a head that they have kept."""

from typing import Final

from ledger.application.as_of import AtSequence
from ledger.application.functions import Query, Reading
from ledger.application.heads import Kept, Position, Trees, as_hex, as_json
from ledger.application.pages import Cursor, Pages, page
from ledger.domain.ids import parse_id
from ledger.domain.proofs import Receipt, SessionInclusion, SessionProof, ShardHead, ShardInclusion, StoredEntry
from ledger.domain.refusals import EntryNotFound
from ledger.domain.values import Name
from ledger.log.merkle import gaps, inclusion_path
from ledger.log.stored import StoredRow, positions_of, stored_row, stored_rows


class GetReceipt(Kept):
    """Of the entry with which the thing of an Id began; in the trees as they are, or as they were at these sizes."""

    event_id: Name
    at_sequence: AtSequence | None = None
    at_position: Position | None = None


class GetSessionProof(Kept):
    session_id: Name
    at_sequence: AtSequence | None = None
    at_position: Position | None = None


class ListStoredEntries(Pages):
    session_id: Name
    at_sequence: AtSequence | None = None


def _receipt(asked: GetReceipt, reading: Reading) -> str:
    named = parse_id(asked.event_id)
    if named is None:
        raise EntryNotFound(asked.event_id)
    session_id, _, sequence = named
    with reading.log.snapshot() as log:
        trees = Trees(reading, log)
        trees.require_kept(asked, session_id, sequence, "eventId")
        trees.require_kept(asked, session_id, asked.at_sequence or 0, "atSequence")
        trees.sequence(session_id, None)
        row = stored_row(log, session_id, sequence)
        if row is None:
            raise EntryNotFound(asked.event_id)
        trees.require_kept_position(asked, row.shard, asked.at_position or 0, "atPosition")
        length = trees.sequence(session_id, asked.at_sequence, least=sequence)
        size = trees.position(row.shard, asked.at_position, least=row.position)
        in_session, in_shard = trees.of_session(session_id), trees.of_shard(row.shard)
        return as_json(
            Receipt(
                epoch=reading.log.epoch,
                entry=_stored_entry(row),
                session=SessionInclusion(
                    sequence=length,
                    root=in_session.root(length).hex(),
                    path=as_hex(inclusion_path(sequence - 1, length, in_session.hash_of)),
                ),
                shard=ShardInclusion(
                    shard=row.shard,
                    position=size,
                    root=in_shard.root(size).hex(),
                    path=as_hex(inclusion_path(row.position - 1, size, in_shard.hash_of)),
                ),
            )
        )


def _stored_entry(row: StoredRow) -> StoredEntry:
    return StoredEntry(
        session_id=row.partition,
        sequence=row.sequence,
        position=row.position,
        type=row.type,
        recorded_at=row.recorded_at,
        actor=row.actor,
        key=row.key,
        entity=row.entity,
        salt=row.salt.hex(),
        body=row.body,
        leaf=row.leaf.hex(),
    )


def _session_proof(asked: GetSessionProof, reading: Reading) -> str:
    with reading.log.snapshot() as log:
        trees = Trees(reading, log)
        trees.require_kept(asked, asked.session_id, asked.at_sequence or 0, "atSequence")
        shard_of_it = reading.log.shard_of(asked.session_id)
        trees.require_kept_position(asked, shard_of_it, asked.at_position or 0, "atPosition")
        head = trees.session_head(asked.session_id, trees.sequence(asked.session_id, asked.at_sequence))
        size = trees.position(head.shard, asked.at_position, least=head.position)
        indexes = [position - 1 for position in positions_of(log, asked.session_id, head.sequence)]
        tree = trees.of_shard(head.shard)
        shard = ShardHead(shard=head.shard, position=size, root=tree.root(size).hex())
        between = as_hex([tree.hash_of(begin, end) for begin, end in gaps(indexes, size)])
        return as_json(SessionProof(head=head, shard=shard, gaps=between))


def _stored_entries(asked: ListStoredEntries, reading: Reading) -> str:
    at = None if asked.at_sequence is None else str(asked.at_sequence)
    cursor = Cursor.of(
        asked, reading.log.epochs, scope="entries", filters=[asked.session_id, at], is_live=reading.is_live
    )
    with reading.log.snapshot() as log:
        end = Trees(reading, log).sequence(asked.session_id, asked.at_sequence)
        after = int(cursor.place[0]) if cursor.place else 0
        up_to = min(end, int(cursor.until[0])) if cursor.until else end
        rows = stored_rows(log, asked.session_id, after=after, up_to=up_to, limit=cursor.wanted(asked.count))
    return page([(as_json(_stored_entry(row)), (row.sequence, 0)) for row in rows], asked.count, cursor)


def _session_of(asked: GetReceipt) -> str:
    named = parse_id(asked.event_id)
    return named.partition if named else asked.event_id


FUNCTIONS: Final = (
    Query(
        "production:getReceipt",
        "/production/session/receipt",
        GetReceipt,
        _receipt,
        _session_of,
        "That an entry was recorded, and where: all of it, with its inclusion in the session's tree and in the shard's.",
        "Receipt",
        scope="read",
        views=frozenset({"trees"}),
    ),
    Query(
        "production:getSessionProof",
        "/production/session/proof",
        GetSessionProof,
        _session_proof,
        lambda asked: asked.session_id,
        "That all entries of a session stand in the shard's tree, at their positions: one proof for all of them.",
        "SessionProof",
        scope="read",
        views=frozenset({"trees"}),
    ),
    Query(
        "production:listStoredEntries",
        "/production/session/entries",
        ListStoredEntries,
        _stored_entries,
        lambda asked: asked.session_id,
        "A session's entries to the byte as they are stored, with salts and leaf hashes, a page at a time.",
        "StoredEntryPage",
        scope="read",
        views=frozenset({"trees"}),
    ),
)
