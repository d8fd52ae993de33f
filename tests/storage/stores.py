"""Every kind of store, for the one suite that all of them pass."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from obstore.store import LocalStore, MemoryStore

from ledger.storage.bucket import BucketStore
from ledger.storage.folder import FolderStore
from ledger.storage.store import FileStore

STORES: Final[dict[str, Callable[[Path], FileStore]]] = {
    "folder": FolderStore,
    "bucket in memory": lambda path: BucketStore(MemoryStore(), "memory"),
    "bucket in a folder": lambda path: BucketStore(LocalStore(path), str(path)),
}


def put(store: FileStore, content: bytes) -> str:
    """Bring bytes as an upload does whose fact is then recorded."""
    incoming = store.receive()
    incoming.write(content)
    received = incoming.received()
    incoming.keep()
    incoming.settle()
    return received.sha256


def content_of(store: FileStore, sha256: str) -> bytes:
    size = store.size_of(sha256)
    assert size is not None
    return b"".join(store.read(sha256, 0, size))
