"""The promises of a connection, asked of the connection itself."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text, inspect, select, text
from sqlalchemy.engine.interfaces import CacheStats
from sqlalchemy.exc import DBAPIError

from ledger.log.append import Append
from ledger.log.database import (
    BUSY_TIMEOUT_MS,
    Durability,
    make_tables,
    open_sqlite,
    retire,
    says_something,
)
from tests.log.opened import OpenLog, fact
from tests.places import OURS, place

SYNCHRONOUS = {"NORMAL": 1, "FULL": 2}


@pytest.mark.parametrize("durability", ["FULL", "NORMAL"])
def test_a_writing_connection_promises_what_was_asked(tmp_path: Path, durability: Durability):
    engine = open_sqlite(tmp_path / "a.sqlite", durability=durability, writing=True)
    with engine.begin() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    assert asked == {"journal_mode": "wal", "synchronous": SYNCHRONOUS[durability], "busy_timeout": BUSY_TIMEOUT_MS}
    engine.dispose()


def test_the_tables_that_are_missing_are_made_with_their_indices(opened: OpenLog):
    tables = MetaData()
    Table("takes", tables, Column("take", Integer, ForeignKey("reels.reel"), primary_key=True), Column("note", Text))
    reels = Table("reels", tables, Column("reel", Integer, primary_key=True), Column("place", Text))
    Index("reels_by_place", reels.c.place)
    with opened.writing.begin() as connection:
        make_tables(connection, tables)
        connection.execute(reels.insert(), {"reel": 1, "place": "90% full"})
        connection.execute(text("DROP TABLE takes"))
        make_tables(connection, tables)
        assert connection.execute(text("SELECT place FROM reels")).scalars().all() == ["90% full"], "it stays as it is"
        found = inspect(connection)
        assert {"reels", "takes", "events"} <= set(found.get_table_names())
        assert [index["name"] for index in found.get_indexes("reels")] == ["reels_by_place"]
        assert [key["referred_table"] for key in found.get_foreign_keys("takes")] == ["reels"]


def test_what_was_put_together_for_one_engine_is_asked_of_another(tmp_path: Path):
    numbers = Table("numbers", MetaData(), Column("number", Integer))
    for at in (1, 2):
        engine = open_sqlite(tmp_path / f"{at}.sqlite", durability="NORMAL", writing=True)
        with engine.begin() as connection:
            make_tables(connection, numbers.metadata)
            connection.execute(numbers.insert(), {"number": at})
            asked = connection.execute(select(numbers.c.number).where(numbers.c.number < at + 1))
            assert asked.scalars().all() == [at], "with what is asked for here"
            assert (asked.context.cache_hit is CacheStats.CACHE_HIT) == (at == 2)
        engine.dispose()


def test_the_writers_own_connection_syncs_every_commit(embedded: OpenLog, monkeypatch: pytest.MonkeyPatch):
    seen: list[tuple[object, ...]] = []
    add = Append.add

    def looking(append: Append, *entries: object) -> None:
        asked = ("journal_mode", "synchronous")
        seen.append(tuple(append.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked))
        add(append, *entries)  # type: ignore[arg-type]

    monkeypatch.setattr(Append, "add", looking)
    embedded.append(fact())
    assert seen == [("wal", 2)]


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM events", "INSERT INTO shards VALUES (9, 0, 0)", "CREATE TABLE t (a INTEGER)", "DROP TABLE events"],
)
def test_a_reading_connection_cannot_change_anything(opened: OpenLog, statement: str):
    opened.append(fact())
    with opened.reading.begin() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
        connection.execute(text(statement))
    assert opened.rows("SELECT count(*) FROM events") == [(1,)]


def test_a_reader_sees_one_moment_while_writers_go_on(opened: OpenLog):
    opened.append(fact())
    with opened.log.snapshot() as snapshot:
        counting = text("SELECT count(*) FROM events")
        assert snapshot.execute(counting).scalar() == 1
        opened.append(fact())
        assert snapshot.execute(counting).scalar() == 1
    with opened.log.snapshot() as snapshot:
        assert snapshot.execute(counting).scalar() == 2


def test_two_who_read_before_they_write_lose_nothing(embedded: OpenLog):
    """Begun later than at once, both would read 0, and one of their updates would be lost."""
    embedded.change("CREATE TABLE tally (n INTEGER); INSERT INTO tally VALUES (0)")

    def add_one(_number: int) -> None:
        with embedded.writing.begin() as connection:
            read = connection.exec_driver_sql("SELECT n FROM tally").scalar_one()
            connection.exec_driver_sql("UPDATE tally SET n = ?", (read + 1,))

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(add_one, range(40)))
    assert embedded.rows("SELECT n FROM tally") == [(40,)]


def test_what_is_still_being_read_of_a_retired_engine_is_read_to_its_end_and_closed(opened: OpenLog):
    opened.append(fact(1))
    engine = opened.place.log(writing=False)
    reading = engine.connect()
    asked = text("SELECT count(*) FROM events")
    assert reading.execute(asked).scalar() == 1
    driver = cast("Any", reading.connection.driver_connection)
    retire(engine)
    assert reading.execute(asked).scalar() == 1
    reading.close()
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        driver.execute("SELECT 1")


def test_a_pool_hands_out_no_connection_that_the_database_has_closed(shared: OpenLog):
    with shared.reading.connect() as connection:
        assert not says_something(connection.connection.driver_connection)
    shared.change(f"SELECT pg_terminate_backend(pid, 10000) {OURS}")
    with shared.reading.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_what_is_written_is_utf_8_whatever_a_client_of_the_database_is_told_to_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    with place("postgresql", tmp_path) as empty:
        opened = OpenLog(empty)
        for _ in range(3):
            opened.append(fact(reason="é"))
        opened.close()
        monkeypatch.delenv("PGCLIENTENCODING")
        assert opened.rows("SELECT count(*) FROM events WHERE body LIKE '%é%'") == [(3,)]
