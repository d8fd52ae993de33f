"""Columns go to PostgreSQL as arrays, and come out of them as the rows that they were."""

from itertools import count
from typing import Any, Final

import pytest
from sqlalchemy import BigInteger, Column, Integer, LargeBinary

from ledger.log.arrays import arrays, unnested
from ledger.log.columns import TEXT
from tests.log.opened import OpenLog

COLUMNS: Final = (Column("a", Integer), Column("b", BigInteger), Column("c", LargeBinary), Column("d", TEXT))
ROWS: Final[list[tuple[Any, ...]]] = [
    (0, 0, b"", ""),
    (-(2**31), -(2**63), b"\0\\x", None),
    (2**31 - 1, 2**63 - 1, bytes(range(256)), 'é "{a,b}" \\ NULL\n😀'),
    (1, 1, b"NULL", "NULL"),
]


@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS, ROWS * 100], ids=["none", "one", "some", "many"])
def test_rows_come_out_as_they_went_in(shared: OpenLog, rows: list[tuple[Any, ...]]):
    with shared.writing.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("CREATE TEMPORARY TABLE taken (number serial, a int, b bigint, c bytea, d text)")
        statement = f"INSERT INTO taken (a, b, c, d) SELECT * FROM {unnested(COLUMNS, count(1))}"
        driver.pgconn.exec_params(statement.encode(), arrays(COLUMNS, rows), None, [1] * len(COLUMNS))
        assert driver.execute("SELECT a, b, c, d FROM taken ORDER BY number").fetchall() == rows


def test_those_of_several_tables_stand_one_behind_the_other():
    places = count(1)
    assert unnested(COLUMNS[:2], places) == "unnest($1::int4[], $2::int8[])"
    assert unnested(COLUMNS[2:], places) == "unnest($3::bytea[], $4::text[])"
