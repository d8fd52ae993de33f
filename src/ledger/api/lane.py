"""The express lane: how a plain mutation or a brief question is answered straight from its connection, without a task and ASGI's
messages.

Only the way is shorter. Guard, check of keys and door judge by the same methods on either way; what one of them objects to, and
whatever is unusual, goes the long way, and hears there what is wrong with it.
"""

from collections.abc import Callable
from typing import Final

from starlette.types import Scope

from ledger.api.asgi import Reply, header
from ledger.api.contract import ContractDoor
from ledger.api.guard import Guard
from ledger.api.keys import KeyCheck
from ledger.api.streams.door import StreamDoor

LANE_BYTES_MAX: Final = 64 * 1024
"""A longer body goes the long way, which knows when to stop reading."""
_NOWHERE: Final[dict[bytes, str]] = {}


class ExpressLane:
    def __init__(
        self, guard: Guard, keys: KeyCheck, streams: StreamDoor, contract: ContractDoor, body_bytes_max: int
    ) -> None:
        self._guard = guard
        self._keys = keys
        self._streams = streams
        self._contract = contract
        self._bytes_max = min(LANE_BYTES_MAX, body_bytes_max)
        self.paths = {
            b"POST": {path.encode(): path for path in contract.mutation_paths()},
            b"GET": {path.encode(): path for path in contract.brief_paths()},
        }
        """Where it leads to, by method and as a request's line has it."""

    def leads_to(self, scope: Scope, method: bytes, url: bytes) -> bool:
        """Whether a request with this first line, and the headers in its scope, may go this way; the scope then says where to."""
        place, _, query = url.partition(b"?")
        path = self.paths.get(method, _NOWHERE).get(place)
        if path is None or b"#" in query:
            return False
        scope["method"], scope["path"], scope["query_string"] = method.decode(), path, query
        length = header(scope, b"content-length")
        if method == b"GET":
            return length is None and header(scope, b"transfer-encoding") is None
        return length is not None and length.isdecimal() and int(length) <= self._bytes_max

    def take(self, scope: Scope, body: bytes, answer: Callable[[Reply], None]) -> bool:
        """Whether a request to one of ``paths`` is under way; ``answer`` is called on the event loop when it is over, or at once.

        Where it is not, nothing of it was begun.
        """
        if header(scope, b"origin") is not None:  # a browser's page needs other headers in its answer
            return False
        try:
            if self._guard.objection(scope):
                return False
            self._keys.check(scope)
            if scope["method"] == "GET":
                return not self._streams.takes(scope) and self._contract.ask(scope, answer)
            self._contract.begin(scope, body, answer)
        except Exception:  # noqa: BLE001  # the long way fails in the same way, and says so
            return False
        return True
