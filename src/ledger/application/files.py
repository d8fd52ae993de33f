"""Files: how one is brought, and how it is had. What is brought is durable before the fact is, and the fact before the answer."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hmac import compare_digest
from threading import Lock
from typing import Final

from sqlalchemy import Connection

from ledger.application.functions import ORIGIN, Caller, Mutation
from ledger.application.receiving import Receiving
from ledger.domain import files
from ledger.domain.files import ENTITY, GrantUpload, StoredFile, StoreFile, Upload, evolve
from ledger.domain.ids import partition_kind
from ledger.domain.keys import KEYS_PARTITION, Scope
from ledger.domain.refusals import FileLost, FileNotFound, FilesNotKept, UploadUsed, UrlRefused
from ledger.domain.values import Frozen
from ledger.domain.vocabulary import Vocabulary
from ledger.log.eventlog import EventLog
from ledger.log.reading import read_entity
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.storage.store import FileStore

UPLOAD_PATH: Final = "/api/storage/upload"
FILE_PATH: Final = "/api/storage"
FILE_PATHS: Final = (FILE_PATH, "/storage")
"""Where files are had: the route of the client protocol, which URLs are handed out on, and that of the contract's section 4."""
_TOKEN_BYTES: Final = 32
_PURPOSE: Final = "file"
_FOR_EVER: Final = ""


class AskForUpload(Frozen):
    pass


def _grant(_: AskForUpload, stream: Stream, vocabulary: Vocabulary) -> Decision:
    # It says which upload it is for, so that it is found without a view. The log keeps no more than a digest of it.
    token = f"{stream.partition}.{secrets.token_urlsafe(_TOKEN_BYTES)}"
    command = GrantUpload(token_sha256=files.digest_of_token(token), bytes_max=vocabulary.upload_bytes_max)
    return Decision(files.decide_granting(command), lambda _: json.dumps(f"{ORIGIN}{UPLOAD_PATH}?token={token}"))


def _upload_url(name: str, scope: Scope) -> Mutation:
    return Mutation(
        name,
        None,
        AskForUpload,
        "url",
        _grant,
        None,
        "A URL that is good for an hour and one upload: POST the bytes there, with their Content-Type, for a storageId.",
        scope=scope,
        about="file",
    )


def _store(command: StoreFile, stream: Stream, _: Vocabulary) -> Decision:
    return Decision(files.decide_storing(command, stream.state_of(ENTITY, evolve)), lambda _: "null")


STORE: Final = Mutation(
    "storage:store",
    None,
    StoreFile,
    "null",
    _store,
    lambda command: command.storage_id,
    "Records that bytes are kept. Only who has just kept them may say so: no door offers it.",
    scope="admin",
    about="file",
)

Write = Callable[[Mutation, object, Caller], object]
"""Has a mutation carried out and waits for it."""


