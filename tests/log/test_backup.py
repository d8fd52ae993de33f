"""A backup holds the log as it stood at one moment, and appears whole or not at all."""

import json
import sqlite3
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest

from ledger.domain.sessions import SessionStarted
from ledger.log.backup import COPY, MANIFEST, PAGES_A_STEP, BackupError, back_up, read_manifest
from tests.log.opened import NOW, OpenLog, fact


def rows_of(file: Path, statement: str = "SELECT * FROM events ORDER BY position") -> list[tuple[object, ...]]:
    """What a stranger's tool finds in a file, which may lie where nothing can be written."""
    connection = sqlite3.connect(f"file:{file}?immutable=1", uri=True)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def test_a_backup_says_what_it_holds(embedded: OpenLog, tmp_path: Path):
    embedded.append(SessionStarted(session_type="music_demo", status="setup"), fact())
    embedded.append(SessionStarted(session_type="music_demo", status="setup"), partition="s2")
    embedded.append(fact(2), partition="s2")
    manifest = back_up(embedded.path, tmp_path / "backup", NOW)
    copy = tmp_path / "backup" / COPY
    assert json.loads((tmp_path / "backup" / MANIFEST).read_text()) == {
        "format": 1,
        "takenAt": NOW,
        "epoch": embedded.log.epoch,
        "heads": [4],
        "sessions": 2,
        "bytes": copy.stat().st_size,
        "sha256": sha256(copy.read_bytes()).hexdigest(),
    }
    assert read_manifest(tmp_path / "backup") == manifest
    assert rows_of(copy) == embedded.rows("SELECT * FROM events ORDER BY position")
    assert sorted(path.name for path in (tmp_path / "backup").iterdir()) == [COPY, MANIFEST]


def test_a_writer_that_never_rests_neither_delays_a_backup_nor_is_in_it(embedded: OpenLog, tmp_path: Path):
    """Every commit of another connection would make SQLite begin the copy again, were it not for the snapshot."""
    for _ in range(8):
        embedded.append(*(fact(reason="x" * 500) for _ in range(2_000)), weight=2_000)
    steps: list[tuple[int, int]] = []

    def write_between_steps(done: int, total: int) -> None:
        steps.append((done, total))
        assert len(steps) < 1_000, "it begins again and again"
        embedded.append(fact())

    manifest = back_up(embedded.path, tmp_path / "backup", NOW, progress=write_between_steps)
    assert manifest.heads == (16_000,)
    assert len(rows_of(tmp_path / "backup" / COPY)) == 16_000
    assert len(steps) == -(-steps[-1][1] // PAGES_A_STEP) > 1, "no page was copied twice"
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert embedded.log.heads() == [16_000 + len(steps)]


def test_a_backup_under_load_holds_whole_commits_only(embedded: OpenLog, tmp_path: Path):
    embedded.append(fact())
    stop = Event()

    def write() -> None:
        while not stop.is_set():
            embedded.append(*(fact() for _ in range(10)))

    writing = Thread(target=write)
    writing.start()
    try:
        for n in range(5):
            (head,) = back_up(embedded.path, tmp_path / f"backup-{n}", NOW).heads
            copy = tmp_path / f"backup-{n}" / COPY
            assert (head - 1) % 10 == 0
            assert rows_of(copy, "SELECT count(*), max(position) FROM events") == [(head, head)]
            assert rows_of(copy, "PRAGMA integrity_check") == [("ok",)]
    finally:
        stop.set()
        writing.join()


def test_a_backup_is_not_overwritten_unless_told(embedded: OpenLog, tmp_path: Path):
    embedded.append(fact())
    back_up(embedded.path, tmp_path / "backup", NOW)
    embedded.append(fact())
    with pytest.raises(BackupError, match="holds a backup already"):
        back_up(embedded.path, tmp_path / "backup", NOW)
    assert read_manifest(tmp_path / "backup").heads == (1,)
    assert back_up(embedded.path, tmp_path / "backup", NOW, replace=True).heads == (2,)
    assert len(rows_of(tmp_path / "backup" / COPY)) == 2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("replace", [False, True])
def test_what_is_no_backup_is_never_overwritten(embedded: OpenLog, tmp_path: Path, replace: bool):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("dear")
    (tmp_path / "file").write_text("dear")
    for target in ("full", "file"):
        with pytest.raises(BackupError, match="is no backup"):
            back_up(embedded.path, tmp_path / target, NOW, replace=replace)
    assert (tmp_path / "full" / "diary.txt").read_text() == (tmp_path / "file").read_text() == "dear"


def test_an_empty_folder_and_one_that_is_not_there_will_do(embedded: OpenLog, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "empty", tmp_path / "a" / "b"):
        back_up(embedded.path, target, NOW)
        assert (target / MANIFEST).exists()


def test_a_backup_that_breaks_off_leaves_nothing_behind_and_the_one_before_it_as_it_was(
    embedded: OpenLog, tmp_path: Path
):
    def interrupted(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    embedded.append(fact())
    back_up(embedded.path, tmp_path / "kept", NOW)
    before = (tmp_path / "kept" / COPY).read_bytes()
    for target in ("kept", "new"):
        with pytest.raises(KeyboardInterrupt):
            back_up(embedded.path, tmp_path / target, NOW, replace=True, progress=interrupted)
    assert (tmp_path / "kept" / COPY).read_bytes() == before
    assert {path.name.partition("-")[0] for path in tmp_path.iterdir()} == {"kept", "log.sqlite"}


def test_what_is_no_log_cannot_be_backed_up(tmp_path: Path):
    (tmp_path / "log.sqlite").write_text("dear diary " * 1_000)
    with pytest.raises(BackupError, match="not a database"):
        back_up(tmp_path / "log.sqlite", tmp_path / "backup", NOW)
    assert not (tmp_path / "backup").exists()


@pytest.mark.parametrize(
    ("text", "why"), [(None, "no manifest.json"), ("{}", "Field required"), ("no JSON", "Invalid JSON")]
)
def test_a_folder_without_a_manifest_that_can_be_read_is_no_backup(tmp_path: Path, text: str | None, why: str):
    if text is not None:
        (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(BackupError, match=why):
        read_manifest(tmp_path)


def test_a_manifest_of_a_later_version_is_read_as_far_as_it_is_the_same(embedded: OpenLog, tmp_path: Path):
    manifest = back_up(embedded.path, tmp_path / "backup", NOW)
    file = tmp_path / "backup" / MANIFEST
    said = json.loads(file.read_text())
    file.write_text(json.dumps(said | {"weather": "fair"}))
    assert read_manifest(tmp_path / "backup") == manifest
    file.write_text(json.dumps(said | {"format": 2}))
    with pytest.raises(BackupError, match="format 2"):
        read_manifest(tmp_path / "backup")
