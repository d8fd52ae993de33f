"""Files: bytes that are kept beside the log. What the log knows of them: who was let bring some, and what came.

A file is one upload, and its partition holds nothing else. Bytes are known by their SHA-256 and kept once however often they
come; each upload has a ``storageId`` of its own, so that nobody can tell who else has brought the same.
"""

from hashlib import sha256
from hmac import compare_digest
from typing import Annotated, ClassVar, Final

from pydantic import Field, StringConstraints

from ledger.domain.entries import Entry, Event
from ledger.domain.refusals import FileTooLarge, TokenUnknown, UploadExpired, UploadUsed
from ledger.domain.values import Frozen, Name

ENTITY: Final = "file"
UPLOAD_LIFE_MS: Final = 60 * 60 * 1000
"""How long somebody who was given an upload URL has to begin."""
CONTENT_TYPE_DEFAULT: Final = "application/octet-stream"


def digest_of_token(token: str) -> str:
    """What is kept of an upload's token. It is 256 random bits, so nothing slower is needed."""
    return sha256(token.encode()).hexdigest()


# What has happened.


class UploadGranted(Event):
    stored_as: ClassVar[str] = "upload-granted.1"
    token_sha256: str
    bytes_max: int
    life_ms: int

    def entity(self, sequence: int) -> str:
        return ENTITY


class FileStored(Event):
    """The bytes are on the disk: that is so before this is recorded."""

    stored_as: ClassVar[str] = "file-stored.1"
    sha256: str
    size: int
    content_type: str

    def entity(self, sequence: int) -> str:
        return ENTITY


EVENTS: Final = (UploadGranted, FileStored)


# What it amounts to.


class StoredFile(Frozen):
    """A file that can be had."""

    storage_id: str
    sha256: str
    size: int
    content_type: str
    created_at: int


class Upload(Frozen):
    """What somebody was let bring, and the file that it has become."""

    token_sha256: str
    bytes_max: int
    expires_at: int
    granted_to: str
    """Who asked for it, and is recorded as the one who brought it, whoever it was that it was handed on to."""
    file: StoredFile | None = None


def evolve(upload: Upload | None, entry: Entry) -> Upload:
    """The upload after one more entry. The first must be its UploadGranted."""
    match entry.event:
        case UploadGranted() as granted:
            return Upload(
                token_sha256=granted.token_sha256,
                bytes_max=granted.bytes_max,
                expires_at=entry.recorded_at + granted.life_ms,
                granted_to=entry.actor,
            )
        case FileStored() as stored:
            assert upload is not None, f"{entry.partition} does not begin with its grant"
            file = StoredFile(storage_id=entry.partition, created_at=entry.recorded_at, **stored.model_dump())
            return upload.model_copy(update={"file": file})
        case event:
            raise AssertionError(f"{type(event).__name__} is no event of a file")


# What may happen.

Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class GrantUpload(Frozen):
    token_sha256: Sha256
    bytes_max: Annotated[int, Field(ge=1)]


class StoreFile(Frozen):
    storage_id: Name
    sha256: Sha256
    size: Annotated[int, Field(ge=0)]
    content_type: Name = CONTENT_TYPE_DEFAULT


def decide_granting(command: GrantUpload) -> list[UploadGranted]:
    return [UploadGranted(token_sha256=command.token_sha256, bytes_max=command.bytes_max, life_ms=UPLOAD_LIFE_MS)]


def require_open(upload: Upload | None, token: str, now_ms: int) -> Upload:
    """The upload that a token begins. Raises TokenUnknown, UploadUsed or UploadExpired.

    One that has begun in time may end when it will: a slow line is no reason to lose an hour's work.
    """
    if upload is None or not compare_digest(upload.token_sha256, digest_of_token(token)):
        raise TokenUnknown()
    require_unused(upload)
    if now_ms >= upload.expires_at:
        raise UploadExpired(UPLOAD_LIFE_MS // 60_000)
    return upload


def require_unused(upload: Upload) -> None:
    """Raises UploadUsed, with what its first use came to: whoever holds the token may know, and needs to, if he missed it."""
    if upload.file is not None:
        raise UploadUsed(upload.file.storage_id, upload.file.sha256, upload.file.size)


def decide_storing(command: StoreFile, upload: Upload | None) -> list[FileStored]:
    """That what was brought is kept from now on. Raises TokenUnknown, UploadUsed or FileTooLarge."""
    if upload is None:
        raise TokenUnknown()
    require_unused(upload)
    if command.size > upload.bytes_max:
        raise FileTooLarge(upload.bytes_max)
    return [FileStored(sha256=command.sha256, size=command.size, content_type=command.content_type)]
