"""Who calls: the key in ``Authorization``, where this ledger asks for one."""

from typing import Final
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.api.asgi import header, respond_problem
from ledger.api.passes import Passes, pass_in
from ledger.api.problems import problem_of
from ledger.application.access import require_reader
from ledger.application.callbacks import PATH as CALLBACK_PATH
from ledger.application.files import FILE_PATHS, UPLOAD_PATH
from ledger.application.keyring import Keyring
from ledger.domain.keys import AccessKey
from ledger.domain.refusals import Unauthorized

OPEN_PATHS: Final = frozenset(
    {"/healthz", "/openapi.json", "/docs", "/api/functions", "/api.d.ts", "/api.js", "/api/query_ts"}
)
"""What anybody may see: that the server lives, what time it is there, and what every ledger's routes and functions are."""
ABOUT_ALL_SESSIONS: Final = frozenset({"/readyz", "/metrics"})
"""What is no function and still tells of the ledger."""
_SCHEMES: Final = frozenset({"bearer", "convex"})
_PLACE: Final = "ledger.access"
CALLBACKS: Final = f"{CALLBACK_PATH}/"
"""Where workers call back: what lets them in is the rest of the path."""


class KeyCheck:
    """ASGI middleware: what gets past it shows a good key, or needs none."""

    def __init__(self, app: ASGIApp, keyring: Keyring, passes: Passes) -> None:
        self._app = app
        self._keyring = keyring
        self._passes = passes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self.check(scope)
        except Exception as failure:  # noqa: BLE001  # where keys cannot be looked up nobody is let in, and is told why
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008, "reason": str(failure)[:120]})
                return
            problem = problem_of(failure)
            asking = [(b"www-authenticate", b"Bearer")] if problem.status == 401 else ()
            await respond_problem(send, problem, asking, path=scope["path"])
            return
        await self._app(scope, receive, send)

    def check(self, scope: Scope) -> None:
        """Leave the caller's key in the scope, where one is needed. Raises what it is refused with."""
        if self._keyring.is_needed() and not _is_open(scope):
            scope[_PLACE] = self._let_in(scope)

    def _let_in(self, scope: Scope) -> AccessKey:
        token = pass_in(scope)
        if token is not None:
            return self._passes.holder(token, has_begun=_PLACE in scope)
        scheme, _, shown = (header(scope, b"authorization") or "").partition(" ")
        if scheme.lower() not in _SCHEMES:
            raise Unauthorized("this ledger asks for a key: send `Authorization: Bearer KEY`")
        key = self._keyring.holder(shown.strip())
        if scope["path"] in ABOUT_ALL_SESSIONS:
            require_reader(key)
        return key


def access_of(scope: Scope) -> AccessKey | None:
    """The key that let a request in, None where none is needed."""
    key: AccessKey | None = scope.get(_PLACE)
    return key


def signature_of(scope: Scope) -> str | None:
    """What stands in a file's URL for a key. Its door lets nobody have the file by one that is not good."""
    given = parse_qs(scope["query_string"].decode("latin-1")).get("signature")
    return given[0] if given else None


def _is_open(scope: Scope) -> bool:
    """Whether a request is let in without a key: because anybody is, or because its URL says what it is for."""
    path = scope["path"]
    if path in OPEN_PATHS or path == UPLOAD_PATH or path.startswith(CALLBACKS):
        return True
    return path.rpartition("/")[0] in FILE_PATHS and signature_of(scope) is not None
