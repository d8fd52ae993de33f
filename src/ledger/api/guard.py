"""The guard: a hostile page in somebody's browser can neither write nor read, with keys or without.

An Origin must be a loopback one or be listed. A POST must be JSON, which no form can send, and which makes a browser ask
first. Without keys Host must be a loopback name as well, or a page could point a name of its own at this machine (DNS
rebinding); with them such a page has no key.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.api.asgi import Header, header, is_repeated, respond_problem
from ledger.api.problems import Problem
from ledger.application.keyring import Keyring

ALLOWED_HEADERS: Final = (
    "authorization, content-type, convex-client, digest, idempotency-key, if-range, ledger-actor, ledger-at-least, last-event-id,"
    " range"
)
EXPOSED_HEADERS: Final = "Accept-Ranges, Content-Range, ETag, Ledger-Position, Ledger-Stale, Ledger-Parked, Retry-After"
_PREFLIGHT_SECONDS: Final = 600
_AUTHORITY: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?", re.IGNORECASE | re.ASCII)
"""A name or an address, and perhaps a port; nothing of what else a URL might hide one behind."""


@lru_cache(maxsize=256)  # every request brings one, and they are always the same few
def is_loopback(name: str | None) -> bool:
    """Whether a host name can only mean this machine."""
    if name is None:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=256)
def _host_name(authority: str) -> str | None:
    found = _AUTHORITY.fullmatch(authority)
    return (found[1] or found[2]).lower() if found else None


class Guard:
    """ASGI middleware around everything the server answers."""

    def __init__(
        self, app: ASGIApp, keyring: Keyring, allowed_origins: Iterable[str] = (), public_url: str | None = None
    ) -> None:
        """``public_url`` is the origin of a proxy before this server, by which others reach it."""
        self._app = app
        self._keyring = keyring
        self._public = urlsplit(public_url or "")
        self._allowed_origins = frozenset(origin.rstrip("/") for origin in allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith("//"):  # what a client asks for whose URL of this server ends in a slash
            scope = {**scope, "path": f"/{scope['path'].lstrip('/')}"}
        if self._public.netloc and self._public.netloc.lower() == (header(scope, b"host") or "").lower():
            # What the proxy speaks with others, and not what it speaks with this server.
            scheme = self._public.scheme if scope["type"] == "http" else self._public.scheme.replace("http", "ws")
            scope = {**scope, "scheme": scheme}
        origin = header(scope, b"origin")
        if objection := self.objection(scope):
            await self._refuse(scope, send, objection)
        elif scope["type"] == "websocket" or origin is None:
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method"):
            await send({"type": "http.response.start", "status": 204, "headers": _preflight(origin)})
            await send({"type": "http.response.body"})
        else:
            await self._app(scope, receive, _exposing(send, origin))

    def objection(self, scope: Scope) -> str | None:
        """Why a request is turned away; None where it may come in."""
        host, origin = header(scope, b"host"), header(scope, b"origin")
        if is_repeated(scope, b"host"):
            return "Host: is given more than once"
        name = _host_name(host or "")
        if host is not None and name is None:
            return f"Host: {host!r} is no name of a host"
        if not is_loopback(name) and not self._keyring.is_needed():
            return f"Host: {host!r} is no loopback name, and this server has no keys"
        if origin is not None and not self._is_allowed(origin):
            return f"Origin: {origin!r} is not allowed; list it with --allow-origin"
        return None

    def _is_allowed(self, origin: str) -> bool:
        if origin in self._allowed_origins:
            return True
        scheme, _, authority = origin.partition("://")
        return scheme in ("http", "https") and is_loopback(_host_name(authority))

    async def _refuse(self, scope: Scope, send: Send, message: str) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": message[:120]})
        else:
            await respond_problem(send, Problem("forbidden", message, {}), path=scope["path"])


def _mirrored(origin: str) -> list[Header]:
    return [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]


def _preflight(origin: str) -> list[Header]:
    return [
        *_mirrored(origin),
        (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
        (b"access-control-allow-headers", ALLOWED_HEADERS.encode()),
        (b"access-control-max-age", str(_PREFLIGHT_SECONDS).encode()),
    ]


def _exposing(send: Send, origin: str) -> Send:
    async def exposing(message: Message) -> None:
        if message["type"] == "http.response.start":
            exposed = [*_mirrored(origin), (b"access-control-expose-headers", EXPOSED_HEADERS.encode())]
            message = {**message, "headers": [*message["headers"], *exposed]}
        await send(message)

    return exposing
