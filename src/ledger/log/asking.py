"""A connection that is kept for questions of one statement: for most of them, to get one from a pool costs more than the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection, Engine, event

from ledger.log.database import DATABASE_FAILED
from ledger.log.kept import Kept


class Asking:
    """One connection for one question after another. Each sees what is committed when it is asked: there is no transaction."""

    def __init__(self, engine: Engine) -> None:
        """Questions are asked by ``Direct``, whose statements SQLite commits by themselves. It goes when its engine is disposed."""
        is_sqlite = engine.dialect.name == "sqlite"
        self._kept = Kept(engine if is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT"))
        self._lock = Lock()
        event.listen(engine, "engine_disposed", lambda _: self._close())

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """One caller at a time."""
        with self._lock:
            try:
                yield self._kept.connected()
            except DATABASE_FAILED:
                self._kept.drop()  # it may have been lost, which is not to be found out by the next question
                raise

    def _close(self) -> None:
        with self._lock:
            self._kept.drop()
