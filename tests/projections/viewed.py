"""Views of a real log for tests: built in batches of any size, closed, opened again, and looked into."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Connection, select

from ledger.projections.projection import METADATA, Batch, Kinds, Projection
from ledger.projections.runner import Runner
from ledger.projections.views import PROJECTIONS, Views
from tests.log.opened import OpenLog

Row = tuple[Any, ...]


class Exploding:
    """A projection that cannot carry what another has: events under a reason of ``poison``, until it is mended."""

    name: ClassVar[str] = "exploding"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = ()
    is_mended = False

    def apply(self, batch: Batch, rows: Connection) -> None:
        if not self.is_mended and any('"poison"' in entry.body for entry in batch.entries):
            raise ZeroDivisionError("a poison event")


class Viewed:
    """The views of a log in a file of their own."""

    def __init__(self, opened: OpenLog, path: Path, projections: Sequence[Projection] = PROJECTIONS) -> None:
        self.opened = opened
        self._path = path
        self.open(projections)

    def open(self, projections: Sequence[Projection] = PROJECTIONS, *, is_parking: bool = False) -> None:
        self._writing = self.opened.place.views(self._path.stem, writing=True)
        self._reading = self.opened.place.views(self._path.stem, writing=False)
        self.views = Views(writing=self._writing, reading=self._reading, log=self.opened.log, projections=projections)
        self.runner = Runner(self.opened.log, self.views, is_parking=is_parking)

    def close(self) -> None:
        self.runner.stop()
        self.views.close()
        self._writing.dispose()
        self._reading.dispose()

    def reopen(self, projections: Sequence[Projection] = PROJECTIONS, *, is_parking: bool = False) -> None:
        self.close()
        self.open(projections, is_parking=is_parking)

    def step(self, entries_max: int) -> bool:
        """Apply one batch of at most so many entries; whether there was any."""
        return bool(self.views.advance(0, entries_max))

    def rows(self) -> dict[str, list[Row]]:
        """Every row of every view."""
        with self.views.snapshot() as snapshot:
            return {
                table.name: sorted((tuple(row) for row in snapshot.connection.execute(select(table))), key=repr)
                for table in METADATA.sorted_tables
            }

    def documents(self, table: str) -> list[str]:
        columns = METADATA.tables[table].c
        with self.views.snapshot() as snapshot:
            return sorted(snapshot.connection.execute(select(columns.document)).scalars())

    def shown(self) -> int:
        """The position that the stored checkpoint names."""
        with self.views.snapshot() as snapshot:
            return snapshot.position.shards[0][1]

    def plan(self, question: Any) -> str:
        """How SQLite goes about a question."""
        with self.views.snapshot() as snapshot:
            compiled = question.compile(dialect=self._reading.dialect, compile_kwargs={"literal_binds": True})
            steps = snapshot.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
            return "\n".join(str(step[3]) for step in steps)
