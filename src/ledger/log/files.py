"""What the log knows of stored files: for those who check the bytes that are kept beside it, or clear away what is none."""

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from ledger.domain.files import FileStored
from ledger.log.tables import EVENTS

_STORED: Final = EVENTS.c.type == FileStored.stored_as


class Kept(NamedTuple):
    """That bytes are kept, as it was recorded."""

    storage_id: str
    sha256: str
    size: int


def is_recorded(connection: Connection, sha256: str) -> bool:
    """Whether a fact names these bytes. It reads the whole log: for the rare end of an upload that nobody saw."""
    named = EVENTS.c.body.contains(f'"sha256":"{sha256}"', autoescape=True)
    return connection.execute(select(EVENTS.c.position).where(_STORED, named).limit(1)).first() is not None


def kept_files(connection: Connection) -> Iterator[Kept]:
    """Every file that the log knows, in the order in which they were stored."""
    rows = select(EVENTS.c.partition, EVENTS.c.body).where(_STORED).order_by(EVENTS.c.shard, EVENTS.c.position)
    for partition, body in connection.execute(rows):
        told = json.loads(body)
        yield Kept(partition, told["sha256"], told["size"])
