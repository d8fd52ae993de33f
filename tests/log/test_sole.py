"""A connection that is kept: its transactions are in ``test_direct.py``, here is what is done between them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from ledger.log.database import open_sqlite
from ledger.log.sole import COMMITS_UNSETTLED_MAX, SoleConnection
from tests.log.opened import OpenLog, fact


def test_one_that_was_opened_waits_for_nobody_who_has_the_others(tmp_path: Path):
    engine = open_sqlite(tmp_path / "a.sqlite", durability="NORMAL", writing=True, connections=2)
    sole = SoleConnection(engine)
    sole.open()
    with engine.connect(), sole.transaction() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    sole.close()
    engine.dispose()


def test_what_was_committed_ahead_is_settled_in_a_quiet_moment_once_there_is_enough_of_it(tmp_path: Path):
    engine = open_sqlite(tmp_path / "a.sqlite", durability="FULL", writing=True)
    sole = SoleConnection(engine)

    def commit(statement: str) -> None:
        with sole.transaction() as connection:
            connection.exec_driver_sql(statement)

    def settled() -> int:
        """How many rows are in the file itself, whatever is written ahead of it."""
        sole.settle()
        with closing(sqlite3.connect(f"file:{tmp_path}/a.sqlite?immutable=1", uri=True)) as connection:
            tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            return int(connection.execute("SELECT count(*) FROM t").fetchone()[0]) if tables else 0

    commit("CREATE TABLE t (a INTEGER)")
    for _ in range(COMMITS_UNSETTLED_MAX - 2):
        commit("INSERT INTO t VALUES (1)")
    assert settled() == 0
    commit("INSERT INTO t VALUES (1)")
    assert settled() == COMMITS_UNSETTLED_MAX - 1
    commit("INSERT INTO t VALUES (1)")
    assert settled() == COMMITS_UNSETTLED_MAX - 1
    sole.close()
    sole.settle()
    engine.dispose()


def test_what_fails_after_the_commit_does_not_unsay_it(opened: OpenLog, monkeypatch: pytest.MonkeyPatch):
    rollback, failures = Connection.rollback, [OperationalError("", {}, Exception("the line is down"))]

    def failing_once(connection: Connection) -> None:
        if failures:
            raise failures.pop()
        rollback(connection)

    monkeypatch.setattr(Connection, "rollback", failing_once)
    assert opened.append(fact(1)).sequence == 1, "it was committed, and the database is connected to anew"
    assert failures == []
    assert opened.append(fact(2)).sequence == 2
    assert opened.rows("SELECT count(*) FROM events") == [(2,)]
