"""SQLite does not notice that it is watched, and nothing that it writes goes unseen."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from tests.guarantees.disk import FakeDisk, Note, Trouble, power_cut
from tests.guarantees.interception import FULL, intercepting, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


def _write(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 5")
        connection.execute("CREATE TABLE t (a)")
        for number in range(50):
            connection.execute("INSERT INTO t VALUES (?)", (f"{number}" * 500,))
        connection.execute("DELETE FROM t WHERE rowid % 2")
        connection.execute("VACUUM")


def test_the_notes_amount_to_the_files_that_are_really_there(tmp_path: Path):
    disk = FakeDisk(Random(1))
    with intercepting(disk):
        _write(tmp_path / "a.sqlite")
    _write(tmp_path / "b.sqlite")
    left = tmp_path / "left"
    left.mkdir()
    power_cut([*disk.notes, Note("synced", "a.sqlite"), Note("folder synced")], Random(1), left)
    assert [file.name for file in left.iterdir()] == ["a.sqlite"], "the rest was deleted at the end"
    assert (left / "a.sqlite").read_bytes() == (tmp_path / "a.sqlite").read_bytes()
    assert (left / "a.sqlite").stat().st_size == (tmp_path / "b.sqlite").stat().st_size
    assert all(note.file.startswith("a.sqlite") for note in disk.notes), "what is opened outside is not watched"


def test_a_write_that_is_refused_fails_in_sqlites_own_words(tmp_path: Path):
    disk = FakeDisk(Random(1))
    with intercepting(disk), closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
        connection.execute("CREATE TABLE t (a)")
        disk.trouble([Trouble("a.sqlite-journal", FULL, first=1, last=1)])
        with pytest.raises(sqlite3.OperationalError, match="database or disk is full"):
            connection.execute("CREATE TABLE u (a)")
        connection.execute("CREATE TABLE v (a)")
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("t",), ("v",)]
