"""Checkpoints: how far the views have come in each shard, kept in the transaction of the rows they speak of."""

from typing import Final

from eventsourcing.persistence import IntegrityError, Tracking, TrackingRecorder
from sqlalchemy import BigInteger, Column, Connection, Engine, LargeBinary, MetaData, Table, Text, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from ledger.log.direct import Direct

METADATA: Final = MetaData()
CHECKPOINTS: Final = Table(
    "checkpoints",
    METADATA,
    Column("application", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("epoch", Text),
    Column("leaf", LargeBinary),
)

_new: Final = insert(CHECKPOINTS).values(
    {column: bindparam(column) for column in ("application", "position", "epoch", "leaf")}
)
_ADVANCE: Final = Direct(
    _new.on_conflict_do_update(
        index_elements=["application"],
        set_={column: _new.excluded[column] for column in ("position", "epoch", "leaf")},
        where=CHECKPOINTS.c.position < _new.excluded.position,
    )
)


def application_of(shard: int) -> str:
    """The name under which a shard is tracked."""
    return f"shard-{shard}"


class ViewTracking(TrackingRecorder):
    """``eventsourcing``'s tracking, on SQLAlchemy Core: positions only ever move forward."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def insert_tracking(self, tracking: Tracking) -> None:
        """Raises the library's IntegrityError where the position is not after the one that is recorded."""
        with self._engine.begin() as connection:
            self.advance(connection, tracking)

    def advance(self, connection: Connection, tracking: Tracking, epoch: str = "", leaf: bytes = b"") -> None:
        """Move a checkpoint in the caller's transaction. Raises IntegrityError where that would not move it forward."""
        moved = _ADVANCE.run(
            connection,
            application=tracking.application_name,
            position=tracking.notification_id,
            epoch=epoch,
            leaf=leaf,
        )
        if moved.rowcount != 1:
            raise IntegrityError(f"{tracking.application_name} is already at {tracking.notification_id} or after it")

    def max_tracking_id(self, application_name: str) -> int | None:
        with self._engine.begin() as connection:
            position = select(CHECKPOINTS.c.position).where(CHECKPOINTS.c.application == application_name)
            return connection.execute(position).scalar()
