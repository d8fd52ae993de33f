"""The two questions of the timeline that every timed view answers: the newest few, and all inside a window of time."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from ledger.log.direct import Prepared
from ledger.projections.projection import prepared_documents
from ledger.projections.sessions import number_of


class TimedView:
    """A table with ``session`` (its number), ``timestamp_ms``, ``sequence`` and ``document``, in the order of its own time."""

    def __init__(self, table: Table, *shown: ColumnElement[bool]) -> None:
        """``shown``: what a row must meet to be answered with at all."""
        self._c = table.c
        self._shown = shown
        self.order = (table.c.timestamp_ms, table.c.sequence)
        self._newest = Prepared(self.newest_question)
        self._window = Prepared(self.window_question)

    def newest_question(self, session_id: str, limit: int) -> Select[Any]:
        return self._of(session_id).order_by(*(column.desc() for column in self.order)).limit(limit)

    def window_question(
        self, session_id: str, start_ms: float | None = None, end_ms: float | None = None, *, limit: int
    ) -> Select[Any]:
        question = self._of(session_id)
        if start_ms is not None:
            question = question.where(self._c.timestamp_ms >= start_ms)
        if end_ms is not None:
            question = question.where(self._c.timestamp_ms <= end_ms)
        return question.order_by(*self.order).limit(limit)

    def newest(self, connection: Connection, session_id: str, limit: int) -> list[str]:
        """The newest documents of a session, in time order."""
        return prepared_documents(connection, self._newest, session_id=session_id, limit=limit)[::-1]

    def window(
        self, connection: Connection, session_id: str, start_ms: float | None, end_ms: float | None, limit: int
    ) -> list[str]:
        """The first ``limit`` documents inside a window that includes both its ends, in time order."""
        asked = {"session_id": session_id, "start_ms": start_ms, "end_ms": end_ms, "limit": limit}
        return prepared_documents(connection, self._window, **asked)

    def _of(self, session_id: str) -> Select[Any]:
        return select(self._c.document).where(self._c.session == number_of(session_id), *self._shown)
