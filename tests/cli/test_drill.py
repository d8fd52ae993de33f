"""``ledger drill``."""

import sqlite3
from pathlib import Path

from tests.cli.terminal import Studio, done, run


def test_a_drill_beside_a_server_says_what_it_did_and_leaves_nothing_behind(
    studio: Studio, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(path.name for path in studio.directory.iterdir())
    said = done("drill", "--data", studio.directory)
    assert "compare the views" in said.out
    assert "would be restored as it is" in said.err
    told = done("drill", "--json", "--data", studio.directory).answer
    assert (told["ok"], told["fault"]) == (True, None)
    assert {table["difference"] for table in told["tables"]} == {None}
    assert list(tmp_path.iterdir()) == []
    assert sorted(path.name for path in studio.directory.iterdir()) == before


def test_a_drill_that_fails_says_why_and_ends_with_1(studio: Studio, tmp_path: Path):
    done("backup", tmp_path / "backup", "--data", studio.directory)
    done("restore", tmp_path / "backup", "--data", tmp_path / "ledger")
    connection = sqlite3.connect(tmp_path / "ledger" / "log.sqlite")
    with connection:
        connection.execute("UPDATE events SET actor = 'eve' WHERE position = 3")
    connection.close()
    said = run("drill", "--json", "--data", tmp_path / "ledger")
    assert said.status == 1
    assert said.answer["ok"] is False
    assert "error: the drill failed: " in said.err
    assert "position 3" in said.err


def test_a_server_cannot_be_drilled_from_afar(studio: Studio):
    said = run("drill", "--url", studio.url)
    assert said.status == 1
    assert "--data" in said.err


def test_where_there_is_no_ledger_there_is_nothing_to_drill(tmp_path: Path):
    assert run("drill", "--data", tmp_path / "none").status == 1
