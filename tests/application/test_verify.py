"""Whoever touches the log is found out: every column in turn, and with a kept head also whoever covers the traces."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.application.functions import Caller
from ledger.application.verify import verify
from ledger.bootstrap import open_for_writing
from ledger.domain.vocabulary import Vocabulary
from ledger.log.merkle import root_of
from ledger.log.scan import Fault
from tests.application.asking import Asking
from tests.application.touched import Touched, close_the_gaps, insert_at_the_end, swap


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Touched:
    return Touched(tmp_path_factory.mktemp("original"))


@pytest.fixture
def ledger(original: Touched, tmp_path: Path) -> Touched:
    """A copy for this test to tamper with."""
    return original.copied(tmp_path)


def test_what_nobody_touched_is_sound(ledger: Touched):
    found = ledger.verified(ledger.head())
    assert (found.is_sound, found.faults) == (True, [])
    assert (found.entries, found.sessions) == (ledger.size, 2) == (316, 2)
    assert [check.name for check in found.checks] == [
        "file",
        "entries",
        "requests",
        "imported sessions",
        "trees",
        "head kept",
    ]


COLUMNS = {
    "shard": "UPDATE events SET shard = 1 WHERE position = 100",
    "position": "UPDATE events SET position = 1000 WHERE position = 100",
    "partition": "UPDATE events SET partition = 's0other' WHERE position = 100",
    "sequence": "UPDATE events SET sequence = 1000 WHERE position = 100",
    "type": "UPDATE events SET type = 'music-moment-recorded.1' WHERE position = 100",
    "type, to one unknown": "UPDATE events SET type = 'nothing.1' WHERE position = 100",
    "recorded_at": "UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 100",
    "recorded_at, backwards": "UPDATE events SET recorded_at = 1 WHERE position = 100",
    "recorded_at, of the last": "UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 316",
    "actor": "UPDATE events SET actor = 'mallory' WHERE position = 100",
    "key": "UPDATE events SET key = 'k' WHERE position = 100",
    "key, to an empty one": "UPDATE events SET key = '' WHERE position = 100",
    "entity": "UPDATE events SET entity = 'camera:cam' WHERE position = 100",
    "entity, to none": "UPDATE events SET entity = NULL WHERE position = 3",
    "entity, to another": "UPDATE events SET entity = 'camera:other' WHERE position = 3",
    "salt": "UPDATE events SET salt = zeroblob(16) WHERE position = 100",
    "salt, shorter": "UPDATE events SET salt = substr(salt, 1, 15) WHERE position = 100",
    "body": "UPDATE events SET body = replace(body, 'first', 'worst') WHERE position = 100",
    "body, in its spelling": "UPDATE events SET body = body || ' ' WHERE position = 100",
    "body, no JSON": "UPDATE events SET body = '{' WHERE position = 100",
    "leaf": "UPDATE events SET leaf = zeroblob(32) WHERE position = 100",
}


@pytest.mark.parametrize("change", COLUMNS.values(), ids=COLUMNS.keys())
def test_a_change_of_any_column_is_found(ledger: Touched, change: str):
    ledger.change(change)
    assert ledger.faults()


BRIEFLY = {"position", "partition", "type", "recorded_at", "actor", "entity", "body", "salt"}
"""What is covered up in the quick suite."""


# A changed leaf that is computed anew is the true one again: there is nothing left to find.
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(COLUMNS[name], id=name, marks=() if name in BRIEFLY else pytest.mark.long)
        for name in COLUMNS
        if name != "leaf"
    ],
)
def test_a_change_of_any_column_is_found_where_the_traces_were_covered(ledger: Touched, change: str):
    """Leaves, heads and trees fit what is stored again: only what somebody kept elsewhere does not, or what the event says."""
    head = ledger.head()
    ledger.change(change)
    ledger.cover_up()
    assert ledger.faults(head)


TYPES = {
    "body as bytes": "UPDATE events SET body = CAST(body AS BLOB) WHERE position = 100",
    "salt as text": "UPDATE events SET salt = '0123456789abcdef' WHERE position = 100",
    "leaf as text": "UPDATE events SET leaf = 'x' WHERE position = 100",
    "actor as bytes": "UPDATE events SET actor = CAST(actor AS BLOB) WHERE position = 100",
    "entity as bytes": "UPDATE events SET entity = CAST(entity AS BLOB) WHERE position = 3",
    "time as text": "UPDATE events SET recorded_at = 'noon' WHERE position = 100",
    "sequence as text": "UPDATE events SET sequence = 'x' WHERE position = 100",
    "partition as bytes": "UPDATE events SET partition = CAST(partition AS BLOB) WHERE position = 100",
    "type as bytes": "UPDATE events SET type = CAST(type AS BLOB) WHERE position = 100",
    "position as a fraction": "UPDATE events SET position = 100.5 WHERE position = 100",
}


@pytest.mark.parametrize("change", TYPES.values(), ids=TYPES.keys())
def test_a_value_of_another_type_is_found(ledger: Touched, change: str):
    ledger.change(change)
    assert ledger.faults()


REMOVED = {
    "from the middle": ["DELETE FROM events WHERE position = 100"],
    "from the end": ["DELETE FROM events WHERE position = 316"],
    "from the end, and the head moved": [
        "DELETE FROM events WHERE position > 310",
        "UPDATE shards SET position = 310, recorded_at = (SELECT max(recorded_at) FROM events)",
    ],
    "a whole session": ["DELETE FROM events WHERE partition = (SELECT partition FROM events WHERE position = 2)"],
    "all": ["DELETE FROM events", "UPDATE shards SET position = 0, recorded_at = 0"],
}


@pytest.mark.parametrize("statements", REMOVED.values(), ids=REMOVED.keys())
def test_what_was_removed_is_missed(ledger: Touched, statements: list[str]):
    head = ledger.head()
    ledger.change(*statements)
    assert ledger.faults()
    close_the_gaps(ledger)
    assert ledger.faults(), "the shard's tree is another"
    ledger.views.unlink()
    assert ledger.faults(head)


def test_two_entries_of_different_sessions_that_changed_places_are_found(ledger: Touched):
    """Neither session is the worse for it, and no row by itself shows it: only the shard's tree does."""
    head = ledger.head()
    at = ledger.rows("SELECT position FROM events WHERE partition = ? AND sequence = 8", ledger.second)[0][0]
    swap(ledger, "position", at, at + 1)
    assert any("the tree over the positions" in fault.rule for fault in ledger.faults())
    ledger.views.unlink()
    assert any("another history" in fault.rule for fault in ledger.faults(head))