class Files:
    """The files of one ledger. Threads may share it; each of its calls may take as long as the disk does."""

    def __init__(self, store: FileStore | None, log: EventLog, write: Write, clock: Callable[[], int]) -> None:
        """``clock`` gives milliseconds since the epoch."""
        self._store = store
        self._log = log
        self._write = write
        self._clock = clock
        self._under_way: set[str] = set()
        self._lock = Lock()

    @contextmanager
    def receiving(self, token: str) -> Iterator[Receiving]:
        """The one upload that a token is good for; what is not finished inside leaves nothing behind. Raises a Refusal."""
        storage_id = token.partition(".")[0]
        upload = files.require_open(upload_of(self._log, storage_id), token, self._clock())
        store = self._required()
        with self._alone(storage_id):
            incoming = store.receive()
            try:
                yield Receiving(storage_id, upload, incoming, self._record)
            except BaseException:
                incoming.discard()
                raise

    def read(self, file: StoredFile, start: int, end: int) -> Iterator[bytes]:
        """The bytes of a file from ``start`` up to but not including ``end``. Raises FileLost, at once, or StoreError."""
        store = self._required()
        if store.size_of(file.sha256) != file.size:
            raise FileLost(file.storage_id)
        return store.read(file.sha256, start, end)

    def find(self, storage_id: str) -> StoredFile:
        """What is stored under an Id. Raises FileNotFound."""
        return find(self._log, storage_id)

    def temporary_url(self, storage_id: str, life_ms: int) -> str:
        """A URL by which somebody without a key may have one file for a while; to be put on an origin by ``on_origin``."""
        return url_until(self._log, storage_id, self._clock() + life_ms)

    def require_signed(self, storage_id: str, expires: str, signature: str) -> None:
        """Let pass a signed URL that is still good. Raises UrlRefused."""
        if not compare_digest(_signature(self._log, storage_id, expires).encode(), signature.encode()):
            raise UrlRefused("it is not this ledger's, or was made for another file or another time")
        if expires and self._clock() >= int(expires):
            raise UrlRefused("the URL has expired; ask for another")

    @contextmanager
    def _alone(self, storage_id: str) -> Iterator[None]:
        """Raises UploadUsed where the same upload is under way already."""
        with self._lock:
            if storage_id in self._under_way:
                raise UploadUsed()
            self._under_way.add(storage_id)
        try:
            yield
        finally:
            with self._lock:
                self._under_way.discard(storage_id)

    def _required(self) -> FileStore:
        if self._store is None:
            raise FilesNotKept()
        return self._store

    def _record(self, command: StoreFile, actor: str) -> None:
        self._write(STORE, command.model_dump(by_alias=True), Caller(actor))


def upload_of(log: EventLog, storage_id: str) -> Upload | None:
    """What the log knows of an upload; None where it knows of none."""
    with log.snapshot() as connection:
        return _upload_in(connection, storage_id)


def _upload_in(connection: Connection, storage_id: str) -> Upload | None:
    if partition_kind(storage_id) != "file":
        return None
    upload: Upload | None = None
    for entry in read_entity(connection, storage_id, ENTITY):
        upload = evolve(upload, entry)
    return upload


def find(log: EventLog, storage_id: str, field: str = "storageId") -> StoredFile:
    """What is stored under an Id. Raises FileNotFound, which names the field that the Id was given in."""
    upload = upload_of(log, storage_id)
    if upload is None or upload.file is None:
        raise FileNotFound(storage_id, field)
    return upload.file


def require_stored(stream: Stream, storage_id: str, field: str) -> None:
    """Let pass, inside a decision, what is the Id of a stored file. Raises FileNotFound, which names the field."""
    upload = _upload_in(stream.connection, storage_id)
    if upload is None or upload.file is None:
        raise FileNotFound(storage_id, field)


def url_until(log: EventLog, storage_id: str, expires_at: int) -> str:
    """A URL by which somebody without a key may have one file until then; to be put on an origin by ``on_origin``."""
    return f"{_url(storage_id)}?expires={expires_at}&signature={_signature(log, storage_id, str(expires_at))}"


def url_on_pages(log: EventLog, storage_id: str) -> str:
    """A file's URL for those who may read where it is shown; to be put on an origin by ``on_origin``.

    Always the same, so that a live answer does not change by itself. Where a ledger asks for keys, which an ``<img>`` has none of,
    it is signed for as long as the ledger keeps its secret: whoever is given the page's answer is given the file.
    """
    if not log.head_of(KEYS_PARTITION).sequence:
        return _url(storage_id)
    return f"{_url(storage_id)}?signature={_signature(log, storage_id, _FOR_EVER)}"


def _url(storage_id: str) -> str:
    return f"{ORIGIN}{FILE_PATH}/{storage_id}"


def _signature(log: EventLog, storage_id: str, expires: str) -> str:
    return log.signer.sign(_PURPOSE, storage_id, expires)


FUNCTIONS: Final = (
    _upload_url("generate:generateUploadUrl", "write:images"),
    _upload_url("videos:generateUploadUrl", "write:videos"),
    _upload_url("screenshots:generateUploadUrl", "write:recordings"),
)
