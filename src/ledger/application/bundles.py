"""Bundles: a session that comes from another ledger, with its sequences, times, writers, salts and leaf hashes, all or nothing.

A bundle is a file that anybody can have written. It must agree with itself, as its stand-alone verifier says; be readable by this
version; and make sense as a session, which is tried before anything is recorded. Whether it is true is told by a kept head.
"""

import json
import re
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ValidationError
from sqlalchemy import insert

from ledger.domain.as_of import as_of
from ledger.domain.entries import Entry
from ledger.domain.keys import EVENTS as KEY_EVENTS
from ledger.domain.proofs import SessionProof, StoredEntry
from ledger.domain.refusals import Invalid, SessionDiffers
from ledger.domain.sessions import SessionStarted
from ledger.exports import verify_bundle
from ledger.log.codec import UnreadableEventError, decode
from ledger.log.eventlog import EventLog
from ledger.log.reading import SEQUENCE_MAX, leaves_of_partition
from ledger.log.stored import StoredRow
from ledger.log.tables import IMPORTED

_SESSION_ID: Final = re.compile(r"s[0-9a-z]{1,63}")
_NAME_LENGTH_MAX: Final = 255


class Bundle(NamedTuple):
    """A bundle that agrees with itself and can be read."""

    session_id: str
    rows: Sequence[StoredRow]
    proof: SessionProof


class Imported(NamedTuple):
    session_id: str
    entries: int
    was_there: bool


def read_bundle(file: Path, heads: Sequence[Path] = ()) -> Bundle:
    """What a file holds, verified, beside heads that somebody kept. Raises Invalid."""
    try:
        verify_bundle.verify(file, heads)
        first, *lines = verify_bundle.lines_of(file)
        said = {name: value for name, value in json.loads(first).items() if name != "format"}
        proof = SessionProof.model_validate_json(json.dumps(said))
        entries = [StoredEntry.model_validate_json(line) for line in lines]
    except (verify_bundle.Wrong, ValidationError, ValueError) as wrong:
        raise Invalid("bundle", str(wrong)) from wrong
    if not _SESSION_ID.fullmatch(proof.head.session_id):
        raise Invalid("bundle", f"{proof.head.session_id!r} is no Id of a session")
    rows = [_row(entry) for entry in entries]
    _require_session(rows)
    return Bundle(proof.head.session_id, rows, proof)


def import_bundle(log: EventLog, bundle: Bundle, now_ms: int) -> Imported:
    """Record a session as it was recorded elsewhere; what is here already is left alone.

    Raises SessionDiffers where it is here with another history, Invalid where it was recorded after this machine's clock.
    """
    session_id, rows, proof = bundle
    with log.snapshot() as connection:
        present = leaves_of_partition(connection, session_id, 0, SEQUENCE_MAX)
    if present:
        for sequence, (there, row) in enumerate(zip_longest(present, rows), 1):
            if row is not None and there != row.leaf:
                raise SessionDiffers(session_id, sequence)
        return Imported(session_id, len(rows), was_there=True)
    with log.appending(session_id) as append:
        if rows[-1].recorded_at > append.recorded_at:
            rule = f"was recorded at {rows[-1].recorded_at}, which this machine's clock has not come to"
            raise Invalid("bundle", rule)
        append.carry(rows)
        came = {"sequence": len(rows), "root": bytes.fromhex(proof.head.root), "epoch": proof.head.epoch}
        append.connection.execute(insert(IMPORTED).values(partition=session_id, imported_at=now_ms, **came))
    return Imported(session_id, len(rows), was_there=False)


def _row(entry: StoredEntry) -> StoredRow:
    """An entry as a row, whose entity is what the event says. Raises Invalid where this version cannot keep it."""
    where = f"sequence {entry.sequence}"
    for name, value in (("actor", entry.actor), ("key", entry.key)):
        if value is not None and not (0 < len(value) <= _NAME_LENGTH_MAX and value.isprintable()):
            raise Invalid("bundle", f"{where}: {name} must be 1 to {_NAME_LENGTH_MAX} printable characters")
    try:
        entity = decode(entry.type, entry.body).entity(entry.sequence)
    except UnreadableEventError as error:
        raise Invalid("bundle", f"{where}: {error}") from error
    if entity != entry.entity or not (entry.body.startswith("{") and entry.body.endswith("}")):
        raise Invalid("bundle", f"{where}: is not as a ledger stores it")
    return StoredRow(
        0,
        entry.position,
        entry.session_id,
        entry.sequence,
        entry.type,
        entry.recorded_at,
        entry.actor,
        entry.key,
        entity,
        bytes.fromhex(entry.salt),
        entry.body,
        bytes.fromhex(entry.leaf),
    )


def _require_session(rows: Sequence[StoredRow]) -> None:
    """Raises Invalid where these are not the facts of one session, such as views and cut log can take."""
    entries = [_entry(row) for row in rows]
    if not isinstance(entries[0].event, SessionStarted) or any(isinstance(it.event, KEY_EVENTS) for it in entries):
        raise Invalid("bundle", "is not the history of a session")
    if sum(isinstance(entry.event, SessionStarted) for entry in entries) > 1:
        raise Invalid("bundle", "starts its session more than once")
    try:
        as_of(entries)
    except Exception as error:  # whatever it stumbles over, the views would stumble over it as well
        raise Invalid("bundle", f"its facts make no session: {error!r}") from error


def _entry(row: StoredRow) -> Entry:
    event = decode(row.type, row.body)
    return Entry(row.partition, row.sequence, row.recorded_at, row.actor, row.key, row.entity, event, row.body)
