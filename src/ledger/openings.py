"""What opens the tables of a ledger for those who check, carry or restore it as a whole, and not through its functions."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, make_url

from ledger.application.drill import Watching
from ledger.application.drill_database import DatabaseDrill, Schemas
from ledger.bootstrap import LOG_FILE, LOG_SCHEMA, VIEWS_SCHEMA, NoLedgerError, now_ms, views_file
from ledger.log.database import Opening, has_tables, open_postgres, open_sqlite
from ledger.log.disk import make_folder
from ledger.log.epochs import Epoch
from ledger.log.lockfile import LockFile
from ledger.log.others import require_alone
from ledger.log.restored import RestoredDatabase, begin_restored, lives_of
from ledger.projections.shelf import DatabaseShelf


class Openings(NamedTuple):
    """What opens the log and the views of a ledger, for those who look at their tables and not through a ``Ledger``."""

    log: Opening
    views: Opening


def openings(at: Path | str) -> Openings:
    """Those of a ledger in a folder, or at a database's URL. Raises NoLedgerError, or ValueError for no URL of PostgreSQL's."""
    if isinstance(at, str):
        return openings_of_database(at)
    if not (at / LOG_FILE).exists():
        raise NoLedgerError(at)
    looking = partial(open_sqlite, writing=False)
    return Openings(
        partial(looking, at / LOG_FILE, durability="FULL"), partial(looking, views_file(at), durability="NORMAL")
    )


def openings_of_database(url: str) -> Openings:
    """Those of a ledger in a PostgreSQL database. Raises NoLedgerError, or ValueError for no URL of PostgreSQL's."""
    looking = partial(open_postgres, url, writing=False)
    shelf = DatabaseShelf(url, VIEWS_SCHEMA)
    try:
        views = shelf.schema(shelf.shown())
    finally:
        shelf.close()
    found = Openings(
        partial(looking, schema=LOG_SCHEMA, durability="FULL"), partial(looking, schema=views, durability="NORMAL")
    )
    with _disposing(found.log()) as engine:
        if not has_tables(engine):
            raise NoLedgerError(make_url(url).render_as_string())
    return found


@contextmanager
def log_to_copy_to(at: Path | str) -> Iterator[Engine]:
    """The log in a folder, or at a database's URL, made where there is none, that nobody else writes meanwhile.

    Raises LedgerInUseError, DatabaseInUseError, or ValueError for no URL of PostgreSQL's.
    """
    with ExitStack() as closing:
        if isinstance(at, str):
            engine = closing.enter_context(
                _disposing(open_postgres(at, schema=LOG_SCHEMA, durability="FULL", writing=True))
            )
            with engine.begin() as connection:
                require_alone(connection)
        else:
            make_folder(at)
            closing.callback(LockFile(at).release)
            engine = closing.enter_context(_disposing(open_sqlite(at / LOG_FILE, durability="FULL", writing=True)))
        yield engine


def drill_of_database(url: str, scratch: Path, watching: Watching) -> DatabaseDrill:
    """A restore drill on a database. Raises NoLedgerError, or ValueError for no URL of PostgreSQL's."""
    openings_of_database(url)

    def log(at: str, writing: bool) -> Engine:
        return open_postgres(at, schema=LOG_SCHEMA, durability="FULL", writing=writing)

    def views(at: str, writing: bool) -> Engine:
        return open_postgres(at, schema=VIEWS_SCHEMA, durability="NORMAL", writing=writing)

    return DatabaseDrill(url, Schemas(log, views, LOG_SCHEMA), openings_of_database, scratch, now_ms, watching)


def restored_database(url: str, instead_of: str | None = None) -> RestoredDatabase:
    """Have the ledger in a restored database begin a new epoch, with what the one that it takes the place of knew of its lives.

    Raises NoLedgerError, DatabaseInUseError, or ValueError for no URL of PostgreSQL's.
    """
    openings_of_database(url)
    also_known: Iterable[Epoch] = ()
    if instead_of is not None:
        with _disposing(openings_of_database(instead_of).log()) as engine:
            also_known = tuple(lives_of(engine))
    with _disposing(open_postgres(url, schema=LOG_SCHEMA, durability="FULL", writing=True, connections=1)) as engine:
        return begin_restored(engine, now_ms(), also_known)


@contextmanager
def _disposing(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()
