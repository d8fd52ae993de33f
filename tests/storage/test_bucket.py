from pathlib import Path

import pytest
from obstore.store import LocalStore

from ledger.storage.bucket import PART_BYTES, PARTS_AT_ONCE, BucketStore, place_of
from ledger.storage.store import INCOMING, StoreError
from tests.storage.stores import content_of, put


def test_a_file_of_many_parts_is_one_object(tmp_path: Path):
    store = BucketStore(LocalStore(tmp_path), "bucket")
    content = bytes(range(256)) * ((PARTS_AT_ONCE + 2) * PART_BYTES // 256)
    digest = put(store, content)
    assert content_of(store, digest) == content
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [digest]


def test_an_upload_of_today_may_be_another_servers(tmp_path: Path):
    store = BucketStore(LocalStore(tmp_path), "bucket")
    (tmp_path / INCOMING).mkdir()
    (tmp_path / INCOMING / "theirs").write_bytes(b"half")
    assert store.sweep(None) == 0
    assert store.sweep(lambda digest: False) == 1


def test_a_bucket_that_is_away_is_a_failure_of_the_store():
    away = BucketStore.at("s3://nobody/here")
    assert str(away) == "s3://nobody/here"
    with pytest.raises(StoreError, match="no bucket"):
        BucketStore.at("ftp://nobody/here")


def test_a_digest_lies_under_its_first_letters():
    assert place_of("abcd") == "ab/abcd"
