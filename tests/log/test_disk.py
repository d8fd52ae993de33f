"""A name that was given is on the disk when we go on."""

import os
from pathlib import Path

import pytest

from ledger.log.disk import make_folder


def test_a_new_folder_is_synced_into_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    make_folder(tmp_path / "shoots" / "monday")
    assert (tmp_path / "shoots" / "monday").is_dir()
    assert synced == [tmp_path.stat().st_ino, (tmp_path / "shoots").stat().st_ino]
    make_folder(tmp_path / "shoots" / "monday")
    assert len(synced) == 2
