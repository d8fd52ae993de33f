"""Checkpoints: how far the views have come in each shard, kept in the transaction of the rows they speak of."""

from typing import Final

from eventsourcing.persistence import IntegrityError, Tracking, TrackingRecorder
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

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

_VALUES: Final[dict[str, BindParameter[object]]] = {column.name: bindparam(column.name) for column in CHECKPOINTS.c}
_CLAIM: Final = Direct(
    select(CHECKPOINTS.c.position)
    .where(CHECKPOINTS.c.application == bindparam("application"))
    .with_for_update(skip_locked=True)
)


def _advance(new: sqlite.Insert | postgresql.Insert) -> Direct:
    return Direct(
        new.values(_VALUES).on_conflict_do_update(
            index_elements=["application"],
            set_={column: new.excluded[column] for column in ("position", "epoch", "leaf")},
            where=CHECKPOINTS.c.position < new.excluded.position,
        )
    )


_ADVANCE: Final = {
    "sqlite": _advance(sqlite.insert(CHECKPOINTS)),
    "postgresql": _advance(postgresql.insert(CHECKPOINTS)),
}


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
        moved = _ADVANCE[connection.dialect.name].run(
            connection,
            application=tracking.application_name,
            position=tracking.notification_id,
            epoch=epoch,
            leaf=leaf,
        )
        if moved.rowcount != 1:
            raise IntegrityError(f"{tracking.application_name} is already at {tracking.notification_id} or after it")

    def claim(self, connection: Connection, application_name: str) -> int | None:
        """Where an application's checkpoint stands, for the caller's transaction alone to move; None where another has it."""
        rows = _CLAIM.rows(connection, application=application_name)
        return rows[0][0] if rows else None

    def max_tracking_id(self, application_name: str) -> int | None:
        with self._engine.begin() as connection:
            position = select(CHECKPOINTS.c.position).where(CHECKPOINTS.c.application == application_name)
            return connection.execute(position).scalar()
