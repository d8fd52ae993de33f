import os
from pathlib import Path

import pytest

from ledger.storage.folder import WRITEBACK_BYTES, FolderStore, place_of
from ledger.storage.store import INCOMING, StoreError
from tests.storage.stores import content_of, put


def test_what_a_dead_process_left_is_swept_and_what_is_under_way_is_not(tmp_path: Path):
    store = FolderStore(tmp_path)
    (tmp_path / INCOMING).mkdir()
    (tmp_path / INCOMING / "left").write_bytes(b"half of it")
    under_way = store.receive()
    under_way.write(b"more")
    assert FolderStore(tmp_path).sweep(lambda digest: False) == 1
    under_way.write(b" to come")
    digest = under_way.received().sha256
    under_way.keep()
    under_way.settle()
    assert content_of(store, digest) == b"more to come"
    assert list((tmp_path / INCOMING).iterdir()) == []


def test_a_digest_lies_in_the_folder_of_its_first_letters(tmp_path: Path):
    digest = put(FolderStore(tmp_path), b"hello")
    assert place_of(tmp_path, digest) == tmp_path / digest[:2] / digest
    assert place_of(tmp_path, digest).read_bytes() == b"hello"


def test_a_large_file_goes_to_the_disk_as_it_comes(tmp_path: Path):
    incoming = FolderStore(tmp_path).receive()
    chunk = os.urandom(1024) * 1024
    for _ in range(WRITEBACK_BYTES // len(chunk) + 1):
        incoming.write(chunk)
    received = incoming.received()
    incoming.keep()
    incoming.settle()
    assert received.size == place_of(tmp_path, received.sha256).stat().st_size > WRITEBACK_BYTES


def test_a_folder_that_cannot_take_it_says_so(tmp_path: Path):
    (tmp_path / INCOMING).touch()
    with pytest.raises(StoreError, match="no file"):
        FolderStore(tmp_path).receive()


def test_a_full_disk_is_a_failure_of_the_store(tmp_path: Path):
    incoming = FolderStore(tmp_path).receive()
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, incoming._descriptor)
    os.close(full)
    with pytest.raises(StoreError, match="No space left"):
        incoming.write(b"hello")
    incoming.discard()
    assert list((tmp_path / INCOMING).iterdir()) == []


def test_strange_files_in_the_folder_are_nobodys_digest(tmp_path: Path):
    store = FolderStore(tmp_path)
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "README").write_text("hello")
    assert list(store.digests()) == []
