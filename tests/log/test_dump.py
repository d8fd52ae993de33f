"""A dump becomes a database that holds the same, by PostgreSQL's own tools; whatever they say against it is told."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.log.backup import BackupError
from ledger.log.dump import dump, load, scratch_database
from tests.log.opened import OpenLog, fact
from tests.places import Database
from tests.postgres import empty_database

CONTENT = "SELECT * FROM events ORDER BY shard, position"

pytestmark = pytest.mark.skipif(shutil.which("pg_dump") is None, reason="there is no pg_dump here")


@pytest.fixture
def database() -> Iterator[Database]:
    with empty_database() as url:
        yield Database(url)


def test_a_dump_becomes_the_same_log_in_a_database_that_is_gone_afterwards(database: Database, tmp_path: Path):
    log = OpenLog(database)
    log.append(fact(1), fact(2, reason="é"), key="k")
    assert dump(database.url, "ledger", tmp_path / "dump") == (tmp_path / "dump").stat().st_size > 0
    log.append(fact(3))
    with scratch_database(database.url) as url:
        load(tmp_path / "dump", url)
        assert Database(url).rows(CONTENT) == database.rows(CONTENT)[:2]
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        Database(url).rows("SELECT 1")
    log.close()


def test_what_the_tools_say_against_it_is_told(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(BackupError, match=r"pg_dump: .*no matching schemas"):
        dump(database.url, "none", tmp_path / "dump")
    (tmp_path / "dump").write_bytes(b"no dump")
    with pytest.raises(BackupError, match=r"pg_restore: .*archive"):
        load(tmp_path / "dump", database.url)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="there is no pg_dump here"):
        dump(database.url, "ledger", tmp_path / "dump")


def test_a_password_is_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Other users of the machine can see the arguments of a command, and not its environment."""
    told = tmp_path / "told"
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$PGPASSWORD $@" > {told}\ntouch {tmp_path}/dump\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    dump("postgresql+psycopg://ledger:secret@db.example/shoots", "ledger", tmp_path / "dump")
    password, _, arguments = told.read_text().strip().partition(" ")
    assert password == "secret"
    assert "secret" not in arguments
    assert arguments.endswith("--dbname=postgresql://ledger@db.example/shoots")
