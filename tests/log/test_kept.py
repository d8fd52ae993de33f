"""A connection is kept until it is lost, and then another is had."""

import pytest
from sqlalchemy import Connection

from ledger.log.kept import Kept
from tests.log.opened import OpenLog
from tests.places import OURS


def answer(connection: Connection) -> int:
    found = connection.exec_driver_sql("SELECT 1").scalar_one()
    connection.rollback()
    return int(found)


def test_it_is_the_same_until_it_is_dropped_or_closed_and_each_new_one_is_prepared(opened: OpenLog):
    prepared: list[Connection] = []
    kept = Kept(opened.reading, prepared.append)
    assert kept.connection is None, "nobody needed it yet"
    first = kept.connected()
    assert kept.connected() is first
    kept.drop()
    second = kept.connected()
    kept.close()
    third = kept.connected()
    assert prepared == [first, second, third]
    assert answer(third) == 1
    kept.close()
    kept.close()


def test_one_that_cannot_be_prepared_is_not_kept(opened: OpenLog):
    def fail(_: Connection) -> None:
        raise ZeroDivisionError

    kept = Kept(opened.reading, fail)
    for _ in range(20):  # more than a pool has
        with pytest.raises(ZeroDivisionError):
            kept.connected()
    assert kept.connection is None


def test_one_that_the_database_has_closed_is_had_anew(shared: OpenLog):
    kept = Kept(shared.reading)
    first = kept.connected()
    shared.change(f"SELECT pg_terminate_backend(pid, 10000) {OURS}")
    assert kept.connected() is not first
    assert answer(kept.connected()) == 1
    kept.close()
