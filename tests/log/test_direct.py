"""A statement run straight on the driver does what it does by way of Core, in the same transaction."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, bindparam, insert, select

from ledger.log.database import open_sqlite
from ledger.log.direct import Direct, Prepared
from ledger.log.sole import SoleConnection
from ledger.log.tables import METADATA, SHARDS

ADD = Direct(insert(SHARDS).values(shard=bindparam("n"), position=bindparam("at"), recorded_at=bindparam("ms")))
FIRST = Direct(select(SHARDS.c.shard, SHARDS.c.position).where(SHARDS.c.position > bindparam("after")).limit(1))


@pytest.fixture
def sole(tmp_path: Path):
    engine = open_sqlite(tmp_path / "some.sqlite", durability="FULL", writing=True)
    METADATA.create_all(engine)
    connection = SoleConnection(engine)
    yield connection
    connection.close()
    engine.dispose()


def test_values_go_by_name_whatever_their_order(sole: SoleConnection):
    with sole.transaction() as connection:
        ADD.run(connection, ms=3, at=2, n=1)
        assert connection.execute(select(SHARDS)).all() == [(1, 2, 3)]


def test_a_constant_of_the_statement_needs_no_value(sole: SoleConnection):
    with sole.transaction() as connection:
        for n in (1, 2):
            ADD.run(connection, n=n, at=n * 10, ms=0)
        assert FIRST.rows(connection, after=10) == [(2, 20)]


def test_what_core_and_the_driver_did_is_committed_together_or_not_at_all(sole: SoleConnection):
    def add_both_and_fail() -> None:
        with sole.transaction() as connection:
            ADD.run(connection, n=1, at=1, ms=1)
            connection.execute(insert(SHARDS).values(shard=2, position=2, recorded_at=2))
            raise LookupError

    with pytest.raises(LookupError):
        add_both_and_fail()
    with sole.transaction() as connection:
        assert connection.execute(select(SHARDS)).all() == []
        connection.execute(insert(SHARDS).values(shard=2, position=2, recorded_at=2))
        ADD.run(connection, n=1, at=1, ms=1)
    with sole.transaction() as connection:
        assert len(connection.execute(select(SHARDS)).all()) == 2


def test_a_transaction_holds_the_lock_from_its_beginning(sole: SoleConnection, tmp_path: Path):
    other = open_sqlite(tmp_path / "some.sqlite", durability="FULL", writing=True)
    try:
        with sole.transaction(), other.connect() as second:
            second.connection.driver_connection.execute("PRAGMA busy_timeout = 0")  # type: ignore[union-attr]
            with pytest.raises(Exception, match="locked"):
                second.begin()
    finally:
        other.dispose()


put_together: list[set[str]] = []


def _positions(
    *, after: int | None = None, before: int | None = None, newest_first: bool = False, limit: int
) -> Select[Any]:
    c = SHARDS.c
    question = select(c.position)
    put_together.append({name for name, value in (("after", after), ("before", before)) if value is not None})
    if after is not None:
        question = question.where(c.position > after)
    if before is not None:
        question = question.where(c.position < before)
    return question.order_by(c.position.desc() if newest_first else c.position).limit(limit)


places = st.none() | st.integers(0, 90)
asked = st.fixed_dictionaries(
    {"after": places, "before": places, "newest_first": st.booleans(), "limit": st.integers(0, 12)}
)


@settings(max_examples=20)
@given(st.lists(asked, min_size=5, max_size=20))
def test_a_prepared_question_answers_as_one_that_is_put_together_anew(
    tmp_path_factory: pytest.TempPathFactory, asks: Any
):
    engine = open_sqlite(tmp_path_factory.mktemp("some") / "some.sqlite", durability="NORMAL", writing=True)
    prepared = Prepared(_positions)
    with engine.begin() as connection:
        METADATA.create_all(connection)
        for n in range(9):
            ADD.run(connection, n=n, at=n * 10, ms=0)
        for one in asks:
            found = [position for (position,) in prepared.run(connection, **one)]
            assert found == list(connection.execute(_positions(**one)).scalars())
    engine.dispose()


def test_a_prepared_question_is_put_together_once_for_what_is_asked(sole: SoleConnection):
    prepared = Prepared(_positions)
    put_together.clear()
    with sole.transaction() as connection:
        for after, before in ((1, None), (2, None), (3, 4), (5, 6), (7, None)):
            prepared.run(connection, after=after, before=before, limit=5)
    assert put_together == [{"after"}, {"after", "before"}]
