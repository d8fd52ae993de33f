"""A ledger is opened by one writer and any number of lookers-on, and closed so that nothing of it is held any longer."""

import sqlite3
import time
from pathlib import Path

import pytest

from ledger.bootstrap import (
    LOG_FILE,
    VIEWS_FILE,
    NoLedgerError,
    now_ms,
    open_for_following,
    open_for_reading,
    open_for_writing,
)
from ledger.domain.vocabulary import Vocabulary
from ledger.log.lockfile import LedgerInUseError
from ledger.log.requests import LogUnavailableError
from tests.application.asking import Asking

VOCABULARY = Vocabulary()


@pytest.fixture
def session_id(tmp_path: Path) -> str:
    """A session of a ledger that was closed again."""
    with open_for_writing(tmp_path, VOCABULARY) as ledger:
        return Asking(ledger).start()


def test_the_clock_is_in_milliseconds():
    assert abs(now_ms() - time.time() * 1000) < 5_000


def test_a_folder_is_made_where_there_is_none(tmp_path: Path):
    with open_for_writing(tmp_path / "a" / "b", VOCABULARY) as ledger:
        assert ledger.log.heads() == [0]
    assert (tmp_path / "a" / "b" / LOG_FILE).exists()


def test_only_one_writes_and_the_next_may_when_it_has_closed(tmp_path: Path):
    with (
        open_for_writing(tmp_path, VOCABULARY, url="http://stage:8000"),
        pytest.raises(LedgerInUseError, match="http://stage:8000"),
        open_for_writing(tmp_path, VOCABULARY),
    ):
        pass
    with open_for_writing(tmp_path, VOCABULARY):
        pass


def test_what_fails_inside_lets_go_of_the_ledger(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), open_for_writing(tmp_path, VOCABULARY):
        raise ZeroDivisionError
    with open_for_writing(tmp_path, VOCABULARY):
        pass


def test_a_closed_ledger_takes_nothing_and_leaves_whole_files(tmp_path: Path):
    with open_for_writing(tmp_path, VOCABULARY) as ledger:
        ask = Asking(ledger)
        ask.start()
    with pytest.raises(LogUnavailableError):
        ask.start()
    assert not list(tmp_path.glob("*-wal"))
    for name in (LOG_FILE, VIEWS_FILE):
        connection = sqlite3.connect(tmp_path / name)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


@pytest.mark.parametrize("opening", [open_for_reading, open_for_following])
def test_to_look_makes_no_ledger(tmp_path: Path, opening):
    with pytest.raises(NoLedgerError, match="there is no ledger in"), opening(tmp_path, VOCABULARY):
        pass
    assert list(tmp_path.iterdir()) == []


def test_reading_builds_the_views_that_are_missing(tmp_path: Path, session_id: str):
    (tmp_path / VIEWS_FILE).unlink()
    with open_for_reading(tmp_path, VOCABULARY) as ledger:
        assert ledger.views.is_built_here
        assert Asking(ledger).read("getProductionSession", sessionId=session_id)["_id"] == session_id


def test_reading_beside_a_writer_shows_what_the_writer_builds(tmp_path: Path, session_id: str):
    with open_for_writing(tmp_path, VOCABULARY) as writing, open_for_reading(tmp_path, VOCABULARY) as reading:
        assert not reading.views.is_built_here
        event_id = Asking(writing).cut(session_id, 1)
        (shown,) = Asking(reading).read("exportProductionEventPage", sessionId=session_id)["page"]
        assert shown["_id"] == event_id


def test_a_follower_keeps_nobody_from_writing(tmp_path: Path, session_id: str):
    with open_for_following(tmp_path, VOCABULARY) as following, open_for_writing(tmp_path, VOCABULARY) as writing:
        Asking(writing).cut(session_id, 1)
        assert following.log.heads() == [2]
