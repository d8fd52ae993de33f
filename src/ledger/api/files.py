"""Files over HTTP: brought to the URL that a function handed out, had by their ``storageId``.

What comes is written while it comes and what goes is read while it goes, a chunk at a time, whatever the size. What was brought is
somebody's, and may be a page with a script in it: it is served so that no browser runs it, and shown only where it is media.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.api.asgi import CallerLeftError, Header, header, respond, respond_problem
from ledger.api.keys import access_of, signature_of
from ledger.api.problems import Problem, problem_of
from ledger.api.ranges import Range, UnsatisfiableError, range_of
from ledger.application.access import require_reader
from ledger.application.files import FILE_PATHS, UPLOAD_PATH, Files
from ledger.application.receiving import Receiving
from ledger.domain.files import StoredFile
from ledger.domain.refusals import TokenUnknown
from ledger.storage.store import CHUNK_BYTES

THREADS: Final = 16
"""How many files are on their way to or from the disk at the same moment; more wait for their next chunk."""
MEDIA: Final = ("image/", "video/", "audio/")
"""What a browser shows in place. Everything else it saves: only scripts and styles could do harm, and media hold none."""
_SCRIPTED_MEDIA: Final = ("image/svg",)
_AGE_SECONDS: Final = 365 * 24 * 60 * 60
_HARMLESS: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"referrer-policy", b"no-referrer"),
)


class FileDoor:
    """ASGI middleware that takes and gives files, and passes on everything else."""

    def __init__(self, app: ASGIApp, files: Files) -> None:
        self._app = app
        self._files = files
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="files")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        storage_id = storage_id_in(scope["path"]) if scope["type"] == "http" else None
        if storage_id is None:
            await self._app(scope, receive, send)
            return
        try:
            if scope["path"] == UPLOAD_PATH:
                await self._take(scope, receive, send)
            else:
                await self._give(storage_id, scope, send)
        except CallerLeftError:
            return
        except Exception as failure:  # noqa: BLE001  # what nobody foresaw is told as "internal", its trace logged
            await respond_problem(send, problem_of(failure), path=scope["path"])

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await _refuse_method(scope, send, "POST")
            return
        token = _parameter(scope, "token")
        if token is None:
            raise TokenUnknown()
        loop = asyncio.get_running_loop()
        with ExitStack() as closing:

            def begin() -> Receiving:
                return closing.enter_context(self._files.receiving(token))

            receiving = await loop.run_in_executor(self._threads, begin)
            announced = header(scope, b"content-length")
            if announced is not None:
                receiving.require_size(int(announced))
            await self._fill(receiving, receive)
            kind, digest = header(scope, b"content-type"), header(scope, b"digest")
            storage_id = await loop.run_in_executor(self._threads, receiving.finish, kind, digest)
        await respond(send, 200, f'{{"storageId":"{storage_id}"}}'.encode())

    async def _fill(self, receiving: Receiving, receive: Receive) -> None:
        """Write what comes, one chunk while the next one arrives."""
        loop = asyncio.get_running_loop()
        writing: asyncio.Future[None] | None = None
        parts: list[bytes] = []
        size, more = 0, True
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise CallerLeftError
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                more = message.get("more_body", False)
                if size >= CHUNK_BYTES or not more:
                    if writing is not None:
                        await writing
                    writing = loop.run_in_executor(self._threads, receiving.write, b"".join(parts))
                    parts, size = [], 0
        finally:
            # Whatever happened, nobody may be writing any longer when the upload is given up.
            if writing is not None:
                await writing

    async def _give(self, storage_id: str, scope: Scope, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _refuse_method(scope, send, "GET, HEAD")
            return
        loop = asyncio.get_running_loop()
        signature = signature_of(scope)
        if signature is None:
            require_reader(access_of(scope))
        else:
            expires = _parameter(scope, "expires") or ""
            await loop.run_in_executor(self._threads, self._files.require_signed, storage_id, expires, signature)
        file = await loop.run_in_executor(self._threads, self._files.find, storage_id)
        headers = headers_of(file)
        if header(scope, b"if-none-match") in (etag_of(file).decode(), "*"):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body"})
            return
        try:
            wanted = self._range(file, scope)
        except UnsatisfiableError as failure:
            problem = Problem("invalid", str(failure), {"field": "Range", "size": file.size})
            await respond(send, 416, problem.to_json(scope["path"]), [(b"content-range", b"bytes */%d" % file.size)])
            return
        part = wanted or Range(0, file.size)
        chunks = await loop.run_in_executor(self._threads, self._files.read, file, part.start, part.end)
        headers.append((b"content-length", b"%d" % (part.end - part.start)))
        if wanted is not None:
            headers.append((b"content-range", b"bytes %d-%d/%d" % (part.start, part.end - 1, file.size)))
        await send({"type": "http.response.start", "status": 206 if wanted else 200, "headers": headers})
        await self._pour(chunks if scope["method"] == "GET" else iter(()), send)

    async def _pour(self, chunks: Iterator[bytes], send: Send) -> None:
        """Send what is read, one chunk while the next one is fetched."""
        loop = asyncio.get_running_loop()
        fetching = loop.run_in_executor(self._threads, next, chunks, b"")
        while chunk := await fetching:
            fetching = loop.run_in_executor(self._threads, next, chunks, b"")
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})

    @staticmethod
    def _range(file: StoredFile, scope: Scope) -> Range | None:
        asked, on_condition = header(scope, b"range"), header(scope, b"if-range")
        if asked is None or on_condition not in (None, etag_of(file).decode()):
            return None
        return range_of(asked, file.size)


def storage_id_in(path: str) -> str | None:
    """The last part of a path under which files are brought or had; None for every other path."""
    folder, _, name = path.rpartition("/")
    return name if folder in FILE_PATHS else None


def etag_of(file: StoredFile) -> bytes:
    return f'"{file.sha256}"'.encode()


def headers_of(file: StoredFile) -> list[Header]:
    """What goes with a file, whichever part of it."""
    kind = file.content_type.lower()
    is_shown = kind.startswith(MEDIA) and not kind.startswith(_SCRIPTED_MEDIA)
    return [
        (b"content-type", file.content_type.encode("latin-1")),
        (b"content-disposition", b"inline" if is_shown else b"attachment"),
        (b"accept-ranges", b"bytes"),
        (b"etag", etag_of(file)),
        (b"cache-control", b"private, max-age=%d, immutable" % _AGE_SECONDS),
        *_HARMLESS,
    ]


def _parameter(scope: Scope, name: str) -> str | None:
    given = parse_qs(scope["query_string"].decode("latin-1")).get(name)
    return given[0] if given else None


async def _refuse_method(scope: Scope, send: Send, allowed: str) -> None:
    message = f"{scope['path']} takes {allowed}, not {scope['method']}"
    problem = Problem("invalid", message, {"allow": allowed})
    await respond(send, 405, problem.to_json(scope["path"]), [(b"allow", allowed.encode())])
