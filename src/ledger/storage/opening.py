"""Which store a setting names: a folder by its path, a bucket by its URL."""

import importlib.util
from pathlib import Path

from ledger.storage.folder import FolderStore
from ledger.storage.store import FileStore, StoreError


def open_store(place: str) -> FileStore:
    """The store at a place. Raises StoreError where it cannot be used."""
    if "://" not in place:
        return FolderStore(Path(place))
    if importlib.util.find_spec("obstore") is None:
        raise StoreError(f"{place} is a bucket, which needs an extra: pip install 'production-ledger[s3]'")
    from ledger.storage.bucket import BucketStore  # noqa: PLC0415  # an extra

    return BucketStore.at(place)
