"""The keys at hand are those of the log: at once where this process changes them, within a second where another does."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.bootstrap import LOG_FILE
from ledger.domain.entries import Stored
from ledger.domain.keys import KEYS_PARTITION, digest_of_key
from ledger.domain.refusals import Unauthorized
from ledger.log.database import open_sqlite
from ledger.log.eventlog import EventLog
from tests.application.asking import Asking
from tests.log.opened import record_stored


def add(ask: Asking, name: str, key: str, *scopes: str) -> None:
    ask.write("ledger:addKey", name=name, sha256=digest_of_key(key), scopes=list(scopes))


def test_no_key_is_needed_until_the_first_was_added_and_ever_after(ask: Asking):
    assert not ask.ledger.keyring.is_needed()
    assert not ask.ledger.keyring.has_good_one()
    add(ask, "ann", "k", "admin")
    assert ask.ledger.keyring.is_needed()
    assert ask.ledger.keyring.has_good_one()
    ask.write("ledger:revokeKey", name="ann")
    assert ask.ledger.keyring.is_needed()
    assert not ask.ledger.keyring.has_good_one()


def test_a_key_is_good_from_its_adding_to_its_revocation(ask: Asking):
    with pytest.raises(Unauthorized):
        ask.ledger.keyring.holder("k")
    add(ask, "ann", "k", "read")
    assert ask.ledger.keyring.holder("k").name == "ann"
    ask.write("ledger:revokeKey", name="ann")
    with pytest.raises(Unauthorized):
        ask.ledger.keyring.holder("k")


@pytest.mark.parametrize("shown", ["", "K", "k ", "kk", digest_of_key("k"), "é", "\x00"])
def test_what_is_nearly_a_key_is_none(ask: Asking, shown: str):
    add(ask, "ann", "k", "read")
    with pytest.raises(Unauthorized):
        ask.ledger.keyring.holder(shown)


def test_a_digest_that_only_begins_like_a_keys_is_none(ask: Asking, monkeypatch: pytest.MonkeyPatch):
    add(ask, "ann", "k", "read")
    ask.ledger.keyring.holder("k")
    begins_alike = digest_of_key("k")[:-1] + "x"
    monkeypatch.setattr("ledger.application.keyring.digest_of_key", lambda _: begins_alike)
    with pytest.raises(Unauthorized):
        ask.ledger.keyring.holder("k")


def test_where_the_log_cannot_be_read_nobody_is_let_in(embedded_ask: Asking, tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / LOG_FILE)) as other:
        other.execute("ALTER TABLE events RENAME TO lost")
        for _ in range(2):
            with pytest.raises(sqlite3.OperationalError):
                embedded_ask.ledger.keyring.is_needed()
            with pytest.raises(sqlite3.OperationalError):
                embedded_ask.ledger.keyring.holder("k")
        other.execute("ALTER TABLE lost RENAME TO events")
    assert not embedded_ask.ledger.keyring.is_needed()


def is_good(ask: Asking, key: str) -> bool:
    try:
        ask.ledger.keyring.holder(key)
    except Unauthorized:
        return False
    return True


def test_what_another_process_revokes_is_refused_within_a_second(
    embedded_ask: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    now = 0.0
    monkeypatch.setattr("ledger.application.keyring.monotonic", lambda: now)
    add(embedded_ask, "ann", "k", "read")
    assert is_good(embedded_ask, "k")
    writing, reading = (open_sqlite(tmp_path / LOG_FILE, durability="FULL", writing=it) for it in (True, False))
    other = EventLog(writing=writing, reading=reading, clock=lambda: 0)
    record_stored(other, KEYS_PARTITION, Stored("key-revoked.1", '{"name":"ann"}'))
    assert is_good(embedded_ask, "k"), "it is not looked at again for every request"
    now += 0.99
    assert not is_good(embedded_ask, "k")
    other.close()
    reading.dispose()
    writing.dispose()
