"""Who changes all of a database is told where others have it open, and waits for those who are leaving."""

from threading import Timer

import pytest
from sqlalchemy import Connection

from ledger.log.others import DatabaseInUseError, require_alone
from tests.log.opened import OpenLog


@pytest.fixture
def asking(shared: OpenLog) -> Connection:
    """Of a database that nobody else has open."""
    shared.log.close()
    shared.reading.dispose()
    shared.writing.dispose()
    return shared.writing.connect()


def test_nobody_is_in_the_way_of_one_who_is_alone(asking: Connection):
    require_alone(asking)
    asking.close()


def test_who_has_it_open_is_counted(shared: OpenLog, asking: Connection):
    with (
        shared.reading.connect(),
        shared.reading.connect(),
        pytest.raises(DatabaseInUseError, match="2 connections open"),
    ):
        require_alone(asking)
    asking.close()


def test_one_who_is_leaving_is_waited_for(shared: OpenLog, asking: Connection):
    with shared.reading.connect():
        leaving = Timer(0.2, shared.reading.pool.dispose)
    leaving.start()
    require_alone(asking)
    leaving.join()
    asking.close()
