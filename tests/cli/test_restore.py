"""``ledger restore``."""

from pathlib import Path

import pytest

from tests.cli.terminal import Studio, done, run


@pytest.fixture
def backup(studio: Studio, tmp_path: Path) -> Path:
    done("backup", tmp_path / "backup", "--data", studio.directory)
    return tmp_path / "backup"


def test_a_restored_ledger_says_the_same_in_another_epoch(studio: Studio, backup: Path, tmp_path: Path):
    told = done("restore", backup, "--json", "--data", tmp_path / "new").answer
    assert (told["sessions"], told["movedAside"]) == (2, None)
    status = done("status", "--json", "--data", tmp_path / "new").answer
    assert status["epoch"] == told["epoch"] != done("status", "--json", "--url", studio.url).answer["epoch"]
    both = [
        done("cut-log", studio.finished, "--json", "--data", at).answer for at in (studio.directory, tmp_path / "new")
    ]
    assert both[0] == both[1]


def test_the_ledger_that_gave_way_is_named(backup: Path, tmp_path: Path):
    done("restore", backup, "--data", tmp_path / "new")
    said = run("restore", backup, "--data", tmp_path / "new")
    assert said.status == 1
    assert "--replace" in said.err
    said = done("restore", backup, "--replace", "--data", tmp_path / "new")
    assert f"the ledger that was there is in {tmp_path / 'new' / 'replaced-'}" in said.out


def test_a_ledger_that_a_server_has_open_is_not_replaced(studio: Studio, backup: Path):
    said = run("restore", backup, "--replace", "--data", studio.directory)
    assert said.status == 1
    assert "stop it before restoring" in said.err


def test_what_is_no_backup_is_refused(tmp_path: Path):
    said = run("restore", tmp_path, "--data", tmp_path / "new")
    assert said.status == 1
    assert "is no backup" in said.err
    assert not (tmp_path / "new").exists()
