"""A connection for questions: each sees what is committed by then, and one that was lost is had anew."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import OperationalError
from sqlalchemy import func, select

from ledger.log.asking import Asking
from ledger.log.direct import Direct
from ledger.log.tables import EVENTS
from tests.log.opened import OpenLog, fact
from tests.places import OURS

COUNT = Direct(select(func.count()).select_from(EVENTS))


def count(asking: Asking) -> int:
    with asking.connection() as connection:
        ((found,),) = COUNT.rows(connection)
        return int(found)


def test_every_question_sees_what_is_committed_when_it_is_asked(opened: OpenLog):
    asking = Asking(opened.reading)
    with asking.connection() as connection:
        before = COUNT.rows(connection)
        opened.append(fact(1))
        assert [before, COUNT.rows(connection)] == [[(0,)], [(1,)]], "there is no transaction"
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(count, [asking] * 100)) == [1] * 100
    opened.reading.dispose()
    assert count(asking) == 1, "it is had anew when it is needed"


def test_one_who_does_not_like_the_answer_loses_no_connection(opened: OpenLog):
    asking = Asking(opened.reading)
    with pytest.raises(ZeroDivisionError), asking.connection() as before:
        raise ZeroDivisionError
    with asking.connection() as after:
        assert after is before


def test_a_connection_that_the_database_has_closed_is_had_anew(shared: OpenLog):
    asking = Asking(shared.reading)
    assert count(asking) == 0
    shared.change(f"SELECT pg_terminate_backend(pid, 10000) {OURS}")
    assert count(asking) == 0


def test_one_that_is_lost_while_it_is_asked_is_had_anew_for_the_next(shared: OpenLog):
    asking = Asking(shared.reading)

    def interrupted() -> None:
        with asking.connection() as connection:
            shared.change(f"SELECT pg_terminate_backend(pid, 10000) {OURS}")
            COUNT.rows(connection)

    with pytest.raises(OperationalError, match="terminating"):
        interrupted()
    assert count(asking) == 0
