"""Statements of SQLAlchemy Core that are compiled once and then run straight on the driver.

The hot paths run the same half dozen statements thousands of times a second. Compiled by Core they stay portable; run by the
driver they cost what the database asks for them: a group commit of one request took 740 µs of CPU by way of Core's execution,
most of it bookkeeping for results and events that nobody wanted.
"""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement


class _Compiled(NamedTuple):
    text: str
    values: dict[str, Any]
    """In their places: the statement's own constants, and None where one is asked for."""
    by_name: bool
    """Whether the driver takes values by their names; else by their places."""


class Direct:
    """One statement, whose values are all named ``bindparam``s."""

    def __init__(self, statement: Executable) -> None:
        assert isinstance(statement, ClauseElement)
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, **parameters: Any) -> Any:
        """Run it inside the connection's transaction; answers the driver's cursor."""
        text, values, by_name = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        driver: Any = connection.connection.driver_connection
        given = values | parameters
        return driver.execute(text, given if by_name else list(given.values()))

    def rows(self, connection: Connection, **parameters: Any) -> list[tuple[Any, ...]]:
        """Its rows, as the driver's plain tuples."""
        rows: list[tuple[Any, ...]] = self.run(connection, **parameters).fetchall()
        return rows

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled = self._statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        places, constants = compiled.positiontup, compiled.params
        if places is not None:
            assert len(set(places)) == len(places), "a value stands in one place"
            constants = {name: constants[name] for name in places}
        self._compiled[dialect.name] = _Compiled(str(compiled), dict(constants), by_name=places is None)
        return self._compiled[dialect.name]
