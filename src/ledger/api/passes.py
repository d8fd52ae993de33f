"""Passes: for a minute they stand for a key, in the address of a stream. A browser's ``EventSource`` sends no header."""

from collections.abc import Callable
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.types import Scope

from ledger.api.asgi import header
from ledger.application.keyring import Keyring
from ledger.domain.keys import AccessKey
from ledger.domain.refusals import Unauthorized
from ledger.log.signing import Signer

PASS_MS: Final = 60_000
PARAMETER: Final = "token"
_PURPOSE: Final = "pass"
_PATHS: Final = frozenset({"/production/session/stream"})


class Passes:
    """Signed with the ledger's own secret: whichever of its servers has issued one, each lets its bearer in."""

    def __init__(self, keyring: Keyring, signer: Callable[[], Signer], clock: Callable[[], int]) -> None:
        """``clock`` gives milliseconds since the epoch."""
        self._keyring = keyring
        self._signer = signer
        self._clock = clock

    def issue(self, key: AccessKey) -> tuple[str, int]:
        """A pass of a key's holder, and when it ends, in milliseconds since the epoch."""
        until = self._clock() + PASS_MS
        return f"{until}.{key.sha256}.{self._signed(until, key.sha256)}", until

    def holder(self, token: str, *, has_begun: bool) -> AccessKey:
        """The key that a pass stands for, or a trusted issuer's token. Raises Unauthorized where it is none, or was revoked.

        A stream that ``has_begun`` in time goes on for as long as its key is good, or until the issuer's token runs out.
        """
        if self._keyring.issuer is not None and not token[:1].isdigit():
            return self._keyring.issuer.holder(token, self._clock() / 1_000)
        until, _, rest = token.partition(".")
        sha256, _, signature = rest.partition(".")
        if not compare_digest(self._signed(until, sha256).encode(), signature.encode()):
            raise Unauthorized("the token in the address is none of this ledger's")
        if not has_begun and self._clock() > int(until):
            raise Unauthorized("the token in the address has run out; ask for another at `POST /ledger/pass`")
        return self._keyring.holder_of(sha256)

    def _signed(self, until: object, sha256: str) -> str:
        return self._signer().sign(_PURPOSE, until, sha256)


class Pass(BaseModel):
    """What stands for a key in the address of a stream, and when it ends, in milliseconds since the epoch."""

    token: str
    expiresAt: int  # noqa: N815  # as it is answered


class Passed(BaseModel):
    ok: bool = True
    result: Pass


def pass_in(scope: Scope) -> str | None:
    """The token in the address of what is asked for as a stream; None where there is none, or where a header says more."""
    if scope["type"] != "http" or scope["method"] != "GET" or header(scope, b"authorization") is not None:
        return None
    if scope["path"] not in _PATHS and "text/event-stream" not in (header(scope, b"accept") or ""):
        return None
    given = parse_qs(scope["query_string"].decode("latin-1")).get(PARAMETER)
    return given[0] if given else None


def pass_routes(passes: Passes, access_of: Callable[[Scope], AccessKey | None]) -> APIRouter:
    """``POST /ledger/pass``, for the holder of a key."""
    routes = APIRouter(tags=["keys"])

    @routes.post(
        "/ledger/pass", summary="A token that stands for the caller's key in the address of a stream, for a minute."
    )
    def issue(request: Request) -> Passed:
        key = access_of(request.scope)
        if key is None or not key.sha256:
            raise Unauthorized("a pass stands for a key of this ledger: send `Authorization: Bearer KEY`")
        token, until = passes.issue(key)
        return Passed(result=Pass(token=token, expiresAt=until))

    return routes
