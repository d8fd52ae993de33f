"""Where builds of the views stand beside each other, each by its number, and which of them is shown."""

import re
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Column, Engine, Integer, MetaData, Table, delete, insert, inspect, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import DropSchema

from ledger.log.database import has_tables, hold_tables, open_postgres, open_sqlite
from ledger.log.disk import sync

FIRST: Final = 1
CONNECTIONS: Final = 9
"""To a build in a file: one is kept for what is asked on the spot, the others are for as many who read."""
_NUMBERED: Final = re.compile(r"[-_](\d+)$")


class Shelf(Protocol):
    """A build is a database of its own, with the same tables under the same names: no statement says which it is."""

    def shown(self) -> int:
        """The number of the build that is shown."""

    def show(self, number: int) -> None:
        """Have another build shown, in one step."""

    def numbers(self) -> list[int]:
        """All builds that there are, the newest last."""

    def has_any(self) -> bool:
        """Whether anybody has ever built views here."""

    def open(self, number: int, *, writing: bool) -> Engine:
        """A build's database, made where it is missing and is to be written."""

    def remove(self, number: int) -> None: ...

    def close(self) -> None: ...


class FolderShelf:
    """Builds as SQLite files of one folder: ``views.sqlite``, then ``views-2.sqlite`` and so on; which is shown, a file says."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._pointer = directory / "views.shown"

    def path(self, number: int) -> Path:
        return self._directory / ("views.sqlite" if number == FIRST else f"views-{number}.sqlite")

    def shown(self) -> int:
        try:
            return int(self._pointer.read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return FIRST

    def show(self, number: int) -> None:
        beside = self._pointer.with_suffix(".next")
        beside.write_text(str(number), "ascii")
        sync(beside)
        beside.replace(self._pointer)
        sync(self._directory)

    def numbers(self) -> list[int]:
        return sorted(_number_of(file.stem) for file in self._directory.glob("views*.sqlite"))

    def has_any(self) -> bool:
        return bool(self.numbers())

    def open(self, number: int, *, writing: bool) -> Engine:
        return open_sqlite(self.path(number), durability="NORMAL", writing=writing, connections=CONNECTIONS)

    def remove(self, number: int) -> None:
        for file in (self.path(number), *self._directory.glob(f"{self.path(number).name}-*")):
            file.unlink(missing_ok=True)

    def close(self) -> None:
        """There is nothing to let go of."""


class DatabaseShelf:
    """Builds as schemas of one PostgreSQL database; which is shown, a table of the first says."""

    def __init__(self, url: str, schema: str) -> None:
        self._url = url
        self._schema = schema
        self._pointer = Table("shown_build", MetaData(schema=schema), Column("number", Integer, primary_key=True))
        self._reading = open_postgres(url, schema=schema, durability="NORMAL", writing=False, connections=2)

    def shown(self) -> int:
        try:
            with self._reading.begin() as connection:
                return connection.execute(select(self._pointer.c.number)).scalar() or FIRST
        except ProgrammingError:  # nobody has switched yet
            return FIRST

    def show(self, number: int) -> None:
        writing = self.open(FIRST, writing=True)
        try:
            with writing.begin() as connection:
                hold_tables(connection)
                self._pointer.create(connection, checkfirst=True)
                connection.execute(delete(self._pointer))
                connection.execute(insert(self._pointer).values(number=number))
        finally:
            writing.dispose()

    def numbers(self) -> list[int]:
        named = re.compile(rf"{re.escape(self._schema)}(_\d+)?")
        return sorted(_number_of(name) for name in inspect(self._reading).get_schema_names() if named.fullmatch(name))

    def has_any(self) -> bool:
        return has_tables(self._reading)

    def open(self, number: int, *, writing: bool) -> Engine:
        return open_postgres(self._url, schema=self.schema(number), durability="NORMAL", writing=writing)

    def remove(self, number: int) -> None:
        writing = self.open(FIRST, writing=True)
        try:
            with writing.begin() as connection:
                if number != FIRST:
                    connection.execute(DropSchema(self.schema(number), cascade=True, if_exists=True))
                    return
                # The first one also says which is shown.
                hold_tables(connection)
                names = set(inspect(connection).get_table_names(self._schema)) - {self._pointer.name}
                tables = MetaData(schema=self._schema)
                for name in sorted(names):
                    Table(name, tables)
                tables.drop_all(connection)
        finally:
            writing.dispose()

    def close(self) -> None:
        self._reading.dispose()

    def schema(self, number: int) -> str:
        return self._schema if number == FIRST else f"{self._schema}_{number}"


def _number_of(name: str) -> int:
    found = _NUMBERED.search(name)
    return int(found[1]) if found else FIRST
