"""Statements of SQLAlchemy Core that are compiled once and then run straight on the driver.

The hot paths run the same half dozen statements thousands of times a second. Compiled by Core they stay portable; run by the
driver they cost what the database asks for them: a group commit of one request took 740 µs of CPU by way of Core's execution,
most of it bookkeeping for results and events that nobody wanted.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Executable, bindparam
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

from ledger.log.columns import BIG


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


class Prepared:
    """A question that is put together from what is asked: once for each combination of arguments, and not once a caller."""

    def __init__(self, question: Callable[..., Executable]) -> None:
        """``question`` takes by name what ``run`` is given: flags, and for values the places where they will stand."""
        self._question = question
        self._known: dict[tuple[tuple[str, bool | None], ...], Direct] = {}

    def run(self, connection: Connection, **asked: Any) -> Any:
        """Ask it; what is None is not asked for. Answers the driver's cursor."""
        given = {name: value for name, value in asked.items() if value is not None}
        shape = tuple((name, value if isinstance(value, bool) else None) for name, value in given.items())
        direct = self._known.get(shape)
        if direct is None:
            places = {name: _place(name) if flag is None else flag for name, flag in shape}
            direct = self._known[shape] = Direct(self._question(**places))
        return direct.run(connection, **{name: given[name] for name, flag in shape if flag is None})


def _place(name: str) -> Any:
    """Where a value will stand: of the type of the column that it is compared with; a limit is compared with none."""
    return bindparam(name, type_=BIG) if name == "limit" else bindparam(name)
