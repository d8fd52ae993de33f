from pathlib import Path

import pytest

from ledger.storage.bucket import BucketStore
from ledger.storage.folder import FolderStore
from ledger.storage.opening import open_store
from ledger.storage.store import StoreError


def test_a_path_is_a_folder_and_a_url_a_bucket(tmp_path: Path):
    assert isinstance(open_store(str(tmp_path / "files")), FolderStore)
    assert isinstance(open_store("s3://shoots/files"), BucketStore)


def test_a_place_that_cannot_be_used_says_why(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="no files can be kept in"):
        open_store(str(tmp_path / "file")).receive()
    with pytest.raises(StoreError, match="no bucket"):
        open_store("ftp://nobody/here")
