"""A ledger made of a backup: whole, checked, in a new epoch, and never in the place of another unless told."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.log.backup import COPY, MANIFEST, BackupError, back_up, digest_of
from ledger.log.lockfile import LedgerInUseError
from ledger.log.restore import Restored, restore
from tests.log.opened import NOW, OpenLog, fact
from tests.serving import ROOT


@pytest.fixture
def backup(embedded: OpenLog, tmp_path: Path) -> Path:
    """A backup of a log with three entries; the log goes on."""
    embedded.append(fact(1), fact(2), fact(3), key="k")
    back_up(embedded.path, tmp_path / "backup", NOW)
    return tmp_path / "backup"


@contextmanager
def reopened(log: Path) -> Iterator[OpenLog]:
    embedded = OpenLog(log)
    try:
        yield embedded
    finally:
        embedded.close()


def restored(backup: Path, directory: Path, *, replace: bool = False) -> Restored:
    return restore(backup, directory / "log.sqlite", NOW + 5, replace=replace)


def test_a_restored_ledger_holds_what_the_backup_held_in_a_new_epoch(embedded: OpenLog, backup: Path, tmp_path: Path):
    before = embedded.rows("SELECT * FROM events")
    embedded.append(fact(4))
    made = restored(backup, tmp_path / "new" / "ledger")
    assert (made.epoch.started_at, made.aside) == (NOW + 5, None)
    assert made.epoch.origin == (embedded.log.epoch, (3,))
    with reopened(tmp_path / "new" / "ledger" / "log.sqlite") as other:
        assert other.rows("SELECT * FROM events") == before
        assert other.log.epoch == made.epoch.name != embedded.log.epoch
        assert other.append(fact(1), fact(2), fact(3), key="k").repeated, "keys come back with the facts"
        assert other.append(fact(9)).position == 4
        assert other.rows("PRAGMA journal_mode") == [("wal",)]


def test_a_backup_can_be_restored_again_and_again(backup: Path, tmp_path: Path):
    before = {file.name: file.read_bytes() for file in backup.iterdir()}
    names = {restored(backup, tmp_path / name).epoch.name for name in ("a", "b")}
    assert len(names) == 2
    assert {file.name: file.read_bytes() for file in backup.iterdir()} == before


def test_a_ledger_is_in_the_way_unless_told_and_then_moved_aside_whole(backup: Path, tmp_path: Path):
    log = tmp_path / "old" / "log.sqlite"
    log.parent.mkdir()
    with reopened(log) as old:
        old.append(fact(7))
        kept = old.rows("SELECT * FROM events")
    with pytest.raises(BackupError, match="there is a ledger"):
        restored(backup, log.parent)
    made = restored(backup, log.parent, replace=True)
    assert made.aside is not None
    assert made.aside.name.startswith("replaced-20231114T")
    with reopened(made.aside / "log.sqlite") as aside, reopened(log) as new:
        assert aside.rows("SELECT * FROM events") == kept
        assert new.log.epoch == made.epoch.name
        assert new.log.heads() == [3]


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """The folder of a ledger whose writer was killed: its newest commits are in the write-ahead log alone."""
    directory = tmp_path / "crashed"
    directory.mkdir()
    code = f"""
import os
from pathlib import Path
from tests.log.opened import OpenLog, fact
OpenLog(Path({str(directory)!r}) / "log.sqlite").append(fact(7), fact(8), partition="lost")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert (directory / "log.sqlite-wal").stat().st_size > 0
    return directory


def partitions(log: Path) -> list[str]:
    with reopened(log) as opened:
        return [row[0] for row in opened.rows("SELECT partition FROM events ORDER BY position")]


def test_a_log_in_two_files_is_moved_aside_in_two(backup: Path, crashed: Path):
    """The newest commits must not find their way into the restored log."""
    made = restored(backup, crashed, replace=True)
    assert made.aside is not None
    assert partitions(made.aside / "log.sqlite") == ["lost", "lost"]
    assert partitions(crashed / "log.sqlite") == ["s1", "s1", "s1"]


