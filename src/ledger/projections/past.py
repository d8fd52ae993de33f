"""The views of one partition as they were: made in memory of its first entries, for one question, by the same projections."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from ledger.domain.entries import Entry
from ledger.log.database import make_tables, open_sqlite
from ledger.log.eventlog import EventLog
from ledger.projections.projection import METADATA, Batch, Projection

_NUMBER: Final = 1
_IN_MEMORY: Final = Path(":memory:")


@contextmanager
def views_of(entries: Sequence[Entry], log: EventLog, projections: Sequence[Projection]) -> Iterator[Connection]:
    """What the views would show, were these the only entries; the trees excepted, which need a shard's neighbours."""
    engine = open_sqlite(_IN_MEMORY, durability="NORMAL", writing=True, connections=1)
    try:
        with engine.begin() as connection:
            make_tables(connection, METADATA)
            if entries:
                partition = entries[0].partition
                shard = log.shard_of(partition)
                batch = Batch(entries, {partition: _NUMBER}, shard=shard, first=1, log=log, places=())
                for projection in projections:
                    projection.apply(batch, connection)
            yield connection
    finally:
        engine.dispose()
