"""An upload on its way: taken piece by piece, made durable, recorded, and then answered; or nothing of it remains."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final

from ledger.domain.files import CONTENT_TYPE_DEFAULT, StoreFile, Upload
from ledger.domain.refusals import FileTooLarge, Invalid
from ledger.storage.store import Incoming

CONTENT_TYPE_LENGTH_MAX: Final = 255
_CONTENT_TYPE: Final = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+ *(?:;[ -~]*)?", re.ASCII)


class Receiving:
    """One upload, for as long as ``Files.receiving`` lets it be."""

    def __init__(
        self, storage_id: str, upload: Upload, incoming: Incoming, record: Callable[[StoreFile, str], None]
    ) -> None:
        """``record`` has the fact recorded under the name of whoever was granted the upload, and raises a Refusal."""
        self.storage_id = storage_id
        self.bytes_max = upload.bytes_max
        self._upload = upload
        self._incoming = incoming
        self._record = record

    def require_size(self, size: int) -> None:
        """Raises FileTooLarge, of a size that has come or was announced."""
        if size > self.bytes_max:
            raise FileTooLarge(self.bytes_max)

    def write(self, chunk: bytes) -> None:
        """Take the next piece. Raises FileTooLarge as soon as it is known, or StoreError."""
        self.require_size(self._incoming.size + len(chunk))
        self._incoming.write(chunk)

    def finish(self, content_type: str | None, digest: str | None) -> str:
        """Keep what has come, and answer its ``storageId``. Raises Invalid where it is not what the headers say, or a Refusal."""
        incoming = self._incoming
        kind = require_content_type(content_type)
        wanted = wanted_sha256(digest)
        sha256, size = incoming.received()
        if wanted not in (None, sha256):
            raise Invalid("Digest", f"the bytes that came are others: their SHA-256 is {sha256}")
        incoming.keep()
        command = StoreFile(storage_id=self.storage_id, sha256=sha256, size=size, content_type=kind)
        self._record(command, self._upload.granted_to)
        incoming.settle()
        return self.storage_id


def require_content_type(given: str | None) -> str:
    """The type that a file is kept as. Raises Invalid for what is none."""
    if not given:
        return CONTENT_TYPE_DEFAULT
    if len(given) > CONTENT_TYPE_LENGTH_MAX or not _CONTENT_TYPE.fullmatch(given):
        raise Invalid("Content-Type", "must be a media type, such as image/png")
    return given


def wanted_sha256(digest: str | None) -> str | None:
    """The SHA-256, in hexadecimal, that a ``Digest`` header asks for; None where it names none. Raises Invalid."""
    for one in (digest or "").split(","):
        algorithm, _, encoded = one.strip().partition("=")
        if algorithm.lower() == "sha-256":
            try:
                wanted = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                wanted = b""
            if len(wanted) != 32:
                raise Invalid("Digest", "sha-256 must be the 32 bytes of the hash in base64")
            return wanted.hex()
    return None
