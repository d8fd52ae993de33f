"""What a disk may leave behind: all that was synced, and of the rest what chance decides."""

from pathlib import Path
from random import Random

import pytest

from tests.guarantees.disk import SECTOR, FakeDisk, Note, Trouble, power_cut
from tests.guarantees.interception import FULL, SYNC_FAILED, WRITE_FAILED, Refused

CREATED = [Note("created", "f"), Note("folder synced")]
OLD, NEW = (Note("written", "f", 0, letter * 2 * SECTOR) for letter in (b"o", b"n"))
SYNCED = Note("synced", "f")


def _left(notes: list[Note], folder: Path) -> set[bytes | None]:
    """All that was ever left of a file, None where it was not there."""
    found: set[bytes | None] = set()
    for seed in range(200):
        cut = folder / f"{seed}"
        cut.mkdir(parents=True)
        power_cut(notes, Random(seed), cut)
        found.add((cut / "f").read_bytes() if (cut / "f").exists() else None)
    return found


def test_what_was_synced_stays(tmp_path: Path):
    assert _left([*CREATED, OLD, NEW, SYNCED], tmp_path) == {NEW.content}


def test_what_was_not_may_be_there_or_be_lost_or_torn(tmp_path: Path):
    half_old, half_new = OLD.content[:SECTOR], NEW.content[:SECTOR]
    torn = {half_old + half_new, half_new + half_old}
    assert _left([*CREATED, OLD, SYNCED, NEW], tmp_path) == {OLD.content, NEW.content, *torn}


def test_a_failed_sync_promises_nothing_and_a_later_one_does_not_make_up_for_it(tmp_path: Path):
    found = _left([*CREATED, OLD, SYNCED, NEW, Note("sync failed", "f"), SYNCED], tmp_path)
    assert {OLD.content, NEW.content} < found
    assert len(found) == 4


def test_a_file_whose_folder_was_not_synced_may_be_gone_or_back(tmp_path: Path):
    for folder in ("made", "deleted"):
        (tmp_path / folder).mkdir()
    assert _left([Note("created", "f"), OLD, SYNCED], tmp_path / "made") == {None, OLD.content}
    assert _left([*CREATED, OLD, SYNCED, Note("deleted", "f")], tmp_path / "deleted") == {None, OLD.content}


def test_a_file_that_was_cut_short_may_have_its_end_back(tmp_path: Path):
    cut_short = Note("truncated", "f", SECTOR)
    assert _left([*CREATED, OLD, SYNCED, cut_short], tmp_path) == {OLD.content, OLD.content[:SECTOR]}
    assert _left([*CREATED, OLD, cut_short, SYNCED], tmp_path / "synced") == {OLD.content[:SECTOR]}


@pytest.mark.parametrize("code", [FULL, WRITE_FAILED])
def test_troubles_come_with_the_calls_they_were_announced_for(code: int):
    disk, path = FakeDisk(Random(1)), Path("f")
    disk.trouble([Trouble("f", code, first=2, last=3)])
    refused = [disk.written(path, 0, b"ab") for _ in range(4)]
    assert [each is not None and each.code == code for each in refused] == [False, True, True, False]
    assert disk.synced(path, with_entry=False) is None
    for each, note in zip(refused, disk.notes, strict=False):
        assert len(note.content) == (each.kept_bytes if each else 2)


def test_a_sync_that_fails_is_noted_as_one():
    disk = FakeDisk(Random(1))
    disk.trouble([Trouble("f", SYNC_FAILED, first=1, last=1)])
    assert disk.written(Path("g"), 0, b"ab") is None
    assert disk.synced(Path("f"), with_entry=True) == Refused(SYNC_FAILED)
    assert [note.kind for note in disk.notes] == ["written", "sync failed"]