@pytest.mark.long
def test_killed_at_any_step_of_a_restore_no_fact_is_lost_or_mixed_and_it_can_be_done_again(backup: Path, crashed: Path):
    subprocess.run([sys.executable, "-m", "tests.log.interrupted", str(backup), str(crashed)], cwd=ROOT, check=True)
    states = set()
    for directory in sorted(crashed.parent.glob("crashed-*")):
        aside = [folder / "log.sqlite" for folder in directory.glob("replaced-*") if (folder / "log.sqlite").exists()]
        in_place = partitions(directory / "log.sqlite") if (directory / "log.sqlite").exists() else []
        if in_place != ["lost", "lost"]:
            assert [partitions(log) for log in aside] == [["lost", "lost"]], "whole in one place"
            assert in_place in ([], ["s1", "s1", "s1"])
        states.add(len(in_place))
        restored(backup, directory, replace=True)
        assert partitions(directory / "log.sqlite") == ["s1", "s1", "s1"]
    assert states == {0, 2, 3}, "it was killed before, between and after"


def test_a_write_ahead_log_without_its_database_is_moved_aside_too(backup: Path, tmp_path: Path):
    log = tmp_path / "old" / "log.sqlite"
    log.parent.mkdir()
    log.with_name("log.sqlite-wal").write_bytes(b"left behind")
    made = restored(backup, log.parent)
    assert made.aside is not None
    assert (made.aside / "log.sqlite-wal").read_bytes() == b"left behind"


def test_lives_of_a_ledger_that_gave_way_are_kept_in_mind(backup: Path, embedded: OpenLog, tmp_path: Path):
    first = restored(backup, tmp_path / "ledger").epoch
    second = restored(backup, tmp_path / "ledger", replace=True).epoch
    with reopened(tmp_path / "ledger" / "log.sqlite") as new:
        assert [epoch.name for epoch in new.log.epochs] == [embedded.log.epoch, first.name, second.name]
        assert new.log.epochs.shared_with(first.name) == (3,)


def test_a_ledger_that_cannot_be_read_any_more_is_moved_aside_as_it_is(backup: Path, tmp_path: Path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "log.sqlite").write_bytes(b"no database")
    made = restored(backup, tmp_path / "old", replace=True)
    assert made.aside is not None
    assert (made.aside / "log.sqlite").read_bytes() == b"no database"


def test_a_ledger_that_a_process_has_open_is_left_alone(backup: Path, tmp_path: Path):
    held = tmp_path / "held"
    held.mkdir()
    holding = [sys.executable, "-m", "tests.log.holding", str(held)]
    with subprocess.Popen(holding, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LedgerInUseError):
            restored(backup, held, replace=True)
        holder.communicate()
    assert [path.name for path in held.iterdir()] == ["lock"]


def flip_a_byte(backup: Path) -> None:
    content = bytearray((backup / COPY).read_bytes())
    content[len(content) // 2] ^= 1
    (backup / COPY).write_bytes(content)


def damage_a_page_and_sign_it(backup: Path) -> None:
    """As where the disk had failed before the backup was taken: the manifest speaks the truth of what is damaged."""
    connection = sqlite3.connect(backup / COPY)
    connection.executescript("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'events_of_entity'")
    connection.close()
    manifest = json.loads((backup / MANIFEST).read_text())
    (backup / MANIFEST).write_text(json.dumps(manifest | {"sha256": digest_of(backup / COPY)}))


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (flip_a_byte, "not what its manifest says"),
        (damage_a_page_and_sign_it, "is damaged"),
        (lambda backup: (backup / COPY).unlink(), "No such file"),
        (lambda backup: (backup / MANIFEST).unlink(), "is no backup"),
    ],
    ids=["altered", "damaged", "copy gone", "manifest gone"],
)
def test_a_backup_that_is_not_whole_is_refused_and_changes_nothing(
    backup: Path, tmp_path: Path, harm: Callable[[Path], None], why: str
):
    harm(backup)
    log = tmp_path / "old" / "log.sqlite"
    log.parent.mkdir()
    with reopened(log) as old:
        old.append(fact(7))
    for directory in (tmp_path / "new", log.parent):
        with pytest.raises(BackupError, match=why):
            restored(backup, directory, replace=True)
    assert not (tmp_path / "new").exists()
    assert {path.name for path in log.parent.iterdir()} <= {"lock", "log.sqlite"}
    with reopened(log) as old:
        assert old.log.heads() == [1]
