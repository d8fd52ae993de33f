"""The tables of a ledger are opened where there is one, and by one process where they are to be copied to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.bootstrap import NoLedgerError, open_database, open_for_writing
from ledger.domain.vocabulary import Vocabulary
from ledger.log.database import has_tables
from ledger.log.lockfile import LedgerInUseError
from ledger.log.others import DatabaseInUseError
from ledger.log.tables import EPOCHS
from ledger.openings import log_to_copy_to, openings, restored_database
from tests.postgres import empty_database


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as empty:
        yield empty


def test_what_is_opened_is_only_looked_at(tmp_path: Path, url: str):
    with pytest.raises(NoLedgerError):
        openings(tmp_path)
    with pytest.raises(NoLedgerError):
        openings(url)
    with open_for_writing(tmp_path, Vocabulary()), open_database(url, Vocabulary(), shards=2):
        pass
    for at, shards in ((tmp_path, 1), (url, 2)):
        for opened in openings(at):
            engine = opened()
            assert has_tables(engine)
            engine.dispose()
        engine = openings(at).log()
        with engine.begin() as connection:
            assert connection.execute(select(EPOCHS.c.shards)).scalars().all() == [shards]
            with pytest.raises(Exception, match=r"read-?only"):
                connection.exec_driver_sql("DELETE FROM epochs")
        engine.dispose()


@pytest.mark.long
def test_nobody_else_has_open_what_is_copied_to(tmp_path: Path, url: str):
    with log_to_copy_to(tmp_path), pytest.raises(LedgerInUseError), open_for_writing(tmp_path, Vocabulary()):
        pass
    with open_database(url, Vocabulary(), shards=1), pytest.raises(DatabaseInUseError), log_to_copy_to(url):
        pass


def test_a_place_without_a_ledger_was_not_restored(url: str):
    with pytest.raises(NoLedgerError):
        restored_database(url)
