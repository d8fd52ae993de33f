"""The few lines of ASGI that the hot routes speak themselves: headers in, a body within its limit, one response out."""

from collections.abc import Iterable
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from ledger.api.problems import RETRY_AFTER_SECONDS, Problem
from ledger.domain.refusals import Invalid

Header = tuple[bytes, bytes]
_JSON: Final[Header] = (b"content-type", b"application/json")


class BodyTooLargeError(Exception):
    """The body passed its limit; what follows of it is not read."""


def header(scope: Scope, name: bytes) -> str | None:
    """A request header's value, the first where it came more than once: UTF-8 where it is that, else Latin-1."""
    for key, value in scope["headers"]:
        if key == name:
            try:
                text: str = value.decode()
            except UnicodeDecodeError:
                text = value.decode("latin-1")
            return text
    return None


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


async def respond(send: Send, status: int, body: bytes, headers: Iterable[Header] = ()) -> None:
    """Send a whole JSON response."""
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": status,
        "headers": [_JSON, (b"content-length", str(len(body)).encode()), *headers],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def respond_problem(send: Send, problem: Problem, headers: Iterable[Header] = (), *, path: str = "") -> None:
    """Send a failure in the shape that is usual at a path; the contract's, where it does not matter."""
    retry = [(b"retry-after", str(RETRY_AFTER_SECONDS).encode())] if problem.status == 503 else []
    await respond(send, problem.status, problem.to_json(path), [*retry, *headers])


def require_json_content(scope: Scope) -> None:
    """Raises Invalid for a body that is said not to be JSON: no form of a hostile page can send it."""
    kind = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Invalid("Content-Type", f"must be application/json, not {kind or 'absent'}")
