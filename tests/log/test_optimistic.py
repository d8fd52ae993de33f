"""What is sent past the locks is recorded as if there had been some, or not at all."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest
from sqlalchemy import select

from ledger.log.append import Append
from ledger.log.database import CommitLostError
from ledger.log.optimistic import Optimistic
from ledger.log.requests import AnsweredRequest, Under
from ledger.log.stream import Stream
from ledger.log.tables import SHARDS
from tests.log.opened import NOW, OpenLog, fact
from tests.log.test_writer import CUT_AT_COMMIT
from tests.places import OURS

ANSWERED: dict[Under, AnsweredRequest] = {("s3", "ann", "k"): AnsweredRequest(b"digest", "1", 1, 1)}


@pytest.fixture
def optimistic(shared: OpenLog) -> Iterator[Optimistic]:
    optimistic = Optimistic(shared.writing)
    yield optimistic
    optimistic.close()


def adding(optimistic: Optimistic, *reasons: str, partition: str = "s3", shard: int = 0, position: int = 0) -> Append:
    """An append at a head that is remembered."""
    with optimistic.asking.connection() as asking:
        append = Append(shard, position, NOW, connection=asking, now_ms=NOW + 5)
        stream = Stream(partition, asking)
    events = [fact(reason=reason) for reason in reasons]
    append.add(stream.record(events, position=position, recorded_at=append.recorded_at, actor="ann", key=None))
    return append


def is_recorded(optimistic: Optimistic, *appends: Append, answered: dict[Under, AnsweredRequest] | None = None) -> bool:
    optimistic.send(appends, answered or {})
    return optimistic.came_through()


def heads(opened: OpenLog) -> list[tuple[int, int]]:
    return opened.rows("SELECT shard, position FROM shards ORDER BY shard")


def test_what_is_sent_is_what_would_be_inserted_under_locks(shared: OpenLog, optimistic: Optimistic):
    columns = "partition, sequence, type, recorded_at, actor, key, entity, body, length(salt), length(leaf)"
    shared.now = NOW + 5
    shared.append(fact(reason="é"), fact(reason="b"), partition="s8")
    assert is_recorded(optimistic, adding(optimistic, "é", "b"))
    (locked, sent) = (
        shared.rows(f"SELECT {columns} FROM events WHERE shard = {shard} ORDER BY position") for shard in (1, 0)
    )
    assert [row[1:] for row in sent] == [row[1:] for row in locked]
    assert shared.rows("SELECT * FROM shards WHERE shard < 2 ORDER BY shard") == [(0, 2, NOW + 5), (1, 2, NOW + 5)]


def test_several_shards_and_answers_under_keys_go_in_together(shared: OpenLog, optimistic: Optimistic):
    other = adding(optimistic, "b", "c", partition="s8", shard=1)
    nothing = adding(optimistic, partition="s2", shard=2)
    assert is_recorded(optimistic, adding(optimistic, "a"), other, nothing, answered=ANSWERED)
    assert heads(shared) == [(0, 1), (1, 2), (2, 0), (3, 0)]
    assert shared.rows("SELECT partition, actor, key, digest, answer, sequence, position FROM requests") == [
        (*under, *answer) for under, answer in ANSWERED.items()
    ]
    assert is_recorded(optimistic, adding(optimistic, "d", position=1))


def moved(shared: OpenLog) -> AbstractContextManager[None]:
    shared.append(fact(1), partition="s3")
    return nullcontext()


@contextmanager
def locked(shared: OpenLog) -> Iterator[None]:
    with shared.writing.begin() as connection:
        connection.execute(select(SHARDS).where(SHARDS.c.shard == 0).with_for_update()).all()
        yield


def answered(shared: OpenLog) -> AbstractContextManager[None]:
    shared.change("INSERT INTO requests VALUES ('s3', 'ann', 'k', 'digest', '7', 7, 7)")
    return nullcontext()


@pytest.mark.parametrize("hindrance", [moved, locked, answered])
def test_nothing_is_recorded_where_one_head_is_not_as_it_was_or_a_key_was_used(
    shared: OpenLog, optimistic: Optimistic, hindrance: Any
):
    appends = [adding(optimistic, "a"), adding(optimistic, "b", partition="s8", shard=1)]
    with hindrance(shared):
        before = heads(shared), shared.rows("SELECT count(*) FROM events"), shared.rows("SELECT * FROM requests")
        assert not is_recorded(optimistic, *appends, answered=ANSWERED)
        assert before == (
            heads(shared),
            shared.rows("SELECT count(*) FROM events"),
            shared.rows("SELECT * FROM requests"),
        )
    assert is_recorded(optimistic, adding(optimistic, "b", partition="s8", shard=1)), "the next is sent as ever"


def test_who_adds_nothing_must_have_known_where_the_head_stood_as_well(shared: OpenLog, optimistic: Optimistic):
    moved(shared)
    assert not is_recorded(optimistic, adding(optimistic))
    assert is_recorded(optimistic, adding(optimistic, position=1))


def test_nothing_is_recorded_of_what_the_database_refuses(shared: OpenLog, optimistic: Optimistic):
    shared.place.refuse("poison", "the disk is full")
    assert not is_recorded(optimistic, adding(optimistic, "a", "poison"))
    assert heads(shared)[0] == (0, 0)
    assert is_recorded(optimistic, adding(optimistic, "a"))


def test_it_connects_anew_where_the_database_has_gone_away_before_it_sends(shared: OpenLog, optimistic: Optimistic):
    assert is_recorded(optimistic, adding(optimistic, "a"))
    append = adding(optimistic, "b", position=1)
    shared.change(f"SELECT pg_terminate_backend(pid, 10000) {OURS}")
    assert is_recorded(optimistic, append)
    assert heads(shared)[0] == (0, 2)


def test_of_what_is_under_way_when_it_goes_away_nobody_knows(shared: OpenLog, optimistic: Optimistic):
    shared.change(CUT_AT_COMMIT)
    optimistic.send([adding(optimistic, "poison")], {})
    with pytest.raises(CommitLostError):
        optimistic.came_through()
    assert is_recorded(optimistic, adding(optimistic, "a"))
