"""A database that PostgreSQL's own tools have restored: it is told so, and begins a new epoch before anybody writes it."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Engine, func, select

from ledger.domain.sessions import ENTITY
from ledger.log.database import hold_tables
from ledger.log.epochs import Epoch, Epochs, begin_epoch, read_epochs
from ledger.log.others import require_alone
from ledger.log.tables import EVENTS, METADATA


class RestoredDatabase(NamedTuple):
    """What a database holds that begins a new epoch."""

    epoch: Epoch
    sessions: int


def begin_restored(writing: Engine, now_ms: int, also_known: Iterable[Epoch] = ()) -> RestoredDatabase:
    """Begin a new life of a ledger at what its database holds; ``also_known`` as in ``begin_epoch``.

    Raises DatabaseInUseError where others have it open. Whoever opens it meanwhile waits, and finds the new epoch.
    """
    with writing.begin() as connection:
        hold_tables(connection)
        require_alone(connection)
        METADATA.create_all(connection)
        begun = begin_epoch(connection, now_ms, also_known)
        starts = select(func.count()).where(EVENTS.c.entity == ENTITY, EVENTS.c.sequence == 1)
        return RestoredDatabase(begun, connection.execute(starts).scalar_one())


def lives_of(reading: Engine) -> Epochs:
    """The lives that a log knows of."""
    with reading.begin() as connection:
        return read_epochs(connection)
