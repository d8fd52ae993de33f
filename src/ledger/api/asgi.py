"""The few lines of ASGI that the hot routes speak themselves: headers in, a body within its limit, one response out."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from ledger.api.problems import RETRY_AFTER_SECONDS, Problem
from ledger.domain.refusals import Invalid

Header = tuple[bytes, bytes]
LAST_WORDS: Final = "ledger.last_words"
"""In the ``state`` of a request that is answered by a stream: what makes its last part of why it is ended."""
_BY_NAME: Final = "ledger.headers"
"""Where a scope keeps its headers by their names: a request is asked for half a dozen of them."""
_JSON: Final[Header] = (b"content-type", b"application/json")


class Reply(NamedTuple):
    """A whole JSON response, however it is sent."""

    status: int
    body: bytes
    headers: Sequence[Header] = ()

    def all_headers(self) -> list[Header]:
        return [_JSON, (b"content-length", str(len(self.body)).encode()), *self.headers]


class BodyTooLargeError(Exception):
    """The body passed its limit; what follows of it is not read."""


def header(scope: Scope, name: bytes) -> str | None:
    """A request header's value, the first where it came more than once: UTF-8 where it is that, else Latin-1."""
    value = _by_name(scope).get(name)
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def is_repeated(scope: Scope, name: bytes) -> bool:
    """Whether a request header came more than once."""
    headers = scope["headers"]
    return len(_by_name(scope)) < len(headers) and [named for named, _ in headers].count(name) > 1


def _by_name(scope: Scope) -> dict[bytes, bytes]:
    by_name: dict[bytes, bytes] | None = scope.get(_BY_NAME)
    if by_name is None:
        by_name = scope[_BY_NAME] = dict(reversed(scope["headers"]))
    return by_name


class CallerLeftError(Exception):
    """The connection ended inside the body: what came of it is no request, even where it could be read as one."""


async def body_of(scope: Scope, receive: Receive, bytes_max: int) -> bytes:
    """The whole body. Raises BodyTooLargeError as soon as it is known to be over the limit, or CallerLeftError."""
    announced = header(scope, b"content-length")
    if announced is not None and announced.isdecimal() and int(announced) > bytes_max:
        raise BodyTooLargeError
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerLeftError
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > bytes_max:
            raise BodyTooLargeError
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def respond(send: Send, status: int, body: bytes, headers: Sequence[Header] = ()) -> None:
    """Send a whole JSON response."""
    await send({"type": "http.response.start", "status": status, "headers": Reply(status, body, headers).all_headers()})
    await send({"type": "http.response.body", "body": body})


def reply_of(problem: Problem, headers: Iterable[Header] = (), *, path: str = "") -> Reply:
    """A failure in the shape that is usual at a path; the contract's, where it does not matter."""
    retry = [(b"retry-after", str(RETRY_AFTER_SECONDS).encode())] if problem.status == 503 else []
    return Reply(problem.status, problem.to_json(path), [*retry, *headers])


async def respond_problem(send: Send, problem: Problem, headers: Iterable[Header] = (), *, path: str = "") -> None:
    """Send a failure, as ``reply_of`` puts it."""
    await respond(send, *reply_of(problem, headers, path=path))


def require_json_content(scope: Scope) -> None:
    """Raises Invalid for a body that is said not to be JSON: no form of a hostile page can send it."""
    said = header(scope, b"content-type") or ""
    if said == "application/json":
        return
    kind = said.partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Invalid("Content-Type", f"must be application/json, not {kind or 'absent'}")