@pytest.mark.parametrize("columns", ["body salt leaf", "body", "leaf", "sequence", "salt"])
def test_what_two_entries_of_a_session_exchanged_is_found(ledger: Touched, columns: str):
    swap(ledger, columns, 100, 101)
    assert ledger.faults()


def test_an_entry_that_nobody_recorded_is_found_wherever_it_was_put(ledger: Touched):
    insert_at_the_end(ledger, 317, 304)
    assert "ends at position 316" in ledger.faults()[0].rule
    ledger.change("UPDATE shards SET position = 317", "UPDATE events SET position = -position WHERE position > 100")
    ledger.change("UPDATE events SET position = 101 WHERE position = -317")
    ledger.change("UPDATE events SET position = 1 - position WHERE position < 0")
    assert ledger.faults()


@pytest.mark.long
def test_other_processes_find_what_this_one_finds(ledger: Touched):
    ledger.change("UPDATE events SET entity = 'x' WHERE position = 120")
    by_two = verify(ledger.log, ledger.views, {"kept": [ledger.head()]}, processes=2)
    assert by_two == ledger.verified(ledger.head())
    assert len(by_two.faults) == 1


def test_the_first_wrong_place_is_named(ledger: Touched):
    for position in (250, 120, 200):
        ledger.change(f"UPDATE events SET entity = 'x' WHERE position = {position}")
    ((sequence, session_id),) = ledger.rows("SELECT sequence, partition FROM events WHERE position = 120")
    assert ledger.faults()[0] == Fault("the event is not about 'x'", "entity", 0, 120, session_id, sequence)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tiles SET root = zeroblob(32) WHERE number = 0 AND tree LIKE 'shard:%'",
        "UPDATE tiles SET root = zeroblob(32) WHERE number = 0 AND tree NOT LIKE 'shard:%'",
        "DELETE FROM tiles WHERE tree LIKE 'shard:%'",
        "INSERT INTO tiles VALUES ('shard:0', 1, 7, zeroblob(32))",
        "UPDATE edges SET hashes = zeroblob(length(hashes))",
    ],
)
def test_stored_trees_that_are_not_those_of_the_entries_are_found(ledger: Touched, statement: str):
    ledger.change(statement, file=ledger.views)
    assert ledger.faults()


