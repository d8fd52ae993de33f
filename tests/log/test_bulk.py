"""Rows go in as they are, however many, and a row of the same key gives way to the new one."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from ledger.log.bulk import insert_rows
from ledger.log.database import is_duplicate, open_sqlite
from ledger.log.sole import SoleConnection

TAKES = Table(
    "takes",
    MetaData(),
    Column("scene", Text, primary_key=True),
    Column("take", Integer, primary_key=True),
    Column("note", Text),
)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 999, 1_000, 2_345])
def test_every_row_goes_in_once_and_in_place_of_its_own_key(tmp_path: Path, count: int):
    engine = open_sqlite(tmp_path / "a.sqlite", durability="NORMAL", writing=True)
    TAKES.metadata.create_all(engine)
    rows = [("a" if number % 2 else "b", number, f"é{number}" if number % 3 else None) for number in range(count)]
    again = [(scene, number, "again") for scene, number, _ in rows[::2]]
    with engine.begin() as connection:
        insert_rows(connection, TAKES, rows)
        assert sorted(connection.execute(select(TAKES)), key=lambda row: row[1]) == rows
        insert_rows(connection, TAKES, again, replacing=("scene", "take"))
        found = {tuple(row) for row in connection.execute(select(TAKES))}
    assert found == set(rows[1::2]) | set(again)
    engine.dispose()


def test_a_row_that_is_refused_takes_back_the_whole_transaction(tmp_path: Path):
    engine = open_sqlite(tmp_path / "a.sqlite", durability="NORMAL", writing=True)
    TAKES.metadata.create_all(engine)
    sole = SoleConnection(engine)

    def inserted_twice() -> None:
        with sole.transaction() as connection:
            insert_rows(connection, TAKES, [("a", 1, None)])
            insert_rows(connection, TAKES, [("b", number % 5, None) for number in range(9)])

    with pytest.raises(sqlite3.IntegrityError) as refused:
        inserted_twice()
    assert is_duplicate(refused.value)
    with sole.transaction() as connection:
        assert connection.execute(select(TAKES)).all() == []
        insert_rows(connection, TAKES, [("a", 1, None)])
    with engine.begin() as connection:
        assert connection.execute(select(TAKES)).all() == [("a", 1, None)]
    sole.close()
    engine.dispose()
