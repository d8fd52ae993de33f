"""What is verified of a folder is verified of a PostgreSQL database: every column in turn, with shards that hold nothing yet."""

from collections.abc import Iterator

import pytest

from ledger.application.functions import Caller
from ledger.application.verify import Verification, verify
from ledger.bootstrap import open_database
from ledger.domain.proofs import KeptHead, kept_heads
from ledger.domain.vocabulary import Vocabulary
from ledger.openings import openings_of_database
from tests.application.asking import Asking
from tests.places import Database
from tests.postgres import empty_database

CUTS = 40


class Sharded:
    """A ledger of two sessions in a database of four shards, its tables open to anybody."""

    def __init__(self, url: str) -> None:
        self.url, self.place = url, Database(url)
        with open_database(url, Vocabulary(), shards=4) as ledger:
            ask = Asking(ledger)
            self.sessions = [ask.start(title=title) for title in ("one", "two")]
            for session_id in self.sessions:
                camera = {"cameraId": "cam", "sourceType": "iphone", "role": "hero", "priorityWeight": 1}
                ask.write("upsertProductionCamera", sessionId=session_id, isActive=True, **camera)
                events = [{"timestampMs": at, "eventType": "cut", "reason": "first"} for at in range(CUTS)]
                ask.written("appendDirectorEventsBatch", caller=Caller("ann", "k"), sessionId=session_id, events=events)
                ask.read("getProductionTimeline", sessionId=session_id)
            self.shard = ledger.log.shard_of(self.sessions[0])
            self.heads = kept_heads(ask.answered("ledger:getHead").json.encode())

    def verified(self, *heads: KeptHead) -> Verification:
        log, views = openings_of_database(self.url)
        return verify(log, views, {"kept": heads} if heads else None)

    def found(self, change: str) -> list[str]:
        """What is wrong once the log was changed at one place, which is mended again."""
        at = f"shard = {self.shard} AND position = 20"
        kept = "CREATE TABLE kept AS SELECT * FROM events; "
        self.place.change(f"{kept} UPDATE events SET {change} WHERE {at}")
        faults = [str(fault) for fault in self.verified(*self.heads).faults]
        self.place.change("DELETE FROM events; INSERT INTO events SELECT * FROM kept; DROP TABLE kept")
        return faults


@pytest.fixture(scope="module")
def sharded() -> Iterator[Sharded]:
    with empty_database() as url:
        yield Sharded(url)


def test_a_database_that_nobody_touched_is_sound(sharded: Sharded):
    found = sharded.verified(*sharded.heads)
    assert found.faults == []
    assert (found.entries, found.sessions) == (2 * (CUTS + 2), 2)
    assert {check.name: check.told for check in found.checks}["trees"].endswith("tiles")


COLUMNS = {
    "shard": "shard = 5",
    "position": "position = 1000",
    "partition": "partition = 's0other'",
    "sequence": "sequence = 1000",
    "type": "type = 'music-moment-recorded.1'",
    "recorded_at": "recorded_at = recorded_at + 1",
    "actor": "actor = 'mallory'",
    "key": "key = 'other'",
    "entity": "entity = 'camera:cam'",
    "salt": "salt = decode(repeat('00', 16), 'hex')",
    "body": "body = replace(body, 'first', 'worst')",
    "leaf": "leaf = decode(repeat('00', 32), 'hex')",
}


BRIEFLY = ("shard", "position", "salt", "body")


@pytest.mark.parametrize(
    "change",
    [pytest.param(COLUMNS[name], id=name, marks=() if name in BRIEFLY else pytest.mark.long) for name in COLUMNS],
)
def test_a_change_of_any_column_is_found(sharded: Sharded, change: str):
    assert sharded.found(change)
    assert sharded.verified(*sharded.heads).is_sound, "it was mended again"


def test_an_entry_that_was_removed_is_missed(sharded: Sharded):
    sharded.place.change(
        f"CREATE TABLE kept AS SELECT * FROM events WHERE shard = {sharded.shard} AND position = 42;"
        f" DELETE FROM events WHERE shard = {sharded.shard} AND position = 42"
    )
    assert "position 42 is missing" in str(sharded.verified().faults[0])
    sharded.place.change("INSERT INTO events SELECT * FROM kept; DROP TABLE kept")


def test_an_answer_that_cannot_be_given_again_is_named(sharded: Sharded):
    sharded.place.change("UPDATE requests SET answer = answer || '{'")
    faults = sharded.verified().faults
    sharded.place.change("UPDATE requests SET answer = rtrim(answer, '{')")
    assert [fault.column for fault in faults] == ["requests", "requests"]
    assert sharded.verified().is_sound


def test_an_index_that_is_gone_is_missed(sharded: Sharded):
    sharded.place.change("ALTER TABLE events RENAME CONSTRAINT events_partition_sequence_key TO kept")
    assert sharded.verified().is_sound, "whatever it is called"
    sharded.place.change("ALTER TABLE events DROP CONSTRAINT kept")
    assert [str(fault) for fault in sharded.verified().faults] == [
        "the index of events (partition, sequence) is gone, or is not valid"
    ]
    sharded.place.change("ALTER TABLE events ADD CONSTRAINT events_partition_sequence_key UNIQUE (partition, sequence)")


@pytest.mark.long
def test_other_processes_find_what_this_one_finds(sharded: Sharded):
    log, views = openings_of_database(sharded.url)
    assert verify(log, views, {"kept": sharded.heads}, processes=2) == sharded.verified(*sharded.heads)
