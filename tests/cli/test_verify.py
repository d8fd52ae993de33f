"""``ledger verify``: one table, and an exit status that says whether anything was touched."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.bootstrap import open_for_writing
from ledger.domain.vocabulary import Vocabulary
from ledger.storage.folder import place_of
from tests.application.asking import Asking
from tests.application.test_files import HELLO, bring, token_of
from tests.cli.terminal import Studio, done, run


@pytest.fixture
def touched(studio: Studio, tmp_path: Path) -> Path:
    """A copy of the studio's log in which somebody has changed an actor's name."""
    done("backup", tmp_path / "backup", "--data", studio.directory)
    with closing(sqlite3.connect(tmp_path / "backup" / "log.sqlite")) as log, log:
        log.execute("UPDATE events SET actor = 'mallory' WHERE position = 5")
    return tmp_path / "backup"


def test_a_ledger_is_verified_while_a_server_has_it_open(studio: Studio):
    said = done("verify", "--data", studio.directory)
    assert "nothing was touched" in said.out
    assert said.err == ""
    told = done("verify", "--json", "--data", studio.directory).answer
    assert (told["sound"], told["sessions"], told["faults"]) == (True, 2, [])
    assert {check["check"] for check in told["checks"]} >= {"file", "entries", "requests", "trees"}


def test_stored_files_are_hashed_as_well_where_that_is_asked_for(tmp_path: Path):
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        storage_id = bring(ledger.files, token_of(Asking(ledger)))
    assert "1, 5 bytes" in done("verify", "--files", "--data", tmp_path).out
    said = done("backup", tmp_path / "backup", "--data", tmp_path)
    assert "the bytes of stored files (1) are not in it" in said.err.replace("\n", " ")
    place_of(tmp_path / "files", sha256(HELLO).hexdigest()).unlink()
    assert "nothing was touched" in done("verify", "--data", tmp_path).out
    said = run("verify", "--files", "--data", tmp_path)
    assert said.status == 1
    assert f"file {storage_id}: its bytes are missing" in said.err


def test_the_first_wrong_entry_is_named(touched: Path, studio: Studio):
    said = run("verify", "--data", touched)
    assert said.status == 1
    assert "1 wrong" in said.out
    assert f"first wrong: session {studio.finished}, sequence 5, position 5: the leaf hash is not" in said.err
    told = run("verify", "--json", "--data", touched)
    assert told.status == 1
    (fault,) = told.answer["faults"]
    assert (fault["sessionId"], fault["sequence"], fault["position"]) == (studio.finished, 5, 5)


def test_a_head_of_the_lost_future_is_told_where_to_go_back_to(studio: Studio, tmp_path: Path):
    backup, restored, kept = tmp_path / "backup", ("--data", tmp_path / "restored"), tmp_path / "kept.json"
    done("backup", backup, "--data", studio.directory)
    done("restore", backup, *restored)
    done("keys", "add", "post", "--scope", "read", *restored)
    done("head", "-o", kept, *restored)
    again = done("restore", backup, *restored, "--replace", "--json").answer
    point = f"{again['epoch']}.0-{again['heads'][0]}"
    said = run("verify", "--head", kept, *restored)
    assert said.status == 1
    assert f"the ledger was restored from a backup since: go back to {point}" in " ".join(said.err.split())
    said = run("bundle", studio.finished, "--head", kept, "-o", tmp_path / "bundle", *restored)
    assert (said.status, (tmp_path / "bundle").exists()) == (1, False)
    assert f"both hold the same up to {point}" in " ".join(said.err.split())


def test_what_is_no_head_is_refused(studio: Studio, tmp_path: Path):
    (tmp_path / "head").write_text("{}")
    said = run("verify", "--head", tmp_path / "head", "--data", studio.directory)
    assert said.status == 1
    assert "is neither a head nor a receipt" in said.err
    assert run("verify", "--head", tmp_path / "none", "--data", studio.directory).status == 2


def test_what_cannot_be_verified_is_said(studio: Studio, tmp_path: Path):
    assert "there is no ledger" in run("verify", "--data", tmp_path).err
    assert "with --data" in run("verify", "--url", studio.url).err
    (tmp_path / "log.sqlite").write_text("this is no database, and longer than the header of one" * 10)
    said = run("verify", "--data", tmp_path)
    assert (said.status, said.out) == (1, "")
    assert "cannot be read" in said.err


def test_a_view_that_shows_something_else_is_named_with_its_session(studio: Studio, tmp_path: Path):
    done("backup", tmp_path / "backup", "--data", studio.directory)
    done("restore", tmp_path / "backup", "--data", tmp_path / "restored")
    there = ("--views", "--data", tmp_path / "restored")
    assert "none have been built yet" in done("verify", *there).out
    done("sessions", "--data", tmp_path / "restored")
    assert "folded anew" in done("verify", *there).out
    assert "folded anew" in done("verify", "--sample", 1, *there).out
    with closing(sqlite3.connect(tmp_path / "restored" / "views.sqlite")) as views, views:
        views.execute("UPDATE sessions SET status = 'paused'")
    said = run("verify", *there)
    assert said.status == 1
    assert "view sessions: the row of number" in said.err
    told = run("verify", "--json", *there)
    assert {fault["sessionId"] for fault in told.answer["faults"]} >= {studio.finished}
    assert run("verify", "--sample", 1, "--data", tmp_path / "restored").status == 1


def test_the_views_of_a_server_are_held_against_its_log(studio: Studio):
    assert "folded anew" in done("verify", "--views", "--data", studio.directory).out
