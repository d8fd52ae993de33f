"""A connection that is kept from one use to the next."""

from collections.abc import Callable

from sqlalchemy import Connection, Engine

from ledger.log.database import has_closed


class Kept:
    """Connected when it is first needed, and anew where the database has closed it; for one caller at a time."""

    def __init__(self, engine: Engine, prepare: Callable[[Connection], None] = lambda connection: None) -> None:
        """``prepare`` is called with every new connection."""
        self._engine = engine
        self._prepare = prepare
        self.connection: Connection | None = None

    def connected(self) -> Connection:
        if self.connection is not None and has_closed(self.connection):
            self.drop()
        if self.connection is None:
            connection = self._engine.connect()
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self.connection = connection
        return self.connection

    def drop(self) -> None:
        """It may have been lost, with whatever was under way."""
        if self.connection is not None:
            self.connection.invalidate()
            self.close()

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None
