"""Files in a bucket (S3, and what else obstore speaks): ``ab/abcd…`` under their SHA-256, ``incoming/`` what is on its way."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from ledger.storage.store import CHUNK_BYTES, INCOMING, Received, StoreError

PART_BYTES: Final = 8 * CHUNK_BYTES
PARTS_AT_ONCE: Final = 2
"""With the part that is filling up, what one upload holds in memory."""
FORGOTTEN_AFTER: Final = timedelta(days=1)
"""A bucket has no locks: where several servers use it, an upload this old is nobody's any more."""
_DIGEST_LENGTH: Final = 64


class BucketIncoming:
    def __init__(self, bucket: ObjectStore) -> None:
        self._bucket = bucket
        self._name = f"{INCOMING}/{secrets.token_hex(16)}"
        self._mark: str | None = None
        self._digest = sha256()
        self.size = 0
        self._writer = obstore.open_writer(bucket, self._name, buffer_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)

    def write(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        try:
            self._writer.write(chunk)
        except (BaseError, OSError) as failure:
            raise StoreError(f"the bucket took no more: {failure}") from failure
        self.size += len(chunk)

    def received(self) -> Received:
        return Received(self._digest.hexdigest(), self.size)

    def keep(self) -> None:
        digest = self._digest.hexdigest()
        self._mark = f"{self._name}.{digest}"
        try:
            self._writer.close()
            obstore.put(self._bucket, self._mark, b"")
            obstore.copy(self._bucket, self._name, place_of(digest))
            obstore.delete(self._bucket, self._name)
        except (BaseError, OSError) as failure:
            raise StoreError(f"the bucket did not keep it: {failure}") from failure

    def settle(self) -> None:
        assert self._mark is not None, "what was kept is settled"
        with suppress(BaseError, OSError):  # the fact stands, so a mark that stays does no harm
            obstore.delete(self._bucket, self._mark)

    def discard(self) -> None:
        """An upload of many parts that was never closed leaves them to the bucket's own rule for those."""
        with suppress(BaseError, OSError):
            if self._mark is None:
                obstore.delete(self._bucket, self._name)


class BucketStore:
    def __init__(self, bucket: ObjectStore, name: str) -> None:
        self._bucket = bucket
        self._name = name

    @classmethod
    def at(cls, url: str) -> "BucketStore":
        """The bucket that a URL names; who may use it is found in the environment, as its vendor's own tools do.

        Raises StoreError where the URL names none.
        """
        try:
            return cls(from_url(url), url)
        except (BaseError, ValueError) as failure:
            raise StoreError(f"{url} is no bucket that can be used: {failure}") from failure

    def __str__(self) -> str:
        return self._name

    def receive(self) -> BucketIncoming:
        return BucketIncoming(self._bucket)

    def size_of(self, sha256: str) -> int | None:
        try:
            return obstore.head(self._bucket, place_of(sha256))["size"]
        except FileNotFoundError:
            return None
        except BaseError as failure:
            raise StoreError(f"the bucket did not answer: {failure}") from failure

    def read(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        if start >= end:
            return
        try:
            found = obstore.get(self._bucket, place_of(sha256), options={"range": (start, end)})
            for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)
        except (BaseError, OSError) as failure:
            raise StoreError(f"the bucket did not give it: {failure}") from failure

    def digests(self) -> Iterator[str]:
        for name in self._names():
            digest = name.rpartition("/")[2]
            if len(digest) == _DIGEST_LENGTH:
                yield digest

    def sweep(self, is_recorded: Callable[[str], bool] | None) -> int:
        swept = 0
        for found in list(self._objects(f"{INCOMING}/")):
            if is_recorded is None and datetime.now(UTC) - found["last_modified"] < FORGOTTEN_AFTER:
                continue
            _, is_mark, digest = found["path"].partition(".")
            if is_mark and is_recorded is not None and not is_recorded(digest):
                obstore.delete(self._bucket, place_of(digest))
            obstore.delete(self._bucket, found["path"])
            swept += 1
        return swept

    def _names(self) -> Iterator[str]:
        return (found["path"] for found in self._objects(None) if not found["path"].startswith(f"{INCOMING}/"))

    def _objects(self, prefix: str | None) -> Iterator[Any]:
        try:
            for some in obstore.list(self._bucket, prefix):
                yield from some
        except BaseError as failure:
            raise StoreError(f"the bucket did not answer: {failure}") from failure


def place_of(sha256: str) -> str:
    """The name of an object of these bytes."""
    return f"{sha256[:2]}/{sha256}"
