"""Files in a folder: ``ab/abcd…`` under their SHA-256, and ``incoming/`` what is on its way."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.log.disk import make_folder, sync
from ledger.storage.store import CHUNK_BYTES, INCOMING, Received, StoreError

WRITEBACK_BYTES: Final = 32 * CHUNK_BYTES
"""After so many bytes the kernel is asked to begin with the disk, so that the sync at the end has little left to wait for."""
_DIGEST_LENGTH: Final = 64


class FolderIncoming:
    """An upload's file in ``incoming``, locked for as long as somebody writes it: who finds it unlocked may remove it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / INCOMING / secrets.token_hex(16)
        self._digest = sha256()
        self._is_kept = False
        self.size = 0
        try:
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except OSError as failure:
            raise StoreError(f"no file can be made in {self._path.parent}: {failure.strerror}") from failure

    def write(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        rest = memoryview(chunk)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as failure:
            raise StoreError(f"{self._folder}: {failure.strerror}") from failure
        before, self.size = self.size, self.size + len(chunk)
        if before // WRITEBACK_BYTES != self.size // WRITEBACK_BYTES:
            os.posix_fadvise(self._descriptor, 0, self.size, os.POSIX_FADV_DONTNEED)

    def received(self) -> Received:
        return Received(self._digest.hexdigest(), self.size)

    def keep(self) -> None:
        place = place_of(self._folder, self._digest.hexdigest())
        try:
            os.fsync(self._descriptor)
            make_folder(place.parent)
            # A second name, not another one: until the fact stands, the first one says that it may have to go again.
            with suppress(FileExistsError):
                place.hardlink_to(self._path)
            sync(place.parent)
        except OSError as failure:
            raise StoreError(f"{self._folder}: {failure.strerror}") from failure
        self._is_kept = True

    def settle(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def discard(self) -> None:
        if not self._is_kept:
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


class FolderStore:
    def __init__(self, folder: Path) -> None:
        """The folder is made when the first file comes."""
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def receive(self) -> FolderIncoming:
        try:
            make_folder(self._folder / INCOMING)
        except OSError as failure:
            raise StoreError(f"no files can be kept in {self._folder}: {failure.strerror}") from failure
        return FolderIncoming(self._folder)

    def size_of(self, sha256: str) -> int | None:
        try:
            return place_of(self._folder, sha256).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        try:
            with place_of(self._folder, sha256).open("rb", buffering=0) as file:
                file.seek(start)
                while start < end and (chunk := file.read(min(CHUNK_BYTES, end - start))):
                    start += len(chunk)
                    yield chunk
        except OSError as failure:
            raise StoreError(f"{failure.filename}: {failure.strerror}") from failure

    def digests(self) -> Iterator[str]:
        for path in self._folder.glob("??/*"):
            if len(path.name) == _DIGEST_LENGTH:
                yield path.name

    def sweep(self, is_recorded: Callable[[str], bool] | None) -> int:
        swept = 0
        incoming = self._folder / INCOMING
        for left in list(incoming.iterdir()) if incoming.exists() else ():
            with left.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                if is_recorded is not None and os.fstat(file.fileno()).st_nlink > 1:
                    self._remove_unrecorded(left, is_recorded)
            left.unlink(missing_ok=True)
            swept += 1
        return swept

    def _remove_unrecorded(self, left: Path, is_recorded: Callable[[str], bool]) -> None:
        digest = _digest_of(left)
        place = place_of(self._folder, digest)
        if place.exists() and place.samefile(left) and not is_recorded(digest):
            place.unlink()


def place_of(folder: Path, sha256: str) -> Path:
    """Where a file of these bytes lies: 256 folders, so that none of them grows too long to be read."""
    return folder / sha256[:2] / sha256


def _digest_of(file: Path) -> str:
    digest = sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