def test_a_shards_head_that_is_not_its_last_entrys_is_found(ledger: Touched):
    ledger.change("UPDATE shards SET recorded_at = recorded_at + 1")
    assert [fault.column for fault in ledger.faults()] == ["recorded_at"]
    ledger.change("UPDATE shards SET recorded_at = recorded_at - 1, position = 317")
    assert [fault.position for fault in ledger.faults()] == [317]


def test_a_damaged_file_is_found(ledger: Touched):
    bytes_of = bytearray(ledger.log.read_bytes())
    ((page,),) = ledger.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'events_of_entity'")
    bytes_of[(page - 1) * 4096 + 8 : (page - 1) * 4096 + 200] = bytes(192)
    ledger.log.write_bytes(bytes_of)
    assert any(check.faults for check in ledger.verified().checks if check.name == "file")


def test_a_kept_head_stays_true_while_the_ledger_grows(ledger: Touched):
    head = ledger.head()
    with open_for_writing(ledger.log.parent, Vocabulary()) as opened:
        for at in range(5):
            Asking(opened).cut(ledger.first, at)
    assert ledger.faults(head, ledger.head()) == []
    assert ledger.verified(head).entries == 321


@pytest.mark.parametrize("changed", [{"root": bytes(32)}, {"size": 315}, {"size": 400}, {"session_id": "s0none"}])
def test_a_head_that_was_never_the_ledgers_is_refused(ledger: Touched, changed: dict[str, Any]):
    assert ledger.faults(ledger.head()._replace(**changed))


def test_a_sessions_head_is_checked_at_its_sequence(ledger: Touched):
    leaves = [leaf for (leaf,) in ledger.rows("SELECT leaf FROM events WHERE partition = ?", ledger.first)]
    heads = [ledger.head()._replace(session_id=ledger.first, size=n, root=root_of(leaves[:n])) for n in (1, 100, 303)]
    assert ledger.faults(*heads) == []
    assert ledger.faults(*heads, heads[1]._replace(size=101))
    ledger.change("UPDATE events SET actor = 'mallory' WHERE position = 200")
    ledger.cover_up()
    assert [fault.partition for fault in ledger.faults(*heads)] == [ledger.first]


def test_answers_kept_for_a_place_that_is_not_theirs_are_found(ledger: Touched):
    with open_for_writing(ledger.log.parent, Vocabulary()) as opened:
        ask = Asking(opened)
        ask.written(
            "appendDirectorEvent", caller=Caller("ann", "k"), sessionId=ledger.first, timestampMs=1, eventType="cut"
        )
    assert ledger.faults() == []
    for change in (
        "position = 3",
        "sequence = 1",
        "sequence = 900",
        "partition = 'x'",
        "answer = '{'",
    ):
        before = ledger.rows("SELECT partition, digest, answer, sequence, position FROM requests")[0]
        ledger.change(f"UPDATE requests SET {change}")
        assert [fault.column for fault in ledger.faults()] == ["requests"], change
        with closing(sqlite3.connect(ledger.log)) as connection, connection:
            connection.execute(
                "UPDATE requests SET partition = ?, digest = ?, answer = ?, sequence = ?, position = ?", before
            )


def test_without_views_it_says_that_there_are_no_trees(ledger: Touched):
    ledger.views.unlink()
    found = ledger.verified()
    assert found.is_sound
    assert any("none are stored" in check.told for check in found.checks)
