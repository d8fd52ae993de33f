"""A connection that is kept for questions of one statement: for most of them, to get one from a pool costs more than the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection, Engine, event

from ledger.log.database import DATABASE_FAILED, has_closed


class Asking:
    """One connection for one question after another. Each sees what is committed when it is asked: there is no transaction."""

    def __init__(self, engine: Engine) -> None:
        """Questions are asked by ``Direct``, whose statements SQLite commits by themselves. It goes when its engine is disposed."""
        is_sqlite = engine.dialect.name == "sqlite"
        self._engine = engine if is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None
        self._lock = Lock()
        event.listen(engine, "engine_disposed", lambda _: self._close())

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """One caller at a time."""
        with self._lock:
            if self._connection is not None and has_closed(self._connection):
                self._drop()
            if self._connection is None:
                self._connection = self._engine.connect()
            try:
                yield self._connection
            except DATABASE_FAILED:
                self._drop()  # it may have been lost, which is not to be found out by the next question
                raise

    def _close(self) -> None:
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
