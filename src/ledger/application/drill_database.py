"""The restore drill on a PostgreSQL database: dumped and restored by PostgreSQL's own tools, beside whoever writes it."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from ledger.application.drill import Drill, Restored, Watching, live_snapshot
from ledger.log.backup import Progress
from ledger.log.database import Opening, has_tables
from ledger.log.dump import dump, load, scratch_database
from ledger.log.restored import begin_restored
from ledger.projections.views import Snapshot


class Schemas(NamedTuple):
    """How the log and the views of a ledger in a database are opened, by the database's URL."""

    log: Callable[[str, bool], Engine]
    views: Callable[[str, bool], Engine]
    log_schema: str


class DatabaseDrill(Drill):
    """A drill on a database: the backup is in the folder ``scratch``, what is made of it in a database that is dropped again."""

    def __init__(
        self,
        url: str,
        schemas: Schemas,
        opened: Callable[[str], tuple[Opening, Opening]],
        scratch: Path,
        clock: Callable[[], int],
        watching: Watching,
    ) -> None:
        """``opened`` gives what opens the log and the views at a URL for those who look."""
        super().__init__(clock, watching)
        self._url = url
        self._schemas = schemas
        self._opened = opened
        self._scratch = scratch

    def _live_views(self, closing: ExitStack, progress: Progress) -> Snapshot | None:
        log, views = (opening() for opening in self._opened(self._url))
        if not has_tables(views):
            log.dispose()
            views.dispose()
            return None
        return live_snapshot(closing, log, views, self._clock)

    def _back_up(self, progress: Progress) -> str:
        return f"{dump(self._url, self._schemas.log_schema, self._scratch / 'dump')} bytes"

    def _restore(self, closing: ExitStack, progress: Progress) -> tuple[Restored, str]:
        url = closing.enter_context(scratch_database(self._url))
        load(self._scratch / "dump", url)
        writing = self._schemas.log(url, True)
        try:
            epoch = begin_restored(writing, self._clock()).epoch
        finally:
            writing.dispose()
        log, _ = self._opened(url)
        return Restored(log, log, lambda writing: self._schemas.views(url, writing)), epoch.name
