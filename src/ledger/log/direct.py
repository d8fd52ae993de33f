"""Statements of SQLAlchemy Core that are compiled once and then run straight on the driver.

The hot paths run the same half dozen statements thousands of times a second. Compiled by Core they stay portable; run by the
driver they cost what the database asks for them: a group commit of one request took 740 µs of CPU by way of Core's execution,
most of it bookkeeping for results and events that nobody wanted.
"""

from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement


class Direct:
    """One statement, whose values are all named ``bindparam``s."""

    def __init__(self, statement: Executable) -> None:
        assert isinstance(statement, ClauseElement)
        self._statement = statement
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}

    def run(self, connection: Connection, **parameters: Any) -> Any:
        """Run it inside the connection's transaction; answers the driver's cursor."""
        text, constants = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        driver: Any = connection.connection.driver_connection
        return driver.execute(text, list((constants | parameters).values()))

    def rows(self, connection: Connection, **parameters: Any) -> list[tuple[Any, ...]]:
        """Its rows, as the driver's plain tuples."""
        rows: list[tuple[Any, ...]] = self.run(connection, **parameters).fetchall()
        return rows

    def _compile(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        """The text, and the values in their places: the statement's own constants, and None where one is asked for."""
        compiled = self._statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        assert compiled.positiontup is not None, f"{dialect.name} takes values by their place"
        assert len(set(compiled.positiontup)) == len(compiled.positiontup), "a value stands in one place"
        constants = compiled.params
        self._compiled[dialect.name] = str(compiled), {name: constants[name] for name in compiled.positiontup}
        return self._compiled[dialect.name]
